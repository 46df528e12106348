"""Flows: nodes are reachable and end, and name what exists; only what runs is published."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.checks.places import at, at_key, item_at
from trellis.metadata.hints import hint
from trellis.metadata.model.approvals import RULE_KEYS
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import Flow, Node, NodeKind
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import SHORT_DURATION, ExpressionText
from trellis.problems import Location, Problem

#: Kinds of node and triggers that the engine runs today.
RUNNABLE = frozenset({
    NodeKind.START, NodeKind.END, NodeKind.TASK, NodeKind.APPROVAL, NodeKind.SERVICE,
    NodeKind.SCRIPT, NodeKind.RULE, NodeKind.SEND, NodeKind.XOR, NodeKind.AND, NodeKind.WAIT,
})  # fmt: skip
_TRIGGERS = {
    NodeKind.START: frozenset({None, "form", "record"}),
    NodeKind.END: frozenset({None, "terminate"}),
    NodeKind.WAIT: frozenset({"timer"}),
}
#: Built-in actions of service nodes.
ACTIONS = frozenset({"record.create", "record.update", "record.transition", "flow.start"})
_SETTINGS = frozenset({
    "event", "if", "transitions", "changed", "timer", "sla", "due", "comment", "help",
    "exhaustive", "not", "empty", "resolve", *RULE_KEYS,
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
        for node in flow.nodes.values():
            yield from _node_problems(catalog, flow, node)
            yield from _runnable_problems(node)
            if item is not None:
                yield from _record_problems(item, node)
        yield from _path_problems(flow)


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


def targets(node: Node) -> tuple[str, ...]:
    """Return every node that `node` may lead to."""
    others = (node.otherwise,) if node.otherwise else ()
    caught = tuple(catch.to for catch in node.catches)
    return (*node.next, *(branch.to for branch in node.branches), *others, *caught)


def _node_problems(catalog: Catalog, flow: Flow, node: Node) -> Iterator[Problem]:
    for target, place in _ways(node):
        if target not in flow.nodes:
            yield Problem(place, "META160", f"there is no node `{target}`",
                          hint(target, flow.nodes))  # fmt: skip
    form = catalog.forms.get(node.form or "")
    if node.form is not None and (form is None or form.object != flow.object):
        fitting = [one.key for one in catalog.forms.values() if one.object == flow.object]
        yield Problem(at(node, "form"), "META161",
                      f"there is no form `{node.form}` for `{flow.object}`",
                      hint(node.form, fitting))  # fmt: skip
    yield from _action_problems(catalog, node)
    yield from _time_problems(node)


def _ways(node: Node) -> Iterator[tuple[str, Location]]:
    """Yield every node that `node` names, with the place where it does."""
    for name in node.next:
        yield name, item_at(node, "next", name)
    for branch in node.branches:
        yield branch.to, branch.location
    if node.otherwise:
        yield node.otherwise, at(node, "else")
    for catch in node.catches:
        yield catch.to, catch.location


def _action_problems(catalog: Catalog, node: Node) -> Iterator[Problem]:
    if node.kind is NodeKind.RULE and node.action not in catalog.decisions:
        yield Problem(at(node, "rule"), "META163", f"there is no decision `{node.action}`",
                      hint(str(node.action), catalog.decisions))  # fmt: skip
    if node.kind is NodeKind.SERVICE and node.action not in ACTIONS:
        yield Problem(at(node, "service"), "META164", f"there is no action `{node.action}`",
                      hint(str(node.action), ACTIONS))  # fmt: skip
    if node.kind is NodeKind.SEND and node.action not in catalog.notifications:
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
    if node.kind is NodeKind.WAIT and node.trigger == "timer" and not node.settings.get("timer"):
        yield Problem(node.location, "META031", f"node `{node.id}` does not say how long it waits",
                      "add `timer:`, for example `timer: 2d`")  # fmt: skip


def _runnable_problems(node: Node) -> Iterator[Problem]:
    triggers = _TRIGGERS.get(node.kind)
    if node.kind not in RUNNABLE or (triggers is not None and node.trigger not in triggers):
        what = f"{node.kind}: {node.trigger}" if node.trigger else str(node.kind)
        yield Problem(at_key(node, str(node.kind)), "META166", f"`{what}` is not run yet",
                      "leave the node out, or model it with a task")  # fmt: skip
    for catch in node.catches:
        if catch.kind != "timer":
            yield Problem(catch.location, "META166",
                          f"a boundary event `{catch.kind}` is not run yet",
                          "use `timer`, or leave it out")  # fmt: skip
    sla = node.settings.get("sla")
    unheard = [(name, at_key(node, name)) for name in node.settings if name not in _SETTINGS]
    if isinstance(sla, dict):
        unheard += [(f"sla.{name}", at_key(node, "sla", name)) for name in sla if name != "due"]
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


def _path_problems(flow: Flow) -> Iterator[Problem]:
    starts = [node.id for node in flow.nodes.values() if node.kind is NodeKind.START]
    if not starts:
        yield Problem(flow.location, "META169", f"flow `{flow.key}` has no start node",
                      "add one, for example `opened: {start: form, next: …}`")  # fmt: skip
        return
    reached = _closure(starts, {key: targets(node) for key, node in flow.nodes.items()})
    backwards: dict[str, list[str]] = {}
    for key, node in flow.nodes.items():
        for target in targets(node):
            backwards.setdefault(target, []).append(key)
    ends = [node.id for node in flow.nodes.values() if node.kind is NodeKind.END]
    ending = _closure(ends, {key: tuple(sources) for key, sources in backwards.items()})
    for node in flow.nodes.values():
        if node.id not in reached:
            yield Problem(node.location, "META170", f"node `{node.id}` is never reached",
                          "lead a way to it with `next:`, or remove it")  # fmt: skip
        elif node.id not in ending:
            yield Problem(node.location, "META171", f"no way leads from node `{node.id}` to an end",
                          "add `next:`, or make it `end:`")  # fmt: skip
        open_choice = node.kind is NodeKind.XOR and node.branches and node.otherwise is None
        if open_choice and not node.settings.get("exhaustive"):
            yield Problem(
                node.location, "META172", f"gateway `{node.id}` has no `else`",
                "add `else:`, or `exhaustive: true` when one condition always holds",
            )  # fmt: skip


def _closure(first: list[str], edges: dict[str, tuple[str, ...]]) -> set[str]:
    seen = set(first)
    todo = list(first)
    while todo:
        for target in edges.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen
