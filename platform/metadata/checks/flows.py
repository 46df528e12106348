"""Flows: nodes are reachable and end, and name what exists; only what runs is published."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import Flow, Node, NodeKind
from trellis.metadata.model.objects import Object
from trellis.problems import Problem, suggest

#: Kinds of node, triggers and resolvers that the engine runs today.
RUNNABLE = frozenset({
    NodeKind.START, NodeKind.END, NodeKind.TASK, NodeKind.APPROVAL, NodeKind.SERVICE,
    NodeKind.SCRIPT, NodeKind.RULE, NodeKind.SEND, NodeKind.XOR, NodeKind.AND, NodeKind.WAIT,
})  # fmt: skip
_TRIGGERS = {
    NodeKind.START: frozenset({None, "form", "record"}),
    NodeKind.END: frozenset({None, "terminate"}),
    NodeKind.WAIT: frozenset({"timer"}),
}
_RESOLVERS = frozenset({"user", "role", "group", "manager_of", "managers_of", "head_of",
                        "requester", "decided", "expression"})  # fmt: skip
#: Built-in actions of service nodes.
ACTIONS = frozenset({"record.create", "record.update", "record.transition", "flow.start"})
_SETTINGS = frozenset({
    "event", "if", "transitions", "changed", "timer", "sla", "due", "same", "comment", "vote",
    "reject", "veto", "over", "wait", "abstain", "help", "exhaustive",
})  # fmt: skip


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every flow."""
    for flow in catalog.flows.values():
        item = catalog.objects.get(flow.object) if flow.object is not None else None
        if flow.object is not None and item is None:
            yield Problem(flow.location, "META110", f"there is no object `{flow.object}`",
                          suggest(flow.object, catalog.objects))  # fmt: skip
        for node in flow.nodes.values():
            yield from _node_problems(catalog, flow, node)
            yield from _runnable_problems(node)
            if item is not None:
                yield from _record_problems(item, node)
        yield from _path_problems(flow)


def targets(node: Node) -> tuple[str, ...]:
    """Return every node that `node` may lead to."""
    others = (node.otherwise,) if node.otherwise else ()
    caught = tuple(catch.to for catch in node.catches)
    return (*node.next, *(branch.to for branch in node.branches), *others, *caught)


def _node_problems(catalog: Catalog, flow: Flow, node: Node) -> Iterator[Problem]:
    for target in targets(node):
        if target not in flow.nodes:
            yield Problem(node.location, "META160", f"there is no node `{target}`",
                          suggest(target, flow.nodes))  # fmt: skip
    if node.form is not None and node.form not in catalog.forms:
        yield Problem(node.location, "META161", f"there is no form `{node.form}`",
                      suggest(node.form, catalog.forms))  # fmt: skip
    yield from _people_problems(catalog, node)
    yield from _action_problems(catalog, node)


def _people_problems(catalog: Catalog, node: Node) -> Iterator[Problem]:
    for resolver in node.who:
        if resolver.kind == "role" and str(resolver.value) not in catalog.roles:
            yield Problem(resolver.location, "META123", f"there is no role `{resolver.value}`",
                          suggest(str(resolver.value), catalog.roles))  # fmt: skip
        if resolver.kind not in _RESOLVERS:
            yield Problem(resolver.location, "META162",
                          f"people named by `{resolver.kind}` are not found yet")  # fmt: skip
    if node.kind in (NodeKind.TASK, NodeKind.APPROVAL) and not node.who:
        yield Problem(node.location, "META165", f"node `{node.id}` does not say `who`",
                      "add `who:`, for example `who: role.…`")  # fmt: skip


def _action_problems(catalog: Catalog, node: Node) -> Iterator[Problem]:
    if node.kind is NodeKind.RULE and node.action not in catalog.decisions:
        yield Problem(node.location, "META163", f"there is no decision `{node.action}`",
                      suggest(str(node.action), catalog.decisions))  # fmt: skip
    if node.kind is NodeKind.SERVICE and node.action not in ACTIONS:
        yield Problem(node.location, "META164", f"there is no action `{node.action}`",
                      suggest(str(node.action), ACTIONS))  # fmt: skip
    if node.kind is NodeKind.SEND and node.action not in catalog.notifications:
        yield Problem(node.location, "META153", f"there is no notification `{node.action}`",
                      suggest(str(node.action), catalog.notifications))  # fmt: skip


def _runnable_problems(node: Node) -> Iterator[Problem]:
    triggers = _TRIGGERS.get(node.kind)
    if node.kind not in RUNNABLE or (triggers is not None and node.trigger not in triggers):
        what = f"{node.kind}: {node.trigger}" if node.trigger else str(node.kind)
        yield Problem(node.location, "META166", f"`{what}` is not run yet",
                      "leave the node out, or model it with a task")  # fmt: skip
    for catch in node.catches:
        if catch.kind != "timer":
            yield Problem(catch.location, "META166",
                          f"a boundary event `{catch.kind}` is not run yet")  # fmt: skip
    for name in node.settings:
        if name not in _SETTINGS:
            yield Problem(node.location, "META167",
                          f"`{name}` of node `{node.id}` is understood but not run yet",
                          "leave it out")  # fmt: skip


def _record_problems(item: Object, node: Node) -> Iterator[Problem]:
    for name in node.fields:
        if name not in item.fields:
            yield Problem(node.location, "META100", f"object `{item.key}` has no field `{name}`",
                          suggest(name, item.fields))  # fmt: skip
    if node.set_state is None:
        return
    lifecycle = item.lifecycle
    reachable = (
        {t.target for t in lifecycle.transitions.values()} if lifecycle is not None else set()
    )
    if node.set_state not in reachable:
        yield Problem(node.location, "META168",
                      f"no transition of `{item.key}` leads to `{node.set_state}`",
                      suggest(node.set_state, [s for s in reachable if s]))  # fmt: skip


def _path_problems(flow: Flow) -> Iterator[Problem]:
    starts = [node.id for node in flow.nodes.values() if node.kind is NodeKind.START]
    if not starts:
        yield Problem(flow.location, "META169", f"flow `{flow.key}` has no start node")
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
            yield Problem(node.location, "META170", f"node `{node.id}` is never reached")
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
