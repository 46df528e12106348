"""An approval with all its seats and groups, and what settles by itself when one of them changes.

A group holds seats that somebody added to a seat: *before* it (the seat waits for the group),
*after* it (the approval waits for the group), or to *assist* it (one person's opinion). Seats
added in parallel belong to the approval itself. Groups may stand inside groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from trellis.engine.approvals.rules import ApprovalRule, rule_of
from trellis.engine.approvals.voting import (
    GONE,
    UNDECIDED,
    Mode,
    SeatState,
    Verdict,
    VotingRule,
    seats_to_open,
    verdict,
)
from trellis.engine.approvals.work import Approval, Task


class GroupKind(StrEnum):
    """How a group of added seats belongs to the seat it was added to."""

    BEFORE = "before"
    AFTER = "after"
    ASSIST = "assist"


#: Kinds of group that their seat waits for.
_PAUSING = frozenset({GroupKind.BEFORE, GroupKind.ASSIST})


@dataclass(frozen=True)
class Group:
    """Seats added to a seat; `closed` is what they decided, or `removed`, None while open."""

    id: str
    kind: GroupKind
    seat: str
    mode: Mode = Mode.ALL
    advise: bool = False  # a rejection is an opinion only
    closed: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Group:
        """Return the group of its stored form."""
        return cls(**{**row, "kind": GroupKind(row["kind"]), "mode": Mode(row["mode"])})

    def stored(self) -> dict[str, Any]:
        """Return what is stored of the group."""
        return {**asdict(self), "kind": str(self.kind), "mode": str(self.mode)}


@dataclass(frozen=True)
class Board:
    """An approval as it stands: its seats by position, and its groups."""

    approval: Approval
    seats: tuple[Task, ...]

    @cached_property
    def rule(self) -> ApprovalRule:
        """Return the rule that the approval opened with."""
        return rule_of(self.approval.rule)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Return the groups, the oldest first."""
        return tuple(Group.of(row) for row in self.approval.groups)

    def seat(self, seat_id: str) -> Task:
        """Return a seat; KeyError when it belongs to another approval."""
        for seat in self.seats:
            if seat.id == seat_id:
                return seat
        raise KeyError(seat_id)

    def group(self, group_id: str) -> Group:
        """Return a group."""
        return next(group for group in self.groups if group.id == group_id)

    def within(self, group_id: str | None) -> tuple[Task, ...]:
        """Return the seats of a group, or with None those of the approval itself."""
        return tuple(seat for seat in self.seats if seat.group_id == group_id)

    def voting(self, group_id: str | None) -> VotingRule:
        """Return how the seats of a group, or of the approval itself, are counted."""
        return self.rule.voting if group_id is None else VotingRule(self.group(group_id).mode)

    def weight(self, seat: Task) -> int:
        """Return what a seat's vote counts."""
        if seat.group_id is not None or self.rule.voting.mode is not Mode.VOTE:
            return 1
        return self.rule.weights.get(seat.principal or "", 1)

    def votes(self) -> int:
        """Return how many votes the approval's own seats have together."""
        return sum(self.weight(seat) for seat in self.within(None) if seat.state not in GONE)

    def depth(self, group_id: str | None) -> int:
        """Return how many groups stand around a seat of this group: 0 for the approval's own."""
        depth = 0
        while group_id is not None:
            depth, group_id = depth + 1, self.seat(self.group(group_id).seat).group_id
        return depth

    def put(self, *seats: Task) -> Board:
        """Return the board with changed or new seats, in the order of their positions."""
        found = {seat.id: seat for seat in self.seats} | {seat.id: seat for seat in seats}
        return replace(self, seats=tuple(sorted(found.values(), key=_order)))

    def with_groups(self, groups: Iterable[Group]) -> Board:
        """Return the board with these groups instead of its own."""
        stored = tuple(group.stored() for group in groups)
        return replace(self, approval=replace(self.approval, groups=stored))

    def with_group(self, changed: Group) -> Board:
        """Return the board with a group changed or added."""
        others = [changed if one.id == changed.id else one for one in self.groups]
        return self.with_groups(others if changed in others else [*others, changed])

    def paused(self, seat: Task) -> bool:
        """Tell whether a seat waits for a group that was added before it."""
        return any(
            group.seat == seat.id and group.closed is None and group.kind in _PAUSING
            for group in self.groups
        )

    def undecided(self) -> tuple[Task, ...]:
        """Return the seats that are open or wait."""
        return tuple(seat for seat in self.seats if seat.state in UNDECIDED)


def _order(seat: Task) -> tuple[int, str]:
    return seat.position, seat.id


