"""Which action on an instance does what, and who may do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trellis.engine.approvals.work import Answer, Task
from trellis.engine.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    problem,
)
from trellis.engine.flows.approving import administering, requesting
from trellis.engine.flows.state import Case, InstanceState
from trellis.engine.flows.stepping import Stage

Do = Callable[[Stage, Case, Answer], Case]
#: What who asked may do; administrators may urge and give copies too.
OWN: Mapping[str, Do] = {
    "withdraw": requesting.withdraw,
    "urge": requesting.urge,
    "cc": requesting.copy,
}
ADMIN: Mapping[str, Do] = {
    "reassign": administering.reassign,
    "skip": administering.skip,
    "force": administering.force,
    "jump": administering.jump,
    "suspend": administering.suspend,
    "resume": administering.resume,
    "cancel": administering.cancel_instance,
    "change_due": administering.change_due,
}
#: The states in which an action makes sense, where it is not `running` alone.
_STATES: Mapping[str, frozenset[InstanceState]] = {
    "resume": frozenset({InstanceState.SUSPENDED}),
    "jump": frozenset({InstanceState.RUNNING, InstanceState.INCIDENT}),
    "cancel": frozenset({InstanceState.RUNNING, InstanceState.INCIDENT, InstanceState.SUSPENDED}),
}


def steer(stage: Stage, case: Case, answer: Answer, *, admin: bool) -> Case:
    """Do what the answer says to an instance and return the case that goes on.

    `admin` tells that who acts administers flows.
    """
    do = OWN.get(answer.action) or ADMIN.get(answer.action)
    if do is None:
        raise NotFoundError("action")
    if answer.action in ADMIN:
        if not admin:
            raise ForbiddenError("NOT_ALLOWED", "only who administers flows does this")
        if not (answer.comment or "").strip():
            raise InvalidError([problem("comment", "REQUIRED", "say why")])
    elif not admin or answer.action == "withdraw":
        requesting.check_requester(stage, case)
    fitting = _STATES.get(answer.action, frozenset({InstanceState.RUNNING}))
    if case.state not in fitting:
        raise ConflictError("INSTANCE_NOT_RUNNING", f"the instance is {case.state}")
    return do(stage, case, answer)


def start_task(stage: Stage, work: Sequence[Task]) -> Task | None:
    """Return the open work that gives the flow back to who asked, when it is the actor's."""
    return requesting.start_task(stage, work)


def next_try(stage: Stage, case: Case, answer: Answer) -> str | None:
    """Return the instance that followed a withdrawn one already; refused when none may follow."""
    requesting.check_requester(stage, case)
    withdrawn = any(one.action == "withdraw" for one in stage.store.history(case.id))
    if case.state is not InstanceState.CANCELLED or not withdrawn:
        raise ConflictError("NOT_WITHDRAWN", "this waits for nothing from you")
    found = stage.store.following(case.id)
    if found is not None:
        return found
    running = None
    if case.object is not None and case.record_id is not None:
        running = stage.store.running_on(case.flow, case.object, case.record_id)
    if running is not None:
        raise ConflictError("ALREADY_RUNNING", "this has been asked for again already",
                            details=[{"instance": running}])  # fmt: skip
    return None


def done_before(stage: Stage, case: Case, answer: Answer) -> bool:
    """Tell whether the request has done its work already."""
    if answer.request_id is None:
        return False
    found = stage.store.request(case.id, answer.request_id)
    if found is not None and found.action != answer.action:
        raise ConflictError("KEY_REUSED", "this request id came with another action before",
                            hint="make a new id for each action")  # fmt: skip
    return found is not None
