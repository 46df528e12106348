"""Flows: their nodes name what exists; ways, events and scopes have checks of their own."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.checks.places import at, at_key, item_at
from trellis.metadata.hints import hint
from trellis.metadata.model.approvals import RULE_KEYS
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import Flow, Node, NodeKind, every_node
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import SHORT_DURATION, ExpressionText
from trellis.problems import Problem

#: Built-in actions of service nodes.
ACTIONS = frozenset({"record.create", "record.update", "record.transition", "flow.start",
                     "decide", "notify", "http.call"})  # fmt: skip
#: Actions that leave the database: run by a job, tried again, with a key of their own.
OUTSIDE_ACTIONS = frozenset({"http.call"})
_SETTINGS = frozenset({
    "event", "if", "transitions", "changed", "timer", "sla", "due", "comment", "help",
    "exhaustive", "not", "empty", "resolve", "message", "signal", "error", "escalation",
    "conditional", "compensate", "match", "dedupe", "ttl", "record", "cycle", "missed", "keep",
    "retry", "idempotency", "undo", "undo_only", "pin", "multi", "kept", *RULE_KEYS,
})  # fmt: skip


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every flow."""
    for flow in catalog.flows.values():
        item = catalog.objects.get(flow.object) if flow.object is not None else None
        if flow.object is not None and item is None:
            yield Problem(at(flow, "object"), "META110", f"there is no object `{flow.object}`",
                          hint(flow.object, catalog.objects))  # fmt: skip
        if flow.calendar is not None and flow.calendar not in catalog.calendars:
            yield Problem(at(flow, "calendar"), "META174",
                          f"there is no calendar `{flow.calendar}`",
                          hint(flow.calendar, catalog.calendars))  # fmt: skip
        yield from _state_problems(flow, item)
        for node, _ in every_node(flow.nodes):
            yield from _node_problems(catalog, flow, node)
            yield from _unheard_problems(node)
            yield from _kept_problems(node)
            if item is not None:
                yield from _record_problems(item, node)


def _kept_problems(node: Node) -> Iterator[Problem]:
    """Yield a problem for what was kept of a BPMN file and has no meaning here."""
    place = node.place
    kept = place.value.get("kept") if place is not None else None
    if kept is None:
        return
    words = kept if isinstance(kept, list) else [kept]
    shown = ", ".join(f"`{word}`" for word in words)
    yield Problem(at_key(node, "kept"), "META231",
                  f"{shown} of node `{node.id}` is kept from a BPMN file and not executed",
                  "say it with nodes that are executed, then take `kept` out")  # fmt: skip


def _state_problems(flow: Flow, item: Object | None) -> Iterator[Problem]:
    lifecycle = item.lifecycle if item is not None else None
    wanted = f"record.{lifecycle.field}" if lifecycle is not None else None
    if flow.state is not None and flow.state != wanted:
        yield Problem(
            at(flow, "state"),
            "META175",
            f"`{flow.state}` is not the state of `{flow.object}`",
            f"write `{wanted}`" if wanted else "leave it out: there is no lifecycle",
        )


def _node_problems(catalog: Catalog, flow: Flow, node: Node) -> Iterator[Problem]:
    form = catalog.forms.get(node.form or "")
    if node.form is not None and (form is None or form.object != flow.object):
        fitting = [one.key for one in catalog.forms.values() if one.object == flow.object]
        yield Problem(at(node, "form"), "META161",
                      f"there is no form `{node.form}` for `{flow.object}`",
                      hint(node.form, fitting))  # fmt: skip
    yield from _action_problems(catalog, node)
    yield from _time_problems(node)


def _action_problems(catalog: Catalog, node: Node) -> Iterator[Problem]:
    if node.kind is NodeKind.RULE and node.action not in catalog.decisions:
        yield Problem(at(node, "rule"), "META163", f"there is no decision `{node.action}`",
                      hint(str(node.action), catalog.decisions))  # fmt: skip
    if node.kind is NodeKind.SERVICE and node.action not in ACTIONS:
        yield Problem(at(node, "service"), "META164", f"there is no action `{node.action}`",
                      hint(str(node.action), ACTIONS))  # fmt: skip
    sends = node.kind is NodeKind.SEND and "message" not in node.settings
    if sends and node.action not in catalog.notifications:
        yield Problem(at(node, "send"), "META153", f"there is no notification `{node.action}`",
                      hint(str(node.action), catalog.notifications))  # fmt: skip


def _time_problems(node: Node) -> Iterator[Problem]:
    """Yield a problem for each time that is neither a duration nor an expression."""
    sla = node.settings.get("sla")
    written = [(node.settings.get("timer"), at(node, "timer")),
               (node.settings.get("due"), at(node, "due")),
               (sla.get("due") if isinstance(sla, dict) else None, at(node, "sla", "due")),
               *((catch.value, catch.location) for catch in node.catches
                 if catch.kind == "timer")]  # fmt: skip
    for value, place in written:
        if isinstance(value, ExpressionText) or value is None:
            continue
        if not isinstance(value, str) or not SHORT_DURATION.fullmatch(value.strip()):
            yield Problem(
                place,
                "META173",
                f"`{value}` is not a duration",
                "write `30m`, `4h`, `2d`, `8bh` of working time, or `= expression`",
            )


def _unheard_problems(node: Node) -> Iterator[Problem]:
    unheard = [(name, at_key(node, name)) for name in node.settings if name not in _SETTINGS]
    for name, place in unheard:
        yield Problem(place, "META167",
                      f"`{name}` of node `{node.id}` is understood but not run yet",
                      "leave it out")  # fmt: skip


def _record_problems(item: Object, node: Node) -> Iterator[Problem]:
    for name in node.fields:
        if name not in item.fields:
            yield Problem(item_at(node, "fields", name), "META100",
                          f"object `{item.key}` has no field `{name}`",
                          hint(name, item.fields))  # fmt: skip
    if node.set_state is None:
        return
    lifecycle = item.lifecycle
    reachable = (
        {t.target for t in lifecycle.transitions.values()} if lifecycle is not None else set()
    )
    if node.set_state not in reachable:
        yield Problem(at(node, "set"), "META168",
                      f"no transition of `{item.key}` leads to `{node.set_state}`",
                      hint(node.set_state, [s for s in reachable if s]))  # fmt: skip
