"""What a holder may do with a seat besides deciding it; pure: a board in, a board out.

Every function raises the refusal that flows.md 2.4 names and changes nothing then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from trellis.engine.approvals.board import Board, Group, GroupKind, cancel, changed
from trellis.engine.approvals.voting import UNDECIDED, Mode, SeatState
from trellis.engine.approvals.work import Answer, Task
from trellis.engine.errors import ConflictError, EngineError, ForbiddenError, InvalidError, problem
from trellis.ids import IdSource

MAX_TRANSFERS = 5
MAX_DEPTH = 3
MAX_ADDED = 20
_GROUP_MODES = (Mode.ANY, Mode.ALL, Mode.SEQ)
_ADDED = frozenset({"add_before", "add_after", "add_parallel"})


@dataclass(frozen=True)
class Facts:
    """What an action must know of the world: who may sign in, and who must not decide here."""

    active: frozenset[str]
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Act:
    """Somebody does something with a seat at a moment."""

    actor: str
    now: datetime
    answer: Answer
    facts: Facts
    ids: IdSource


def transfer(board: Board, seat: Task, act: Act) -> Board:
    """Give the vote and its responsibility to another person."""
    (target,) = _targets(board, act, exactly_one=True)
    if _moves(board, seat) >= MAX_TRANSFERS:
        raise ConflictError(
            "TOO_MANY_TRANSFERS", f"a seat is transferred at most {MAX_TRANSFERS} times"
        )
    gone = changed(
        seat,
        state=str(SeatState.TRANSFERRED),
        outcome="transfer",
        decided_at=act.now,
        decided_by=act.actor,
        comment=act.answer.comment,
    )
    new = _new_seat(seat, target, act, via="transfer")
    return board.put(gone, replace(new, due_at=seat.due_at, group_id=seat.group_id))


def assist(board: Board, seat: Task, act: Act) -> Board:
    """Ask one person for an opinion; the seat comes back with it."""
    (target,) = _targets(board, act, exactly_one=True)
    group = Group(act.ids.new(), GroupKind.ASSIST, seat.id, Mode.ALL, advise=True)
    asked = replace(_new_seat(seat, target, act, via="delegation"), principal=seat.principal,
                    group_id=group.id)  # fmt: skip
    paused = changed(seat, state=str(SeatState.WAITING))
    return board.with_group(group).put(paused, asked)


def add_before(board: Board, seat: Task, act: Act) -> Board:
    """Let others decide first; the own seat waits for them."""
    board = _with_group(board, seat, act, GroupKind.BEFORE)
    return board.put(changed(board.seat(seat.id), state=str(SeatState.WAITING)))


def add_after(board: Board, seat: Task, act: Act) -> Board:
    """Let others decide too before the approval is approved; `seat` is approved already."""
    return _with_group(board, seat, act, GroupKind.AFTER)


def add_parallel(board: Board, seat: Task, act: Act) -> Board:
    """Add seats to the set that the seat belongs to; in order they come right after it."""
    targets = _targets(board, act)
    _check_room(board, len(targets))
    moved = [
        changed(other, position=other.position + len(targets))
        for other in board.within(seat.group_id)
        if other.position > seat.position
    ]
    added = [
        replace(_new_seat(seat, user, act, via="add_parallel"), group_id=seat.group_id,
                added_by=act.actor, position=seat.position + 1 + place)
        for place, user in enumerate(targets)
    ]  # fmt: skip
    return board.put(*moved, *added)


def remove_added(board: Board, _seat: Task, act: Act) -> Board:
    """Take undecided seats away that the actor added."""
    mine = {seat.id: seat for seat in board.seats if seat.added_by == act.actor}
    wanted = act.answer.seats or tuple(s.id for s in mine.values() if s.state in UNDECIDED)
    if not wanted:
        raise ConflictError("NOTHING_ADDED", "you have added nobody who has still to decide")
    for seat_id in wanted:
        if seat_id not in mine:
            raise ForbiddenError("NOT_ADDED_BY_YOU", "only who added a seat takes it away")
        if mine[seat_id].state not in UNDECIDED:
            raise already_decided(mine[seat_id])
    return cancel(board, [mine[seat_id] for seat_id in wanted], act.now)


def already_decided(seat: Task) -> ConflictError:
    """Return the refusal for a seat that is not open any more: who decided it, and when."""
    at = seat.decided_at.isoformat() if seat.decided_at is not None else None
    return ConflictError(
        "ALREADY_DECIDED",
        "this work is not open any more",
        details=[{"state": seat.state, "by": seat.decided_by, "at": at, "outcome": seat.outcome}],
    )


def _with_group(board: Board, seat: Task, act: Act, kind: GroupKind) -> Board:
    targets = _targets(board, act)
    _check_room(board, len(targets))
    if board.depth(seat.group_id) >= MAX_DEPTH:
        raise ConflictError("TOO_DEEP", f"seats are added at most {MAX_DEPTH} levels deep")
    mode = Mode(act.answer.mode or Mode.ALL)
    group = Group(act.ids.new(), kind, seat.id, mode, act.answer.advise)
    added = [
        replace(_new_seat(seat, user, act, via=f"add_{kind}"), group_id=group.id,
                added_by=act.actor, position=place)
        for place, user in enumerate(targets)
    ]  # fmt: skip
    return board.with_group(group).put(*added)


def _new_seat(origin: Task, user: str, act: Act, *, via: str) -> Task:
    """Return a seat of `user` that waits for its turn."""
    return Task(
        id=act.ids.new(),
        kind=origin.kind,
        instance_id=origin.instance_id,
        token_id=origin.token_id,
        flow=origin.flow,
        node=origin.node,
        state=str(SeatState.WAITING),
        opened_at=act.now,
        object=origin.object,
        record_id=origin.record_id,
        holder=user,
        principal=user,
        via=via,
        position=origin.position,
        approval_id=origin.approval_id,
        round=origin.round,
        due_at=origin.due_at,
        parent_id=origin.id,
    )


def _targets(board: Board, act: Act, *, exactly_one: bool = False) -> tuple[str, ...]:
    """Return the people an action names, refused where they must not decide here."""
    people = act.answer.people
    if not people or (exactly_one and len(people) != 1):
        text = "name one person" if exactly_one else "name at least one person"
        raise InvalidError([problem("people", "REQUIRED", text)])
    if len(set(people)) != len(people):
        raise InvalidError([problem("people", "DUPLICATE", "names somebody twice")])
    for user in people:
        refusal = target_refusal(board, user, act.facts)
        if refusal is not None:
            raise refusal
    return people


def target_refusal(board: Board, user: str, facts: Facts) -> EngineError | None:
    """Return why a person cannot get a seat of this approval, or None."""
    if user not in facts.active:
        return InvalidError([problem("people", "INACTIVE", "this person cannot sign in")])
    if user in facts.barred:
        return ConflictError(
            "NOT_INDEPENDENT", "this person asked for it or took part before, and must not decide"
        )
    if any(user in (s.holder, s.principal) for s in board.undecided()):
        return ConflictError("DUPLICATE_SEAT", "this person has an open seat here already")
    return None


def _check_room(board: Board, more: int) -> None:
    there = sum(seat.via in _ADDED for seat in board.seats)
    if there + more > MAX_ADDED:
        raise ConflictError("TOO_MANY_ADDED", f"at most {MAX_ADDED} seats are added to an approval")


def _moves(board: Board, seat: Task) -> int:
    """Return how often a seat was transferred already."""
    moves = 0
    while seat.via == "transfer" and seat.parent_id is not None:
        moves, seat = moves + 1, board.seat(seat.parent_id)
    return moves


SeatAction = Callable[[Board, Task, Act], Board]
#: What changes the board only; the flow hears of it through what `board.settle` says.
BOARD_ACTIONS: Mapping[str, SeatAction] = {
    "transfer": transfer,
    "assist": assist,
    "add_before": add_before,
    "add_after": add_after,
    "add_parallel": add_parallel,
    "remove_added": remove_added,
}
GROUP_MODES = tuple(str(mode) for mode in _GROUP_MODES)
