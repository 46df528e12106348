"""The inbox and running flows over HTTP: what waits, deciding it, how an instance stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from trellis.engine.approvals.history import Entry
from trellis.engine.approvals.work import OPEN, Answer, Task
from trellis.engine.errors import ForbiddenError, InvalidError, NotFoundError, problem
from trellis.engine.flows import inbox
from trellis.engine.flows.answers import OTHER_ACTIONS, allowed_actions
from trellis.engine.flows.running import CatalogPlans, Flows, person_of
from trellis.engine.flows.state import Case
from trellis.engine.flows.store import SqlFlowStore
from trellis.engine.query.pages import may_read, title_of
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.metadata.model.access import Capability
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading, writing
from trellis.web.api.decisions import INSTANCE_KEYS, TASK_KEYS, answer_of, signed
from trellis.web.api.idempotency import once, request_key
from trellis.web.api.reading import (
    flag,
    json_body,
    query_of,
    required_rev,
    whole_number,
)
from trellis.web.policy import policy
from trellis.web.serving import server

_LISTS: Mapping[str, Callable[[Transaction, int], Sequence[Task]]] = {
    "mine": inbox.mine,
    "pool": inbox.claimable,
    "done": inbox.finished,
    "copies": inbox.copies,
}


@api.get("/v1/tasks")
@policy()
def list_tasks() -> ResponseReturnValue:
    """Return work: one's own (`mine=1`, the default), what may be claimed, copies."""
    asked = query_of((*_LISTS, "limit"))
    wanted = [name for name in _LISTS if flag(name, asked.get(name))]
    if len(wanted) > 1:
        raise InvalidError(
            [problem(wanted[1], "TYPE", "one of " + ", ".join(f"`{name}`" for name in _LISTS))]
        )
    limit = 100 if "limit" not in asked else whole_number("limit", asked["limit"], 1, 500)
    with reading() as tx:
        found = _LISTS[wanted[0] if wanted else "mine"](tx, limit)
        seats = inbox.seat_actions(tx, found)
        items = [_task(tx, task, seats) for task in found]
    return answer({"items": items})


@api.get("/v1/tasks/<task_id>")
@policy()
def get_task(task_id: str) -> ResponseReturnValue:
    """Return a task that concerns the caller."""
    with reading() as tx:
        task = inbox.one(tx, task_id)
        return answer(_task(tx, task, inbox.seat_actions(tx, [task])), rev=task.rev)


@api.post("/v1/tasks/<task_id>/<action>")
@policy()
def act_on_task(task_id: str, action: str) -> ResponseReturnValue:
    """Claim, give back, complete or decide."""
    deciding = action not in ("claim", "give_back")
    rev, key = required_rev(), request_key(required=deciding)
    body = json_body(optional=True)
    given = replace(answer_of(body.value, action, TASK_KEYS), rev=rev, request_id=key)
    given = signed(given, body.value)
    with writing() as tx:
        return once(tx, key, body.raw, lambda: _act(tx, task_id, given))


def _act(tx: Transaction, task_id: str, given: Answer) -> Response:
    inbox.one(tx, task_id)  # what does not concern the caller is not found
    runner, person = Flows(server().workspace).runner(tx), person_of(tx)
    if given.action == "claim":
        runner.claim(task_id, person, given)
    elif given.action == "give_back":
        runner.give_back(task_id, person, given)
    else:
        runner.act(task_id, person, given)
    after = SqlFlowStore(tx).task(task_id)
    return answer(_task(tx, after, inbox.seat_actions(tx, [after])), rev=after.rev)


