"""What a flow administrator does to a running instance, always with a reason (flows.md 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from trellis.engine.approvals.actions import Facts, already_decided, target_refusal
from trellis.engine.approvals.board import Board, changed
from trellis.engine.approvals.voting import SeatState, Verdict
from trellis.engine.approvals.work import OPEN, WAITING, Answer, Task, TaskKind
from trellis.engine.errors import ConflictError, InvalidError, problem
from trellis.engine.flows import decide
from trellis.engine.flows.approving.closing import close
from trellis.engine.flows.approving.deciding import go_on
from trellis.engine.flows.approving.seating import record, write
from trellis.engine.flows.state import Case, InstanceState, Phase, Token
from trellis.engine.flows.stepping import Stage, end_now, withdraw

_VERDICTS = {"approve": Verdict.APPROVED, "reject": Verdict.REJECTED}


def reassign(stage: Stage, case: Case, answer: Answer) -> Case:
    """Give open work to another person; the vote and its responsibility move."""
    if len(answer.people) != 1:
        raise _wrong("people", "name one person")
    (user,) = answer.people
    if user not in stage.world.organisation.active((user,)):
        raise _wrong("people", "this person cannot sign in")
    for task in _work(stage, case, answer):
        if task.kind is TaskKind.SEAT:
            case = _reassign_seat(stage, case, task, user, answer)
            continue
        record(stage, case, "reassign", answer, seat=task, after=user)
        moved = changed(task, holder=user, principal=user, via="admin", claimed_at=stage.now)
        stage.store.change_task(task, moved)
        stage.world.notify_work([moved], stage.plan.graph.nodes[task.node].label)
    return case


def skip(stage: Stage, case: Case, answer: Answer) -> Case:
    """Lead a waiting token on without its work."""
    token, board = _waiting(stage, case, answer)
    record(stage, case, "skip", answer, board=board, node=token.node)
    if board is None:
        return _released(stage, case, token, "skip")
    return _end(stage, case, board, SeatState.SKIPPED, Verdict.SKIPPED)


def force(stage: Stage, case: Case, answer: Answer) -> Case:
    """Approve or reject an approval in the administrator's name."""
    token, board = _waiting(stage, case, answer)
    verdict = _VERDICTS.get(answer.outcome or "")
    if verdict is None:
        raise _wrong("outcome", "is `approve` or `reject`")
    if board is None:
        raise ConflictError("NO_APPROVAL", f"no approval is open at `{token.node}`")
    record(stage, case, "force", answer, board=board, node=token.node,
           details={"outcome": answer.outcome})  # fmt: skip
    return _end(stage, case, board, SeatState.CANCELLED, verdict)


def jump(stage: Stage, case: Case, answer: Answer) -> Case:
    """Move a token to another node, which then begins as if the token had arrived there."""
    nodes = stage.plan.graph.nodes
    if answer.target not in nodes:
        raise _wrong("target", f"there is no node `{answer.target}`")
    token, scope_of = _token(case, answer), stage.plan.graph.scope_of
    if scope_of.get(token.node) != scope_of.get(str(answer.target)):
        raise _wrong("target", "the node stands in another part of the flow")
    record(stage, case, "jump", answer, node=token.node, details={"target": answer.target})
    withdraw(stage, case, (token,))
    if case.state is InstanceState.INCIDENT:
        stage.store.jobs.resolve(case.id)
    target = str(answer.target)
    moved = replace(token, node=target, phase=Phase.ENTER, arrived_at=stage.now, origin=token.node)
    rounds = {**case.rounds, target: case.rounds.get(target, 0) + 1}
    tokens = tuple(moved if one.id == token.id else one for one in case.tokens)
    return replace(case, tokens=tokens, rounds=rounds, state=InstanceState.RUNNING, incident=None)


def suspend(stage: Stage, case: Case, answer: Answer) -> Case:
    """Let nothing happen until it is resumed."""
    record(stage, case, "suspend", answer)
    return replace(case, state=InstanceState.SUSPENDED)


def resume(stage: Stage, case: Case, answer: Answer) -> Case:
    """Go on; what is due is due later by the time it was suspended."""
    if case.state is not InstanceState.SUSPENDED:
        raise ConflictError("NOT_SUSPENDED", f"the instance is {case.state}")
    since = max((one.at for one in stage.store.history(case.id) if one.action == "suspend"),
                default=stage.now)  # fmt: skip
    record(stage, case, "resume", answer)
    for task in stage.store.work_of(case.id):
        if task.state in (OPEN, WAITING) and task.due_at is not None:
            _set_due(stage, case, task, stage.now - since)
    return replace(case, state=InstanceState.RUNNING)


