"""What the votes of an approval decide; pure functions over seats (flows.md 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How the votes of several people become one result."""

    ANY = "any"
    ALL = "all"
    SEQ = "seq"
    VOTE = "vote"


class SeatState(StrEnum):
    """The life of one vote."""

    WAITING = "waiting"
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    ABSTAINED = "abstained"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """What the votes of an approval, or of a group of added seats, decide."""

    APPROVED = "approved"
    REJECTED = "rejected"
    SKIPPED = "skipped"


UNDECIDED = frozenset({SeatState.WAITING, SeatState.OPEN})
#: Seats that no longer count towards the number of voters.
GONE = frozenset({SeatState.CANCELLED, SeatState.TRANSFERRED, SeatState.SKIPPED})


@dataclass(frozen=True)
class VotingRule:
    """The counting rule of an approval node.

    `percent` (1–100) or `count` belongs to `vote`; `over` asks for strictly more than `percent`;
    `reject_all` lets `any` wait until everybody rejected; `veto=False` lets `all` hear everybody
    out; `wait_all` decides a vote only when nobody is left to answer.
    """

    mode: Mode
    reject_all: bool = False
    veto: bool = True
    percent: int | None = None
    count: int | None = None
    over: bool = False
    wait_all: bool = False


@dataclass(frozen=True)
class Tally:
    """Votes counted, each by its weight: voters, approvals, rejections, abstentions, undecided."""

    voters: int
    approved: int
    rejected: int
    abstained: int
    undecided: int
    skipped: int


def tally(states: Sequence[SeatState], weights: Sequence[int] = ()) -> Tally:
    """Count the votes of `states`; `weights` (each 1 when left out) are by the same position."""
    weighed = list(zip(states, weights or [1] * len(states), strict=True))

    def count(*wanted: SeatState) -> int:
        return sum(weight for state, weight in weighed if state in wanted)

    return Tally(
        voters=sum(weight for state, weight in weighed if state not in GONE),
        approved=count(SeatState.APPROVED),
        rejected=count(SeatState.REJECTED, SeatState.RETURNED),
        abstained=count(SeatState.ABSTAINED),
        undecided=count(*UNDECIDED),
        skipped=count(SeatState.SKIPPED),
    )


def verdict(
    rule: VotingRule, states: Sequence[SeatState], weights: Sequence[int] = ()
) -> Verdict | None:
    """Return what the votes decide, or None while they do not.

    All seats skipped is `skipped` (counts as approved); all remaining seats abstained is
    rejected, and so is an approval of which no seat is left: silence never approves.
    """
    votes = tally(states, weights)
    if votes.voters == 0:
        return Verdict.SKIPPED if votes.skipped else Verdict.REJECTED
    if votes.abstained == votes.voters:
        return Verdict.REJECTED
    return _VERDICTS[rule.mode](rule, votes)


def _any_verdict(rule: VotingRule, votes: Tally) -> Verdict | None:
    if votes.approved:
        return Verdict.APPROVED
    if votes.rejected and not rule.reject_all:
        return Verdict.REJECTED
    return Verdict.REJECTED if votes.undecided == 0 else None


def _all_verdict(rule: VotingRule, votes: Tally) -> Verdict | None:
    if votes.rejected and rule.veto:
        return Verdict.REJECTED
    if votes.undecided:
        return None
    return Verdict.REJECTED if votes.rejected else Verdict.APPROVED


def _seq_verdict(_rule: VotingRule, votes: Tally) -> Verdict | None:
    if votes.rejected:
        return Verdict.REJECTED
    return None if votes.undecided else Verdict.APPROVED


def _vote_verdict(rule: VotingRule, votes: Tally) -> Verdict | None:
    if rule.wait_all and votes.undecided:
        return None
    if _quorum_reached(rule, votes.approved, votes):
        return Verdict.APPROVED
    if votes.undecided and _quorum_reached(rule, votes.approved + votes.undecided, votes):
        return None
    return Verdict.REJECTED


def _quorum_reached(rule: VotingRule, approvals: int, votes: Tally) -> bool:
    """Tell whether `approvals` suffice; whole numbers only, so that 2.5 of 5 is 3."""
    if approvals < 1:
        return False
    if rule.count is not None:
        return approvals >= rule.count
    have, need = approvals * 100, (rule.percent or 100) * (votes.voters - votes.abstained)
    return have > need if rule.over else have >= need


_VERDICTS = {
    Mode.ANY: _any_verdict,
    Mode.ALL: _all_verdict,
    Mode.SEQ: _seq_verdict,
    Mode.VOTE: _vote_verdict,
}


def seats_to_open(rule: VotingRule, states: Sequence[SeatState]) -> tuple[int, ...]:
    """Return the positions of waiting seats that open now: all, or under `seq` the next one."""
    waiting = tuple(i for i, state in enumerate(states) if state is SeatState.WAITING)
    if rule.mode is not Mode.SEQ:
        return waiting
    if SeatState.OPEN in states or SeatState.REJECTED in states:
        return ()
    return waiting[:1]


def rule_problem(rule: VotingRule, votes: int) -> str | None:
    """Return why `votes` (seats, by their weight) can never satisfy `rule`, or None."""
    if rule.mode is Mode.VOTE and rule.count is not None and rule.count > votes:
        return f"the vote needs {rule.count} approvals but has {votes} seats"
    return None
