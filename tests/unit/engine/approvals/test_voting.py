"""What votes decide, row by row of flows.md 2.3 and 2.9."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trellis.engine.approvals.voting import (
    Mode,
    SeatState,
    Verdict,
    VotingRule,
    rule_problem,
    seats_to_open,
    verdict,
)

LETTERS = {
    "w": SeatState.WAITING,
    "o": SeatState.OPEN,
    "a": SeatState.APPROVED,
    "r": SeatState.REJECTED,
    "b": SeatState.ABSTAINED,
    "c": SeatState.CANCELLED,
    "s": SeatState.SKIPPED,
}
ANY = VotingRule(Mode.ANY)
ANY_REJECT_ALL = VotingRule(Mode.ANY, reject_all=True)
ALL = VotingRule(Mode.ALL)
ALL_NO_VETO = VotingRule(Mode.ALL, veto=False)
SEQ = VotingRule(Mode.SEQ)


def percent(number: int, *, over: bool = False, wait_all: bool = False) -> VotingRule:
    return VotingRule(Mode.VOTE, percent=number, over=over, wait_all=wait_all)


@pytest.mark.parametrize(
    ("rule", "votes", "expected"),
    [
        (ANY, "oo", None),
        (ANY, "ao", Verdict.APPROVED),
        (ANY, "ro", Verdict.REJECTED),
        (ANY_REJECT_ALL, "ro", None),
        (ANY_REJECT_ALL, "rr", Verdict.REJECTED),
        (ANY_REJECT_ALL, "ra", Verdict.APPROVED),
        (ALL, "ao", None),
        (ALL, "aa", Verdict.APPROVED),
        (ALL, "ro", Verdict.REJECTED),
        (ALL, "ab", Verdict.APPROVED),
        (ALL_NO_VETO, "ro", None),
        (ALL_NO_VETO, "ra", Verdict.REJECTED),
        (SEQ, "aow", None),
        (SEQ, "arw", Verdict.REJECTED),
        (SEQ, "aba", Verdict.APPROVED),
        (percent(60), "aaaoo", Verdict.APPROVED),
        (percent(60), "aaooo", None),
        (percent(50), "aaooo", None),
        (percent(50), "aaaoo", Verdict.APPROVED),
        (percent(50, over=True), "aaoo", None),
        (percent(100), "aaaao", None),
        (percent(100), "aaaar", Verdict.REJECTED),
        (percent(60), "rrroo", Verdict.REJECTED),
        (percent(50), "abb", Verdict.APPROVED),
        (percent(60, wait_all=True), "aaaoo", None),
        (percent(60), "aaaooo", None),
        (VotingRule(Mode.VOTE, count=2), "aoo", None),
        (VotingRule(Mode.VOTE, count=2), "aao", Verdict.APPROVED),
        (VotingRule(Mode.VOTE, count=2), "arr", Verdict.REJECTED),
        (ALL, "bb", Verdict.REJECTED),
        (percent(50), "bbb", Verdict.REJECTED),
        (ALL, "ss", Verdict.SKIPPED),
        (ALL, "as", Verdict.APPROVED),
        (ALL, "ac", Verdict.APPROVED),
    ],
)
def test_votes_decide_as_the_mode_says(
    rule: VotingRule, votes: str, expected: Verdict | None
) -> None:
    assert verdict(rule, [LETTERS[vote] for vote in votes]) is expected


RULES = st.one_of(
    st.builds(VotingRule, st.just(Mode.ANY), reject_all=st.booleans()),
    st.builds(VotingRule, st.just(Mode.ALL), veto=st.booleans()),
    st.just(SEQ),
    st.builds(
        VotingRule,
        st.just(Mode.VOTE),
        percent=st.integers(1, 100),
        over=st.booleans(),
        wait_all=st.booleans(),
    ),
)


@given(RULES, st.lists(st.sampled_from("arbcs"), min_size=1, max_size=12))
def test_every_finished_set_of_seats_decides(rule: VotingRule, votes: list[str]) -> None:
    result = verdict(rule, [LETTERS[vote] for vote in votes])

    assert result is not None
    if set(votes) == {"c"}:
        assert result is Verdict.REJECTED


@given(RULES, st.lists(st.sampled_from("oarb"), min_size=1, max_size=8))
def test_a_rejection_in_place_of_an_approval_never_helps(
    rule: VotingRule, votes: list[str]
) -> None:
    worse = ["r" if vote == "a" else vote for vote in votes]

    assert verdict(rule, [LETTERS[vote] for vote in worse]) is not Verdict.APPROVED


def test_under_seq_only_the_next_waiting_seat_opens() -> None:
    assert seats_to_open(SEQ, [LETTERS[x] for x in "aww"]) == (1,)
    assert seats_to_open(SEQ, [LETTERS[x] for x in "aow"]) == ()
    assert seats_to_open(ALL, [LETTERS[x] for x in "www"]) == (0, 1, 2)


def test_a_vote_that_needs_more_seats_than_there_are_is_named() -> None:
    problem = rule_problem(VotingRule(Mode.VOTE, count=3), 2)

    assert problem == "the vote needs 3 approvals but has 2 seats"
