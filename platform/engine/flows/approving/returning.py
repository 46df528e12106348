"""Sending a flow back from an approval, and its way on afterwards (flows.md 2.5).

`replay` goes on by the normal routing. `direct` leads from the target straight back to the
approval, with the same people; it is refused, and replayed instead, when a watched field has
changed or the flow would now go another way. A return from the target of a direct one keeps it
when it is direct too (both ways back are gone, one after the other); a replay takes it off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trellis.engine.approvals.board import Board, changed
from trellis.engine.approvals.voting import SeatState
from trellis.engine.approvals.work import DONE, OPEN, Answer, Task, TaskKind
from trellis.engine.assignment.people import managers
from trellis.engine.errors import ConflictError
from trellis.engine.events.entries import EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.approving.closing import shut
from trellis.engine.flows.approving.seating import record
from trellis.engine.flows.approving.watching import watched
from trellis.engine.flows.blocks import branches_around, dominates
from trellis.engine.flows.returns import (
    ReturnPoint,
    open_at,
    points,
    push,
    renumbered,
    resumed_to,
    without,
)
from trellis.engine.flows.state import Case, FlowError, InstanceState, Phase, Token
from trellis.engine.flows.stepping import Stage, StageFacts, entry
from trellis.engine.flows.waiting import announce
from trellis.metadata.model.flows import NodeKind

START = "start"
PREVIOUS = "previous"
ANY = "any"
MAX_RETURNS = 20


@dataclass(frozen=True)
class Passed:
    """A node of people that this run went through, and who completed it."""

    node: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class Resumed:
    """The approval that a direct way back opens again."""

    point: ReturnPoint
    settings: Mapping[str, Any]
    people: tuple[str, ...]
    votes: tuple[Task, ...]


def send_back(stage: Stage, case: Case, seat: Task, answer: Answer) -> Case:
    """Return the flow to an earlier node; one person suffices in every mode."""
    board = stage.store.board(str(seat.approval_id))
    rule = board.rule.back
    passed = _target(stage, case, board, answer.target)
    direct = (answer.resume if rule.resume == "ask" else rule.resume) == "direct"
    siblings = _siblings(stage, case, board, passed.node)
    if siblings and not rule.cancel_siblings:
        raise ConflictError(
            "PARALLEL_ACTIVE", "other branches are still at work",
            hint="wait for them, or let the flow say `siblings: cancel`",
            details=[{"node": token.node} for token in siblings],
        )  # fmt: skip
    record(stage, case, "return", answer, board=board, seat=board.seat(seat.id),
           details={"target": passed.node, "resume": "direct" if direct else "replay",
                    "siblings": [token.node for token in siblings]})  # fmt: skip
    seen = watched(stage, case, stage.plan.graph.nodes[board.approval.node], board)
    _give_up(stage, case, board, seat, answer, passed.node)
    case = decide.dropped(case, (), [token.id for token in siblings])
    point = ReturnPoint(
        board.approval.id, board.approval.node, passed.node, board.approval.token_id,
        case.rounds.get(passed.node, 0) + 1, direct, rule.keep_votes, seen, passed.people,
    )  # fmt: skip
    return _limited(stage, _moved(stage, _stacked(case, point), point))


def targets(stage: Stage, case: Case, board: Board) -> tuple[str, ...]:
    """Return the nodes that the approval may be returned to, the earliest first."""
    allowed, passed = board.rule.back.to, _passed(stage, case, board)
    if ANY in allowed:
        return tuple(one.node for one in passed)
    start = stage.plan.start_node().id
    names = {start if name == START else name for name in allowed}
    if PREVIOUS in allowed and passed:
        names.add(passed[-1].node)
    return tuple(one.node for one in passed if one.node in names)


def resume(stage: Stage, case: Case, token_id: str) -> Case:
    """Lead a token that has completed the target of a return on: directly back, or as ever."""
    token = next((t for t in case.tokens if t.id == token_id), None)
    if token is None or token.phase is not Phase.LEAVE:
        return case
    point = open_at(case, token.node, token_id)
    if point is None:
        return case
    case = without(case, point)
    if not point.direct:
        return case
    reason = _detour(stage, case, token, point)
    if reason is not None:
        record(stage, case, "replay", node=point.node, actor="system", details={"reason": reason})
        return case
    stage.world.log(
        entry(stage, case, EventKind.EXIT, token.node, token.arrived_at,
              case.outcomes.get(token.node))
    )  # fmt: skip
    case = _entered(stage, case, token_id, point.node)
    return push(renumbered(case, point.node), replace(point, resumed=True))


def resumed_at(stage: Stage, case: Case, token: Token) -> Resumed | None:
    """Return what a direct return opens again at the token's node, None on any other visit."""
    point = resumed_to(case, token.node, token.id)
    if point is None:
        return None
    board = stage.store.board(point.approval)
    seats = [s for s in board.within(None) if s.state != SeatState.TRANSFERRED and s.principal]
    people = tuple(dict.fromkeys(str(seat.principal) for seat in seats))
    active = stage.world.organisation.active(people)
    votes = tuple(s for s in seats if point.keep and s.state == SeatState.APPROVED)
    kept = tuple(user for user in people if user in active)
    if not kept:
        raise FlowError(token.node, "nobody who decided this before is there any more")
    return Resumed(point, board.approval.rule, kept, votes)


