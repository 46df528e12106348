"""Decisions that come at the same instant (faults F5 and F14 of flows.md 3)."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from trellis.engine.approvals.work import Answer, Task
from trellis.engine.errors import ConflictError
from trellis.engine.flows.running import person_of

from tests.integration.engine.approvals.conftest import Votes

ROUNDS = 1_000 if os.environ.get("TRELLIS_TEST_FULL") else 6


def together(votes: Votes, *moves: tuple[str, Task | None, Answer]) -> list[str]:
    """Let people decide at once; return what each got: `ok`, or the code of the refusal.

    What is done to no seat is done to the instance.
    """
    barrier, instance = Barrier(len(moves)), votes.case().id

    def move(login: str, task: Task | None, answer: Answer) -> str:
        barrier.wait()
        try:
            with votes.writing(login) as tx:
                runner = votes.app.flows.runner(tx)
                if task is not None:
                    runner.act(task.id, person_of(tx), answer)
                else:
                    runner.steer(instance, person_of(tx), answer, admin=False)
        except ConflictError as error:
            return error.code
        return "ok"

    with ThreadPoolExecutor(len(moves)) as pool:
        return [done.result() for done in [pool.submit(move, *one) for one in moves]]


def acts(votes: Votes) -> Counter[str]:
    """Return how often each action stands in the history."""
    return Counter(action for _, action in votes.history())


def seat(votes: Votes, login: str) -> Task:
    return next(task for task in votes.mine(login) if task.instance_id == votes.case().id)


def answer(action: str, **given: Any) -> Answer:
    return Answer(action, comment="now", **given)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_one_of_two_answers_to_a_seat_counts(votes: Votes, number: int) -> None:
    votes.claim("all", "v1 v2")
    mine = seat(votes, "v1")

    got = together(
        votes,
        ("v1", mine, answer("approve", request_id="tab one", rev=mine.rev)),
        ("v1", mine, answer("reject", request_id="tab two", rev=mine.rev)),
    )

    assert sorted(got) == ["ALREADY_DECIDED", "ok"]
    assert sum(acts(votes)[one] for one in ("approve", "reject")) == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_the_last_two_seats_decide_once(votes: Votes, number: int) -> None:
    votes.claim("all", "v1 v2")
    first, second = seat(votes, "v1"), seat(votes, "v2")

    got = together(votes, ("v1", first, answer("approve")), ("v2", second, answer("approve")))

    assert got == ["ok", "ok"]
    assert acts(votes) == Counter(approve=2, close=1)
    assert (str(votes.case().state), votes.open()) == ("done", "")


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_double_click_counts_once_and_gets_the_same_answer(votes: Votes, number: int) -> None:
    votes.claim("all", "v1 v2")
    mine = seat(votes, "v1")
    click = answer("approve", request_id="click", rev=mine.rev)

    got = together(votes, ("v1", mine, click), ("v1", mine, click))

    assert got == ["ok", "ok"]
    assert acts(votes) == Counter(approve=1)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_decision_and_taking_it_back_never_both_count(votes: Votes, number: int) -> None:
    votes.claim("seq", "v1 v2")
    mine = seat(votes, "v1")
    votes.do("v1 approve")
    theirs = seat(votes, "v2")

    got = together(votes, ("v1", mine, answer("take_back")), ("v2", theirs, answer("approve")))

    assert Counter(got) in (
        Counter({"ok": 1, "TOO_LATE": 1}),
        Counter({"ok": 1, "ALREADY_DECIDED": 1}),
    )
    assert votes.open() == ("v1" if got[0] == "ok" else "")


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_decision_and_a_withdrawal_never_both_count(votes: Votes, number: int) -> None:
    votes.claim("all", "v1 v2")
    mine = seat(votes, "v1")

    got = together(votes, ("v1", mine, answer("approve")), ("ann", None, answer("withdraw")))

    assert got in (["ok", "TOO_LATE"], ["ALREADY_DECIDED", "ok"])
    assert str(votes.case().state) == ("running" if got[0] == "ok" else "cancelled")
