"""Returns, taking back, withdrawal and what administrators do: rows of flows.md 2.9."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trellis.engine.approvals.work import Answer
from trellis.engine.errors import EngineError
from trellis.engine.flows.running import person_of
from trellis.engine.flows.state import Case

from tests.integration.engine.approvals.conftest import Votes

TO_C = ["ann complete", "v1 approve"]
#: name, kind, amount, voters of `c`, steps, who may act then, the record's state (None: any).
CASES = [
    ("return to previous", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 return target=previous"], "v1@b", "asked"),
    ("return without a target is to the previous", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 return"], "v1@b", "asked"),
    ("one person suffices", 50_00, "chain", "v2 v3",
     [*TO_C, "v3 approve", "v2 return target=a"], "ann@a", "fixing"),
    ("return to the start: the requester has it", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 return target=start"], "ann@s", "asked"),
    ("return to the start and again", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 return target=start", "ann resubmit"], "ann@a", "fixing"),
    ("return to any node passed, replayed", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 return target=a", "ann complete"], "v1@b", "asked"),
    ("replayed to the end: votes count no more", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 approve", "v3 return target=a", "ann complete", "v1 approve"],
     "v2@c v3@c", "asked"),
    ("direct", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 return target=a resume=direct", "ann complete"], "v2@c v3@c", None),
    ("direct keeps votes", 50_00, "chain", "v2 v3",
     [*TO_C, "v3 approve", "v2 return target=a resume=direct", "ann complete"], "v2@c", None),
    ("direct from the start", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 return target=start resume=direct", "ann resubmit"], "v2@c v3@c", None),
    ("direct refused: the amount changes the route", 50_00, "chain", "v2",
     [*TO_C, "v2 return target=a resume=direct", "set amount=5.00", "ann complete"],
     "v1@b", "asked"),
    ("direct refused: a watched field changed", 50_00, "chain", "v2",
     [*TO_C, "v2 return target=a resume=direct", "set name=other", "ann complete"],
     "v1@b", "asked"),
    ("returned twice, then directly back twice", 50_00, "chain", "v2",
     [*TO_C, "v2 return target=b resume=direct", "v1 return target=a resume=direct",
      "ann complete"], "v1@b", None),
    ("returned twice, then directly back to the last", 50_00, "chain", "v2",
     [*TO_C, "v2 return target=b resume=direct", "v1 return target=a resume=direct",
      "ann complete", "v1 approve"], "v2@c", None),
    ("a replay takes the direct way above it off", 50_00, "chain", "v2",
     [*TO_C, "v2 return target=b resume=direct", "v1 return target=a resume=replay",
      "ann complete", "v1 approve"], "v2@c", "asked"),
    ("only to the targets named", 0, "limits", "",
     ["ann complete", "v1 return target=start !NOT_A_TARGET", "v1 return target=a"],
     "ann@a", None),
    ("a node not passed is no target", 50_00, "chain", "v2",
     [*TO_C, "v2 return target=d !NOT_A_TARGET"], "v2@c", None),
    ("inside a block, to before it: refused", 0, "fork", "",
     ["ann complete", "v1 return target=a !PARALLEL_ACTIVE"], "v1@left v5@right", None),
    ("inside a block, to before it: the siblings go", 0, "fork_cancel", "",
     ["ann complete", "v1 return target=a"], "ann@a", None),
    ("inside a block, siblings gone, and again", 0, "fork_cancel", "",
     ["ann complete", "v1 return target=a", "ann complete"], "v1@left v5@right", None),
    ("a block that was left is no target", 0, "fork", "",
     ["ann complete", "v1 approve", "v5 complete", "v2 return target=left !NOT_A_TARGET",
      "v2 return"], "ann@a", None),
    ("take back in time", 50_00, "chain", "v2 v3", [*TO_C, "v1 take_back"], "v1@b", None),
    ("take back what led to a task", 5_00, "chain", "", [*TO_C, "v1 take_back"], "v1@b", None),
    ("take back, and decide again", 5_00, "chain", "",
     [*TO_C, "v1 take_back", "v1 approve"], "v5@d", None),
    ("take back after others went on", 50_00, "chain", "v2 v3",
     [*TO_C, "v2 approve", "v1 take_back !TOO_LATE"], "v3@c", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "kind", "people", "steps", "left", "status"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_flow_goes_back(
    votes: Votes, amount: int, kind: str, people: str, steps: list[str], left: str,
    status: str | None,
) -> None:  # fmt: skip
    votes.claim(kind, people, amount=amount)

    for step in steps:
        if step.startswith("set "):
            name, _, value = step.removeprefix("set ").partition("=")
            votes.edit("ann", **{name: value})
        else:
            votes.do(step)

    assert " ".join(sorted(votes.open().split())) == left
    assert status in (None, votes.record()["status"])


def test_a_flow_returned_without_end_needs_a_person(votes: Votes) -> None:
    votes.claim("limits")

    for _ in range(21):
        votes.do("ann complete", "v1 return target=a")

    assert (str(votes.case().state), "more than 20" in str(votes.case().incident)) == (
        "incident", True,
    )  # fmt: skip


def steer(votes: Votes, login: str, action: str, **given: Any) -> Case:
    people = tuple(votes.ids[one] for one in given.pop("people", "").split())
    answer = Answer(action, people=people, comment=given.pop("comment", "why"), **given)
    with votes.writing(login) as tx:
        runner, person = votes.app.flows.runner(tx), person_of(tx)
        if action == "resubmit":
            return runner.resubmit(votes.case().id, person, answer)
        admin = "flow_admin" in person.roles
        return runner.steer(votes.case().id, person, answer, admin=admin)


def refused(votes: Votes, login: str, action: str, **given: Any) -> str:
    with pytest.raises(EngineError) as caught:
        steer(votes, login, action, **given)
    return caught.value.code


def test_who_asked_withdraws_before_the_first_decision_and_asks_again(votes: Votes) -> None:
    votes.claim("chain", "v2", amount=50_00)
    votes.do("ann complete")

    withdrawn = steer(votes, "ann", "withdraw")
    status = votes.record()["status"]
    again = steer(votes, "ann", "resubmit")
    twice = steer(votes, "ann", "resubmit") if again.previous is None else again

    assert (str(withdrawn.state), status, again.previous) == ("cancelled", "draft", withdrawn.id)
    assert (twice.id, votes.open()) == (again.id, "ann@a")


def test_what_is_decided_is_withdrawn_no_more(votes: Votes) -> None:
    votes.claim("all", "v1 v2")
    votes.do("v1 approve")

    assert refused(votes, "ann", "withdraw") == "TOO_LATE"
    assert refused(votes, "bob", "withdraw") == "NOT_YOURS"


def test_what_came_back_to_who_asked_may_be_withdrawn(votes: Votes) -> None:
    votes.claim("chain", "v2", amount=50_00)
    votes.do(*TO_C, "v2 return target=start")

    assert str(steer(votes, "ann", "withdraw").state) == "cancelled"


def test_people_are_urged_once_an_hour_and_three_times_a_day(votes: Votes) -> None:
    votes.claim("all", "v1 v2")
    steer(votes, "ann", "urge")

    assert refused(votes, "ann", "urge") == "TOO_OFTEN"
    for _ in range(2):
        votes.clock.advance(timedelta(hours=1))
        steer(votes, "ann", "urge")
    votes.clock.advance(timedelta(hours=1))
    assert refused(votes, "ann", "urge") == "TOO_OFTEN"
    votes.do("v1 approve", "v2 approve")
    assert refused(votes, "ann", "urge") == "INSTANCE_NOT_RUNNING"


def test_a_copy_goes_to_each_once_and_not_to_who_decides(votes: Votes) -> None:
    votes.claim("all", "v1 v2")

    steer(votes, "ann", "cc", people="v1 v3 v4")
    steer(votes, "ann", "cc", people="v3")

    copies = [task.holder for task in votes.work() if task.kind == "copy"]
    assert sorted(map(str, copies)) == sorted([votes.ids["v3"], votes.ids["v4"]])


def test_a_question_blocks_nothing_and_is_answered(votes: Votes) -> None:
    votes.claim("any", "v1")
    votes.do("v1 ask people=v3", "v3 reply comment=yes", "v1 approve")

    assert votes.history() == [
        ("v1", "ask"), ("v3", "reply"), ("v1", "approve"), ("system", "close"),
    ]  # fmt: skip


ADMIN = [
    ("reassign", {"people": "v4"}, "running", "v4"),
    ("skip", {}, "done", ""),
    ("force", {"outcome": "approve"}, "done", ""),
    ("force", {"outcome": "reject"}, "rejected", ""),
    ("jump", {"target": "e"}, "done", ""),
    ("suspend", {}, "suspended", "v1"),
    ("cancel", {}, "cancelled", ""),
]


@pytest.mark.parametrize(("action", "given", "state", "left"), ADMIN)
def test_an_administrator_steps_in_with_a_reason(
    votes: Votes, action: str, given: dict[str, Any], state: str, left: str
) -> None:
    votes.claim("any", "v1")

    assert refused(votes, "ann", action, **given) == "NOT_ALLOWED"
    assert refused(votes, "fay", action, comment=" ", **given) == "INVALID"
    case = steer(votes, "fay", action, **given)

    assert (str(case.state), votes.open()) == (state, left)
    assert ("fay", action) in votes.history()


def test_what_is_suspended_waits_and_is_due_later(votes: Votes) -> None:
    votes.claim("any", "v1")
    due = votes.clock.moment + timedelta(hours=8)
    steer(votes, "fay", "change_due", due=due)
    steer(votes, "fay", "suspend")
    votes.do("v1 approve !INSTANCE_NOT_RUNNING")
    votes.clock.advance(timedelta(hours=3))

    steer(votes, "fay", "resume")

    assert [task.due_at for task in votes.work()] == [due + timedelta(hours=3, seconds=1)]
    votes.do("v1 approve")


def test_the_record_is_looked_at_again_when_another_changed_it(votes: Votes) -> None:
    votes.claim("any", "v1")
    (seat,) = votes.mine("v1")
    seen = 1
    votes.edit("bob", note="changed")

    with pytest.raises(EngineError) as caught:
        votes.answer("v1", seat, "approve", record_rev=seen)
    votes.answer("v1", seat, "approve", record_rev=seen + 1)

    assert caught.value.code == "RECORD_CHANGED"


def test_the_same_request_gets_the_first_answer_and_another_a_refusal(votes: Votes) -> None:
    votes.claim("all", "v1 v2")
    (seat,) = votes.mine("v1")
    moved = {"people": (votes.ids["v3"],), "request_id": "r1"}
    votes.answer("v1", seat, "transfer", **moved)

    votes.answer("v1", seat, "transfer", **moved)

    with pytest.raises(EngineError) as caught:
        votes.answer("v1", seat, "approve", request_id="r2")
    assert caught.value.code == "ALREADY_DECIDED"
    assert caught.value.details[0]["by"] == votes.ids["v1"]
    assert votes.history() == [("v1", "transfer")]
