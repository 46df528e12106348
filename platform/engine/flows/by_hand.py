"""Flows that people start themselves: who may, on which record, with which fields filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.engine.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    problem,
)
from trellis.engine.flows.people import people_of
from trellis.engine.flows.plan import FlowPlan
from trellis.engine.flows.runner import Beginning, FlowRunner, Person
from trellis.engine.flows.running import Flows, person_of
from trellis.engine.flows.state import Case, InstanceState
from trellis.engine.query.pages import may_read
from trellis.engine.records import create, update
from trellis.engine.records.checks import rows_allow
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.metadata.model.access import Action, Capability
from trellis.metadata.model.flows import Flow, Node, NodeKind


def start_of(flow: Flow) -> Node | None:
    """Return the start node that people begin a flow with, None where they cannot."""
    forms = (node for node in flow.nodes.values() if node.kind is NodeKind.START)
    return next((node for node in forms if node.trigger == "form"), None)


def may_start(tx: Transaction, flows: Flows, flow: Flow, record_id: str | None) -> bool:
    """Tell whether the actor may start a flow: named by its start's `who`, else may edit."""
    start = start_of(flow)
    if start is None:
        return False
    principal = tx.actor.principal
    if start.who:
        runner, person = flows.runner(tx), person_of(tx)
        plan = runner.plans.current(flow.key)
        people = people_of(
            runner.stage_of(plan, person), _asking(plan, person, record_id), start, pooled=True
        )
        return principal.id in people.users or bool(principal.roles.intersection(people.pools))
    if flow.object is None:
        return principal.can(Capability.JOBS)
    rights = tx.rights(flow.object)
    if record_id is None:
        return bool(rights.may(Action.CREATE))
    view = RecordView(tx, flow.object, record_id)
    return rows_allow(tx, rights.may(Action.UPDATE), view)


def start_by_hand(
    tx: Transaction,
    flows: Flows,
    flow_key: str,
    record_id: str | None,
    values: Mapping[str, Any],
) -> Case:
    """Start a flow as the actor, on a record they see or on a new one made of `values`.

    NotFoundError where the flow or the record is none of theirs; the form's fields are written
    with the rights of the actor.
    """
    flow = tx.compiled.catalog.flows.get(flow_key)
    start = None if flow is None else start_of(flow)
    if flow is None or start is None:
        raise NotFoundError("flow")
    if record_id is not None:
        _refuse_unseen(tx, flow, record_id)
    if not may_start(tx, flows, flow, record_id):
        raise ForbiddenError("NOT_YOURS_TO_START", "others start this flow")
    if flow.object is None and (record_id is not None or values):
        raise InvalidError([problem("values", "NO_RECORD", "this flow is about no record")])
    runner = flows.runner(tx)
    if flow.object is not None:
        record_id = _record(tx, runner, flow, record_id, values)
    beginning = Beginning(flow.object, record_id, {}, start)
    return runner.begin(flow.key, person_of(tx), beginning)


def _refuse_unseen(tx: Transaction, flow: Flow, record_id: str) -> None:
    view = RecordView(tx, flow.object, record_id) if flow.object is not None else None
    if view is None or not view.exists or not may_read(tx, view):
        raise NotFoundError("record")


def _record(
    tx: Transaction, runner: FlowRunner, flow: Flow, record_id: str | None,
    values: Mapping[str, Any],
) -> str:  # fmt: skip
    object_key = str(flow.object)
    if record_id is None:
        return create(tx, object_key, values)
    alone = flow.business_key is not None
    if alone and runner.store.running_on(flow.key, object_key, record_id) is not None:
        raise ConflictError("RUNS_ALREADY", "the flow runs on this record already")
    if values:
        update(tx, object_key, record_id, values)
    return record_id


def _asking(plan: FlowPlan, person: Person, record_id: str | None) -> Case:
    """Return what the start's `who` is asked about: an instance that is not there yet."""
    about = plan.flow.object if record_id is not None else None
    return Case("", plan.flow.key, plan.version, about, record_id, person.id,
                InstanceState.RUNNING)  # fmt: skip
