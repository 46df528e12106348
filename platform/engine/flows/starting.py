"""Flows that begin by themselves: on record events, when something comes to hold, by the clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trellis.engine.flows.clockwork import next_time
from trellis.engine.flows.runner import SYSTEM_PERSON, Beginning
from trellis.engine.flows.running import Flows, person_of
from trellis.engine.flows.steps import CONDITIONS_JOB
from trellis.engine.flows.subscriptions import of_record
from trellis.engine.jobs.rows import enqueue, exists
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of
from trellis.metadata.model.fields import TO_ONE_TYPES
from trellis.metadata.model.flows import Flow, FlowStart, Node, NodeKind

CYCLE_JOB = "flow.cycle"


@dataclass(frozen=True)
class FlowStarts:
    """Starts flows on the record events that they name, and wakes what waits for a condition."""

    flows: Flows

    def before(self, _tx: Transaction, _draft: Draft) -> Mapping[str, Any]:
        """Have no say."""
        return {}

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Start every flow whose start fits the change."""
        for flow, start in _starts_of(tx, change.object):
            if _fits(tx, start, change) and not self._runs_already(tx, flow, change):
                self._start(tx, flow, change, None)
        for flow, node in _conditional_starts(tx, change.object):
            if self._came_true(tx, flow, node, change) and not self._runs_already(tx, flow, change):
                self._start(tx, flow, change, node)
        for object_key, record_id in self._about(tx, change):
            for instance in of_record(tx.connection, object_key, record_id):
                enqueue(tx, CONDITIONS_JOB, {"instance": instance}, due=tx.now,
                        key=f"timer:{instance}:conditions:record")  # fmt: skip

    def _about(self, tx: Transaction, change: RecordChanged) -> set[tuple[str, str]]:
        """Return the records that somebody may wait for: this one, and those it belongs to."""
        waited = self.flows.waited_for(tx)
        found = {(change.object, change.record_id)} if change.object in waited else set()
        for key, target in self._references(tx, change.object, waited):
            for values in (change.old or {}, change.new):
                if isinstance(values.get(key), str):
                    found.add((target, values[key]))
        return found

    def _references(
        self, tx: Transaction, object_key: str, waited: frozenset[str]
    ) -> list[tuple[str, str]]:
        if not waited:
            return []
        fields = tx.compiled.catalog.objects[object_key].fields
        return [(key, field.to) for key, field in fields.items()
                if field.value_type in TO_ONE_TYPES and field.to in waited]  # fmt: skip

    def _start(self, tx: Transaction, flow: Flow, change: RecordChanged, node: Node | None) -> None:
        runner = self.flows.runner(tx)
        plan = runner.plans.current(flow.key)
        start = node or next(
            (one for one in plan.flow.nodes.values()
             if one.kind is NodeKind.START and one.trigger == "record"), None)  # fmt: skip
        beginning = Beginning(change.object, change.record_id, {}, start)
        runner.begin(flow.key, person_of(tx), beginning)

    def _came_true(self, tx: Transaction, flow: Flow, node: Node, change: RecordChanged) -> bool:
        """Tell whether a condition holds now that did not hold before the change."""
        if change.event == "delete":
            return False
        plan = self.flows.runner(tx).plans.current(flow.key)
        text = node.settings.get("conditional")
        now = RecordView(tx, change.object, change.record_id, change.new)
        if plan.value(text, context_of(tx, now, change.old)) is not True:
            return False
        if change.old is None:
            return True
        was = RecordView(tx, change.object, change.record_id, change.old)
        return plan.value(text, context_of(tx, was)) is not True

    def _runs_already(self, tx: Transaction, flow: Flow, change: RecordChanged) -> bool:
        """Tell whether the flow's `key` keeps a second instance from beginning on the record."""
        if flow.business_key is None:
            return False
        store = self.flows.runner(tx).store
        return store.running_on(flow.key, change.object, change.record_id) is not None


@dataclass(frozen=True)
class FlowCycles:
    """Flows that begin again and again by the clock."""

    flows: Flows

    def ensure(self, tx: Transaction) -> None:
        """Put the next start of every flow with a `cycle` into the queue unless it is there."""
        for flow, node in _cycles(tx):
            if not exists(tx, _cycle_key(flow, node)):
                self._plan_next(tx, flow, node, tx.now)

    def run(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Start a flow whose time has come, and plan its next start."""
        for flow, node in _cycles(tx):
            if (flow.key, node.id) != (payload["flow"], payload["node"]):
                continue
            self._begin(tx, flow, node)
            due = datetime.fromisoformat(str(payload["due"]))
            # What was missed while nobody worked is one start, unless each is asked for.
            since = due if node.settings.get("missed") == "each" else max(due, tx.now)
            self._plan_next(tx, flow, node, since)

    def _begin(self, tx: Transaction, flow: Flow, node: Node) -> None:
        self.flows.runner(tx).begin(flow.key, SYSTEM_PERSON, Beginning(None, None, {}, node))

    def _plan_next(self, tx: Transaction, flow: Flow, node: Node, since: datetime) -> None:
        due = next_time(str(node.settings.get("cycle")), since, tx.zone)
        payload = {"flow": flow.key, "node": node.id, "due": due.isoformat()}
        enqueue(tx, CYCLE_JOB, payload, due=due, key=_cycle_key(flow, node))


def _cycle_key(flow: Flow, node: Node) -> str:
    return f"cycle:{flow.key}:{node.id}:{node.settings.get('cycle')}"


def _fits(tx: Transaction, start: FlowStart, change: RecordChanged) -> bool:
    if start.event != change.event:
        return False
    if start.transitions and change.transition not in start.transitions:
        return False
    if start.changed and not change.changed.intersection(start.changed):
        return False
    if start.condition is None:
        return True
    view = RecordView(tx, change.object, change.record_id, change.new)
    expression = tx.compiled.expression(start.condition.text, change.object)
    return expression(context_of(tx, view, change.old)) is True


def _starts_of(tx: Transaction, object_key: str) -> list[tuple[Flow, FlowStart]]:
    return tx.compiled.keep(
        ("starts", object_key),
        lambda: [(flow, start) for flow in tx.compiled.catalog.flows.values()
                 for start in flow.starts if flow.object == object_key],
    )  # fmt: skip


def _conditional_starts(tx: Transaction, object_key: str) -> list[tuple[Flow, Node]]:
    return tx.compiled.keep(
        ("conditional starts", object_key),
        lambda: [(flow, node) for flow, node in _nodes(tx)
                 if flow.object == object_key and node.kind is NodeKind.START
                 and node.trigger == "conditional"],
    )  # fmt: skip


def _cycles(tx: Transaction) -> list[tuple[Flow, Node]]:
    return [(flow, node) for flow, node in _nodes(tx)
            if node.kind is NodeKind.START and node.trigger == "timer"]  # fmt: skip


def _nodes(tx: Transaction) -> Iterator[tuple[Flow, Node]]:
    for flow in tx.compiled.catalog.flows.values():
        for node in flow.nodes.values():
            yield flow, node