def change_due(stage: Stage, case: Case, answer: Answer) -> Case:
    """Give open work another moment by which it should be done."""
    if answer.due is None:
        raise _wrong("due", "is required")
    for task in _work(stage, case, answer):
        record(stage, case, "change_due", answer, seat=task,
               details={"due": answer.due.isoformat()})  # fmt: skip
        _set_due(stage, case, task, answer.due - (task.due_at or answer.due), answer.due)
    return case


def cancel_instance(stage: Stage, case: Case, answer: Answer) -> Case:
    """End the instance and withdraw all its work."""
    record(stage, case, "cancel", answer)
    stage.store.jobs.resolve(case.id)
    return replace(end_now(stage, case, InstanceState.CANCELLED), incident=None)


def _set_due(
    stage: Stage, case: Case, task: Task, later: timedelta, due: datetime | None = None
) -> None:
    at = task.due_at + later if task.due_at is not None and due is None else due
    moved = changed(task, due_at=at)
    stage.store.change_task(task, moved)
    place = {"instance": case.id, "token": task.token_id, "node": task.node}
    stage.store.jobs.schedule(f"{task.token_id}:{task.node}:due", at, place, reminds=True)


def _reassign_seat(stage: Stage, case: Case, task: Task, user: str, answer: Answer) -> Case:
    board = stage.store.board(str(task.approval_id))
    seat = board.seat(task.id)
    refusal = target_refusal(board, user, Facts(frozenset({user})))
    if refusal is not None:
        raise refusal
    record(stage, case, "reassign", answer, board=board, seat=seat, after=user)
    gone = changed(seat, state=str(SeatState.TRANSFERRED), outcome="reassign",
                   decided_at=stage.now, decided_by=stage.actor)  # fmt: skip
    new = replace(
        seat, id=stage.ids.new(), holder=user, principal=user, via="admin", parent_id=seat.id,
        state=WAITING, opened_at=stage.now, rev=1, added_by=None,
    )  # fmt: skip
    node = stage.plan.graph.nodes[seat.node]
    return go_on(stage, case, node, board, board.put(gone, new))


def _end(stage: Stage, case: Case, board: Board, state: SeatState, verdict: Verdict) -> Case:
    """Close an approval whatever its votes are."""
    gone = [changed(seat, state=str(state), decided_at=stage.now) for seat in board.undecided()]
    after = write(stage, case, board, board.put(*gone))
    return close(stage, case, stage.plan.graph.nodes[board.approval.node], after, verdict)


def _released(stage: Stage, case: Case, token: Token, outcome: str) -> Case:
    withdraw(stage, case, (token,))
    return decide.answered(case, token.id, outcome)


def _waiting(stage: Stage, case: Case, answer: Answer) -> tuple[Token, Board | None]:
    token = _token(case, answer)
    if token.phase is not Phase.WAIT:
        raise ConflictError("NOT_WAITING", f"the flow does not wait at `{token.node}`")
    for approval in stage.store.approvals_of(case.id):
        if approval.state == OPEN and approval.token_id == token.id:
            return token, stage.store.board(approval.id)
    return token, None


def _token(case: Case, answer: Answer) -> Token:
    found = [one for one in case.tokens if answer.source in (None, one.node, one.id)]
    if not found:
        raise _wrong("source", "the flow does not stand there")
    if len(found) > 1:
        where = ", ".join(f"`{one.node}`" for one in found)
        raise _wrong("source", f"say where: the flow stands at {where}")
    return found[0]


def _work(stage: Stage, case: Case, answer: Answer) -> Sequence[Task]:
    """Return the open work that the answer names; without names, the only one there is."""
    work = {task.id: task for task in stage.store.work_of(case.id)}
    open_work = [task for task in work.values()
                 if task.state == OPEN and task.kind in (TaskKind.TASK, TaskKind.SEAT)]  # fmt: skip
    if not answer.seats:
        if len(open_work) != 1:
            raise _wrong("seats", "say which work: its ids")
        return open_work
    for task_id in answer.seats:
        if task_id not in work:
            raise _wrong("seats", "this work is not part of the instance")
        if work[task_id].state != OPEN:
            raise already_decided(work[task_id])
    return [work[task_id] for task_id in answer.seats]


def _wrong(field: str, text: str) -> InvalidError:
    return InvalidError([problem(field, "TYPE", text)])
