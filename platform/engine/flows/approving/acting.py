"""Which action on a piece of work does what, who may do it, and that it happens once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trellis.engine.approvals.actions import BOARD_ACTIONS, GROUP_MODES, already_decided
from trellis.engine.approvals.board import Board, GroupKind
from trellis.engine.approvals.work import OPEN, Answer, Task, TaskKind
from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError, problem
from trellis.engine.flows import answers
from trellis.engine.flows.approving.acts import act_of
from trellis.engine.flows.approving.deciding import DECISIONS, decide_seat, go_on
from trellis.engine.flows.approving.returning import send_back
from trellis.engine.flows.approving.seating import record
from trellis.engine.flows.approving.taking_back import take_back
from trellis.engine.flows.approving.telling import ask, comment, copy, mark_read, reply
from trellis.engine.flows.people import stop_unfit
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage

Do = Callable[[Stage, Case, Task, Answer], Case]
#: What people do who have no open seat any more: their own decision undone, their own seats gone.
BEHIND = frozenset({"take_back", "remove_added"})
#: What everybody may do whom the work concerns, open or not.
TALK: Mapping[str, Do] = {"comment": comment, "ask": ask, "cc": copy}
#: What needs no running instance, or says itself why it is too late.
ALWAYS = frozenset({"comment", "read", "take_back"})


def answered_before(stage: Stage, case: Case, task: Task, answer: Answer) -> bool:
    """Tell whether the request has done its work already: it is answered as the first time."""
    if answer.request_id is None:
        return False
    if answer.request_id == task.request_id:
        return True
    found = stage.store.request(case.id, answer.request_id)
    if found is None:
        return False
    if (found.seat_id, found.action) != (task.id, answer.action):
        raise ConflictError("KEY_REUSED", "this request id came with another action before",
                            hint="make a new id for each action")  # fmt: skip
    return True


def check(stage: Stage, task: Task, roles: frozenset[str], answer: Answer) -> None:
    """Raise when the work is decided already, has moved on, or is somebody else's."""
    if answer.action in TALK or answer.action in BEHIND:
        if answer.rev is not None and answer.rev != task.rev:
            raise ConflictError("REV_CONFLICT", "this work has changed since it was opened")
        return
    answers.check_may_act(task, stage.actor, roles, answer)


def act(stage: Stage, case: Case, task: Task, answer: Answer) -> Case:
    """Do what the answer says and return the case that goes on."""
    if answer.action in TALK:
        return TALK[answer.action](stage, case, task, answer)
    if task.holder is None:
        stop_unfit(stage, case, task)
    if task.kind is TaskKind.SEAT:
        if task.holder is None:
            # Deciding what is offered to many is claiming it: the vote is the decider's.
            task = answers.claim(stage, case, task)
        return _seat(stage, case, task, answer)
    if task.kind is TaskKind.TASK:
        return answers.complete(stage, case, task, answer)
    offered: Mapping[str, Do] = {"reply": reply} if task.kind is TaskKind.ASK else {
        "read": mark_read}  # fmt: skip
    if answer.action not in offered:
        raise _unknown(answer.action, tuple(offered))
    return offered[answer.action](stage, case, task, answer)


def offered(board: Board, seat: Task, actor: str) -> tuple[str, ...]:
    """Return what the holder of a seat may do with it."""
    rule = board.rule
    assists = seat.group_id is not None and board.group(seat.group_id).kind is GroupKind.ASSIST
    if assists:
        return ("approve", "reject")
    mine = any(one.added_by == actor for one in board.undecided())
    return (*rule.actions(), *(("remove_added",) if mine else ()))


def _seat(stage: Stage, case: Case, seat: Task, answer: Answer) -> Case:
    action, board = answer.action, stage.store.board(str(seat.approval_id))
    if action == "take_back":
        return take_back(stage, case, seat, answer)
    if board.approval.state != OPEN:
        raise already_decided(seat)
    if action not in BEHIND:
        _check_offered(stage, board, seat, answer)
    if action in DECISIONS:
        return decide_seat(stage, case, seat, answer)
    if action == "return":
        return send_back(stage, case, seat, answer)
    if action == "add_after":
        # To add behind oneself is to approve: both are one request.
        if not answer.people:
            raise InvalidError([problem("people", "REQUIRED", "name at least one person")])
        return decide_seat(stage, case, seat, answer)
    return _on_board(stage, case, board, seat, answer)


def _on_board(stage: Stage, case: Case, board: Board, seat: Task, answer: Answer) -> Case:
    node = stage.plan.graph.nodes[seat.node]
    seat = board.seat(seat.id)
    doing = act_of(stage, case, node, board, answer)
    after = BOARD_ACTIONS[answer.action](board, seat, doing)
    people = answer.people[0] if answer.action == "transfer" else None
    details = {"people": list(answer.people), "mode": answer.mode or "all",
               "advise": answer.advise, "seats": list(answer.seats)}  # fmt: skip
    record(stage, case, answer.action, answer, board=board, seat=seat, after=people,
           details={key: value for key, value in details.items() if value})  # fmt: skip
    return go_on(stage, case, node, board, after)


def _check_offered(stage: Stage, board: Board, seat: Task, answer: Answer) -> None:
    actions = offered(board, seat, stage.actor)
    if answer.action not in actions:
        if answer.action in BOARD_ACTIONS or answer.action == "return":
            raise ForbiddenError("NOT_ALLOWED", f"this approval does not allow `{answer.action}`")
        raise _unknown(answer.action, actions)
    if answer.mode is not None and answer.mode not in GROUP_MODES:
        known = ", ".join(f"`{mode}`" for mode in GROUP_MODES)
        raise InvalidError([problem("mode", "UNKNOWN", f"is one of {known}")])
    decides = "approve" if answer.action == "add_after" else answer.action
    if board.rule.needs_comment(decides) and not (answer.comment or "").strip():
        raise InvalidError([problem("comment", "REQUIRED", "a comment is required")])


def _unknown(action: str, actions: tuple[str, ...]) -> InvalidError:
    known = ", ".join(f"`{one}`" for one in actions)
    return InvalidError(
        [
            problem(
                "action", "UNKNOWN_ACTION", f"`{action}` is not an answer here; known are {known}"
            )
        ]
    )