def _target(stage: Stage, case: Case, board: Board, wanted: str | None) -> Passed:
    offered = targets(stage, case, board)
    passed = {one.node: one for one in _passed(stage, case, board)}
    name = wanted or PREVIOUS
    if name == START:
        name = stage.plan.start_node().id
    elif name == PREVIOUS:
        name = next(reversed(passed), "")
    if name not in offered:
        raise ConflictError(
            "NOT_A_TARGET", f"this cannot be returned to `{wanted or PREVIOUS}`",
            details=[{"node": node} for node in offered],
        )  # fmt: skip
    return passed[name]


def _passed(stage: Stage, case: Case, board: Board) -> tuple[Passed, ...]:
    """Return the nodes of people this run went through before the approval, and may go back to."""
    graph, here = stage.plan.graph, board.approval.node
    around = branches_around(graph, here)
    done = [task for task in stage.store.work_of(case.id)
            if task.decided_at is not None and task.decided_at <= board.approval.opened_at
            and task.state in (DONE, SeatState.APPROVED) and task.node != here
            and task.node in graph.nodes and task.group_id is None
            and graph.scope_of.get(task.node) == graph.scope_of.get(here)]  # fmt: skip
    found: dict[str, list[str]] = {}
    for task in sorted(done, key=lambda one: (one.decided_at, one.id)):
        if branches_around(graph, task.node) <= around:
            people = found.pop(task.node, []) if task.kind is TaskKind.SEAT else []
            found.pop(task.node, None)
            who = task.principal if task.kind is TaskKind.SEAT else task.decided_by
            found[task.node] = [*people, *([who] if who else [])]
    start = stage.plan.start_node().id
    reached = graph.scope_of.get(here) == graph.scope_of.get(start) and start not in found
    first = [Passed(start, _requester(stage, case))] if case.starter and reached else []
    ordered = (Passed(node, tuple(dict.fromkeys(who))) for node, who in found.items())
    return (*first, *ordered)


def _requester(stage: Stage, case: Case) -> tuple[str, ...]:
    """Return who does the requester's part: they themselves, or who stands above them."""
    organisation, starter = stage.world.organisation, str(case.starter)
    if organisation.active((starter,)):
        return (starter,)
    return tuple(managers(starter, organisation))[:1]


def _siblings(stage: Stage, case: Case, board: Board, target: str) -> tuple[Token, ...]:
    """Return the tokens of branches that a return to before their split would leave behind."""
    graph, here = stage.plan.graph, board.approval.node
    left = branches_around(graph, here) - branches_around(graph, target)
    splits = {split for split, _ in left}
    return tuple(
        token
        for token in case.tokens
        if token.id != board.approval.token_id
        and any(dominates(graph, split, token.node) for split in splits)
    )