def changed(seat: Task, **values: Any) -> Task:
    """Return a seat with other values and the next revision."""
    return replace(seat, **values, rev=seat.rev + 1)


def settle(board: Board, now: datetime) -> tuple[Board, Verdict | None]:
    """Return the board once groups have closed and seats have opened, and what it decides."""
    while True:
        after = _open_seats(_close_groups(board, now), now)
        if after == board:
            return board, judge(board, None)
        board = after


def judge(board: Board, group_id: str | None) -> Verdict | None:
    """Return what the seats of a group (None: of the approval) decide; None while they do not.

    Approved is not enough while a group that was added after one of the seats still decides.
    """
    seats = board.within(group_id)
    rule, states = board.voting(group_id), [SeatState(seat.state) for seat in seats]
    counted = verdict(rule, states, [board.weight(seat) for seat in seats])
    behind = _groups_behind(board, seats)
    if any(group.closed == Verdict.REJECTED for group in behind):
        return Verdict.REJECTED
    waits = any(group.closed is None for group in behind)
    return None if waits and counted is not Verdict.REJECTED else counted


def _groups_behind(board: Board, seats: Iterable[Task]) -> list[Group]:
    here = {seat.id for seat in seats}
    return [group for group in board.groups if group.kind is GroupKind.AFTER and group.seat in here]


def _close_groups(board: Board, now: datetime) -> Board:
    for group in board.groups:
        if group.closed is not None:
            continue
        seats = board.within(group.id)
        removed = all(seat.state in GONE for seat in seats)
        decided = None if removed else judge(board, group.id)
        if not removed and decided is None:
            continue
        closed = board.with_group(replace(group, closed=str(decided or "removed")))
        board = cancel(closed, _inside(closed, group.id), now)
        if group.kind in _PAUSING:
            board = _resume(board, group, decided, now)
    return board


def _inside(board: Board, group_id: str) -> tuple[Task, ...]:
    """Return the seats of a group and of every group inside it."""
    seats = board.within(group_id)
    ids = {seat.id for seat in seats}
    inner = (_inside(board, group.id) for group in board.groups if group.seat in ids)
    return seats + tuple(seat for found in inner for seat in found)


def _resume(board: Board, group: Group, decided: Verdict | None, now: datetime) -> Board:
    """Give the seat that waited for a group back, or let the group's rejection be its own."""
    seat = board.seat(group.seat)
    if seat.state != SeatState.WAITING:
        return board
    if decided is not Verdict.REJECTED or group.advise:
        return board.put(changed(seat, state=str(SeatState.OPEN)))
    refused = [one for one in board.within(group.id) if one.state == SeatState.REJECTED]
    by = refused[-1].decided_by if refused else None
    return board.put(changed(seat, state=str(SeatState.REJECTED), outcome="reject",
                             decided_at=now, decided_by=by))  # fmt: skip


def _open_seats(board: Board, now: datetime) -> Board:
    closed = {group.id for group in board.groups if group.closed is not None}
    for group_id in dict.fromkeys(seat.group_id for seat in board.seats):
        if group_id in closed:
            continue
        seats = board.within(group_id)
        rule, waits = board.voting(group_id), _waits_behind(board, seats)
        if judge(board, group_id) is not None or (rule.mode is Mode.SEQ and waits):
            continue
        states = [_turn(board, seat) for seat in seats]
        if waits and verdict(rule, states, [board.weight(seat) for seat in seats]) is not None:
            # The votes are in; only the group behind one of them is left to decide.
            board = cancel(board, [s for s in seats if s.state in UNDECIDED], now)
            continue
        opened = [changed(seats[place], state=str(SeatState.OPEN), opened_at=now)
                  for place in seats_to_open(rule, states)]  # fmt: skip
        board = board.put(*opened)
    return board


def _waits_behind(board: Board, seats: Iterable[Task]) -> bool:
    return any(group.closed is None for group in _groups_behind(board, seats))


def _turn(board: Board, seat: Task) -> SeatState:
    """Return a seat's state; one that waits for a group still has its turn."""
    return SeatState.OPEN if board.paused(seat) else SeatState(seat.state)


def cancel(board: Board, seats: Iterable[Task], now: datetime) -> Board:
    """Return the board with the undecided ones of `seats` cancelled, and what was added to them."""
    gone = [seat for seat in seats if seat.state in UNDECIDED]
    ids = {seat.id for seat in gone}
    board = board.put(*(changed(seat, state=str(SeatState.CANCELLED), decided_at=now)
                        for seat in gone))  # fmt: skip
    for group in board.groups:
        if group.seat in ids and group.closed is None:
            board = board.with_group(replace(group, closed="removed"))
            board = cancel(board, board.within(group.id), now)
    return board
