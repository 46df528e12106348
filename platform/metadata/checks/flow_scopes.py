"""Flows: subs, items, calls, choices between events, and what undoes what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trellis.metadata.checks.places import at, at_key
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import Flow, Node, NodeKind, every_node
from trellis.metadata.scopes import PLATFORM_NAMES
from trellis.problems import Problem

_MANY = frozenset({NodeKind.TASK, NodeKind.SERVICE, NodeKind.RULE, NodeKind.SCRIPT, NodeKind.SEND,
                   NodeKind.CALL, NodeKind.SUB})  # fmt: skip
_CHOSEN = frozenset({NodeKind.WAIT, NodeKind.RECEIVE})


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of the scopes of every flow."""
    for flow in catalog.flows.values():
        for node, around in every_node(flow.nodes):
            level = flow.nodes if around is None else around.nodes
            yield from _sub_problems(node)
            yield from _multi_problems(node)
            yield from _call_problems(catalog, flow, node)
            yield from _choice_problems(node, level)
            yield from _undo_problems(node, level)


def _sub_problems(node: Node) -> Iterator[Problem]:
    if node.kind is not NodeKind.SUB:
        if node.nodes:
            yield Problem(at_key(node, "nodes"), "META202",
                          f"`{node.id}` is no sub and has no nodes inside",
                          "make it `sub:`")  # fmt: skip
        return
    starts = [inner for inner in node.nodes.values() if inner.kind is NodeKind.START]
    if len(starts) != 1:
        yield Problem(node.location, "META202",
                      f"sub `{node.id}` has {len(starts)} start nodes inside",
                      "give it exactly one, for example `begun: {start: , next: …}`")  # fmt: skip
    if node.trigger == "event" and (node.next or node.branches or node.catches or node.otherwise):
        yield Problem(node.location, "META202",
                      f"no way leads to or from `{node.id}`: an event begins it",
                      "leave out `next`, `when`, `else` and `catch`")  # fmt: skip


def _multi_problems(node: Node) -> Iterator[Problem]:
    multi = node.settings.get("multi")
    if not isinstance(multi, Mapping):
        return
    event_sub = node.kind is NodeKind.SUB and node.trigger == "event"
    if node.kind not in _MANY or event_sub:
        yield Problem(at_key(node, "multi"), "META208", f"`{node.kind}` is not done once an item",
                      "put it into a `sub` with `multi`; approvals have seats")  # fmt: skip
    name = multi.get("as", "entry")
    if not isinstance(name, str) or not name.isidentifier() or name in PLATFORM_NAMES - {"item"}:
        yield Problem(at(node, "multi", "as"), "META208",
                      f"`{name}` cannot be the name of an item",
                      "take one word that is no name of the platform")  # fmt: skip
    collect = multi.get("collect")
    for target in collect if isinstance(collect, Mapping) else [collect] if collect else []:
        root, _, rest = str(target).partition(".")
        if root not in ("vars", "record") or not rest:
            yield Problem(at(node, "multi", "collect"), "META208",
                          f"`{target}` is no place for results",
                          "write `vars.name` or `record.field`")  # fmt: skip


def _call_problems(catalog: Catalog, flow: Flow, node: Node) -> Iterator[Problem]:
    if node.kind is not NodeKind.CALL:
        return
    if node.action not in catalog.flows:
        yield Problem(at(node, "call"), "META207", f"there is no flow `{node.action}`",
                      hint(str(node.action), catalog.flows))  # fmt: skip
        return
    pin = node.settings.get("pin", "deployment")
    known = pin in ("deployment", "latest") or (isinstance(pin, int) and not isinstance(pin, bool))
    newest = catalog.flows[str(node.action)].version
    if not known or (isinstance(pin, int) and not 1 <= pin <= newest):
        yield Problem(at(node, "pin"), "META207", f"`{pin}` is no version of `{node.action}`",
                      f"write `deployment`, `latest`, or a version up to {newest}")  # fmt: skip


def _choice_problems(node: Node, level: Mapping[str, Node]) -> Iterator[Problem]:
    if node.kind is not NodeKind.EVENT:
        return
    if len(node.next) < 2 or node.branches or node.otherwise:
        yield Problem(node.location, "META209", f"`{node.id}` has nothing to choose from",
                      "lead its `next` to two waits or more")  # fmt: skip
    for name in node.next:
        target = level.get(name)
        if target is None:
            continue
        ways = sum(name in other.next or any(b.to == name for b in other.branches)
                   for other in level.values())  # fmt: skip
        if target.kind not in _CHOSEN or ways != 1 or target.set_state or target.catches:
            yield Problem(at(node, "next"), "META209",
                          f"`{name}` is no event that `{node.id}` could wait for",
                          "lead to `wait:` or `receive:` nodes that no other way leads to and that "
                          "have neither `set` nor `catch`")  # fmt: skip


def _undo_problems(node: Node, level: Mapping[str, Node]) -> Iterator[Problem]:
    handler = node.settings.get("undo")
    if handler is not None:
        found = level.get(str(handler))
        if found is None or found.settings.get("undo_only") is not True:
            known = [key for key, one in level.items() if one.settings.get("undo_only") is True]
            yield Problem(at(node, "undo"), "META212",
                          f"`{handler}` is no node that only undoes",
                          hint(str(handler), known) or "give it `undo_only: true`")  # fmt: skip
    if node.settings.get("undo_only") is not True:
        return
    if node.next or node.branches or node.otherwise or node.kind in (NodeKind.START, NodeKind.END):
        yield Problem(node.location, "META212", f"no way leads on from `{node.id}`: it only undoes",
                      "leave out `next`, `when` and `else`")  # fmt: skip
    if not any(other.settings.get("undo") == node.id for other in level.values()):
        yield Problem(node.location, "META212", f"nothing is undone by `{node.id}`",
                      f"write `undo: {node.id}` at a node, or remove it")  # fmt: skip