def _task(tx: Transaction, task: Task, seats: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    about = None
    if task.object and task.record_id:
        about = {"object": task.object, "id": task.record_id,
                 "title": title_of(tx, task.object, task.record_id)}  # fmt: skip
    return {
        "id": task.id, "rev": task.rev, "kind": task.kind, "state": task.state, "flow": task.flow,
        "node": task.node, "instance": task.instance_id, "about": about, "holder": task.holder,
        "opened_at": task.opened_at, "due_at": task.due_at, "decided_at": task.decided_at,
        "outcome": task.outcome, "comment": task.comment, "principal": task.principal,
        "via": task.via, "round": task.round, "actions": _actions(tx, task, seats),
    }  # fmt: skip


def _actions(tx: Transaction, task: Task, seats: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return what the caller may do with a task now."""
    if task.state != OPEN:
        return []
    if task.holder is None:
        return ["claim"]
    if not task.may_act(tx.actor.principal.id, tx.actor.principal.roles):
        return []
    if task.id in seats:
        return list(seats[task.id])
    if task.kind in OTHER_ACTIONS:
        return list(OTHER_ACTIONS[task.kind])
    case = SqlFlowStore(tx).read(task.instance_id)
    plan = CatalogPlans(server().workspace, tx).at(case.flow, case.version)
    pooled = ["give_back"] if task.pools or task.candidates else []
    return [*allowed_actions(plan.graph.nodes[task.node], task), *pooled]


@api.get("/v1/instances/<instance_id>")
@policy()
def get_instance(instance_id: str) -> ResponseReturnValue:
    """Return how an instance stands and what happened in it."""
    with reading() as tx:
        case = _seen_case(tx, instance_id)
        course = [_event(one) for one in inbox.course(tx, case.id)]
        acts = [_entry(one) for one in SqlFlowStore(tx).history(case.id)]
        return answer({**case_json(case), "course": course, "history": acts}, rev=case.rev)


@api.post("/v1/instances/<instance_id>/<action>")
@policy()
def act_on_instance(instance_id: str, action: str) -> ResponseReturnValue:
    """Withdraw, resubmit, urge or copy what one asked for; for administrators, step in."""
    body, key = json_body(optional=True), request_key()
    given = replace(answer_of(body.value, action, INSTANCE_KEYS), request_id=key)
    with writing() as tx:
        return once(tx, key, body.raw, lambda: answer(case_json(_steer(tx, instance_id, given))))


def _steer(tx: Transaction, instance_id: str, given: Answer) -> Case:
    _seen_case(tx, instance_id)  # what does not concern the caller is not found
    runner, person = Flows(server().workspace).runner(tx), person_of(tx)
    admin = tx.actor.principal.can(Capability.JOBS)
    if given.action == "resubmit":
        return runner.resubmit(instance_id, person, given)
    if given.action == "retry":
        if not admin:
            raise ForbiddenError("NOT_ALLOWED", "only who administers flows does this")
        return runner.retry(instance_id, person)
    return runner.steer(instance_id, person, given, admin=admin)


def _seen_case(tx: Transaction, instance_id: str) -> Case:
    """Return an instance of the caller: started by them, about a record they see, or as admin."""
    case = SqlFlowStore(tx).read(instance_id)
    me = tx.actor.principal
    if me.id == case.starter or me.can(Capability.JOBS):
        return case
    about = RecordView(tx, case.object, str(case.record_id)) if case.object else None
    if about is not None and may_read(tx, about):
        return case
    raise NotFoundError("instance")


def case_json(case: Case) -> dict[str, Any]:
    """Return an instance as the API shows it."""
    return {
        "id": case.id, "rev": case.rev, "flow": case.flow, "version": case.version,
        "state": case.state, "incident": case.incident, "started_at": case.started_at,
        "ended_at": case.ended_at, "previous": case.previous,
        "about": {"object": case.object, "id": case.record_id} if case.object else None,
        "at": [{"node": token.node, "since": token.arrived_at} for token in case.tokens],
    }  # fmt: skip


def _entry(entry: Entry) -> dict[str, Any]:
    shown = ("action", "actor", "on_behalf_of", "at", "node", "round", "comment", "holder_before",
             "holder_after", "details")  # fmt: skip
    return {"task": entry.seat_id, **{key: getattr(entry, key) for key in shown}}


def _event(entry: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("kind", "activity", "actor", "start_at", "end_at", "outcome", "from_state",
             "to_state", "comment")  # fmt: skip
    return {key: entry[key] for key in shown}