def _give_up(
    stage: Stage, case: Case, board: Board, seat: Task, answer: Answer, target: str
) -> None:
    returned = changed(board.seat(seat.id), state=str(SeatState.RETURNED), outcome="return",
                       decided_at=stage.now, decided_by=stage.actor, comment=answer.comment,
                       request_id=answer.request_id)  # fmt: skip
    # Written in one: the seat that returns, and the others that nobody decides any more.
    stage.store.change_task(board.seat(seat.id), returned)
    shut(stage, case, board.put(returned), "returned", returned_to=target)
    stage.store.jobs.unschedule(case.id, [board.approval.token_id])


def _stacked(case: Case, point: ReturnPoint) -> Case:
    if not point.direct:
        older = (one for one in points(case) if one.token == point.token and not one.resumed)
        case = without(case, *older)
    return push(case, point)


def _moved(stage: Stage, case: Case, point: ReturnPoint) -> Case:
    case = _entered(stage, case, point.token, point.target)
    node = stage.plan.graph.nodes[point.target]
    if node.kind is not NodeKind.START:
        return case
    # The start has no work of its own to open: the requester gets it as a task.
    if node.set_state is not None:
        try:
            stage.world.move_record(case, node.set_state, stage.actor)
        except FlowError as error:
            raise ConflictError("NO_WAY_BACK", error.message) from error
    if not point.people:
        raise ConflictError("NO_REQUESTER", "the requester is gone and nobody stands above them")
    token = decide.token_of(case, point.token)
    task = Task(
        id=stage.ids.new(), kind=TaskKind.TASK, instance_id=case.id, token_id=token.id,
        flow=case.flow, node=node.id, state=OPEN, opened_at=stage.now, object=case.object,
        record_id=case.record_id, holder=point.people[0], principal=case.starter, via="return",
        round=case.rounds.get(node.id, 1),
    )  # fmt: skip
    stage.store.add_tasks([task])
    announce(stage, case, node, [task])
    return decide.waiting(case, token)


def _entered(stage: Stage, case: Case, token_id: str, node: str) -> Case:
    """Return the case with a token on another node, as when it arrives there."""
    token = decide.token_of(case, token_id)
    moved = replace(token, node=node, phase=Phase.ENTER, arrived_at=stage.now, origin=token.node)
    tokens = tuple(moved if t.id == token_id else t for t in case.tokens)
    return replace(case, tokens=tokens, rounds={**case.rounds, node: case.rounds.get(node, 0) + 1})


def _limited(stage: Stage, case: Case) -> Case:
    """Return the case, as an incident when it is sent back and forth without end."""
    times = sum(one.action == "return" for one in stage.store.history(case.id))
    if times <= MAX_RETURNS:
        return case
    text = f"the flow was returned more than {MAX_RETURNS} times"
    case = replace(case, state=InstanceState.INCIDENT, incident=text)
    stage.store.jobs.report(case)
    return case


def _detour(stage: Stage, case: Case, token: Token, point: ReturnPoint) -> str | None:
    """Return why the direct way back is not gone, None when it is."""
    board = stage.store.board(point.approval)
    if watched(stage, case, stage.plan.graph.nodes[point.node], board) != point.watched:
        return "a watched field has changed"
    if not _leads_to(stage, case, token, point.node):
        return "the flow goes another way now"
    return None


def _leads_to(stage: Stage, case: Case, token: Token, goal: str) -> bool:
    """Tell whether the conditions, asked now, lead from one node to another."""
    todo, seen = [token.node], set[str]()
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        try:
            ways = decide.ways_on(stage.plan.graph.nodes[current], case, token, StageFacts(stage))
        except FlowError:
            continue
        if goal in ways:
            return True
        todo.extend(ways)
    return False
