"""People named by flows: roles, nodes and fields that exist, keys that say something sensible.

Users and teams are records of a workspace, not definitions: a name that no record has is found
out when the step opens, and counts as nobody (`empty:`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from trellis.expressions import check, compile_open
from trellis.expressions import types as t
from trellis.metadata.checks.places import at, at_key, item_at
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import Flow, Node, NodeKind, every_node
from trellis.metadata.model.people import CHAIN_ENDS, Resolver
from trellis.metadata.model.texts import ExpressionText
from trellis.metadata.scopes import flow_scope
from trellis.problems import Problem

#: Resolvers that are understood but not answered yet.
_UNANSWERED = frozenset({"roster", "pick"})
_PEOPLE_KINDS = frozenset({NodeKind.TASK, NodeKind.APPROVAL})
_LEVELS = re.compile(r"1\.\.(\d{1,2})")
_MOST_LEVELS = 50
_MOST_PEOPLE = 100
_ENDS = ", ".join(f"`{name}`" for name in CHAIN_ENDS)


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of whom flows name."""
    for flow in catalog.flows.values():
        yield from _resolver_problems(catalog, flow, flow.roles.values())
        for node, _ in every_node(flow.nodes):
            yield from _node_problems(catalog, flow, node)


def _node_problems(catalog: Catalog, flow: Flow, node: Node) -> Iterator[Problem]:
    yield from _resolver_problems(catalog, flow, node.who)
    yield from _resolver_problems(catalog, flow, node.policy.resolvers())
    if node.kind in _PEOPLE_KINDS and not node.who:
        yield Problem(node.location, "META165", f"node `{node.id}` does not say `who`",
                      "add `who:`, for example `who: role.…`")  # fmt: skip
    for name in node.policy.apart:
        if not _people_node(flow, name):
            yield Problem(item_at(node, "not", name), "META160",
                          f"there is no node `{name}` in which people decide",
                          hint(name, _people_nodes(flow)))  # fmt: skip
    item = catalog.objects.get(flow.object or "")
    for name in node.policy.watch or ():
        if item is not None and name not in item.fields:
            yield Problem(item_at(node, "watch", name), "META100",
                          f"object `{item.key}` has no field `{name}`",
                          hint(name, item.fields))  # fmt: skip
    yield from _misplaced_problems(node)
    chains = [one for one in node.who if one.kind == "managers_of"]
    if node.kind is NodeKind.APPROVAL and chains and (len(node.who) > 1 or node.mode == "vote"):
        yield Problem(chains[0].location, "META196",
                      "a chain of managers is asked one after the other, with nobody beside it",
                      "let it stand alone in `who`, or ask the others in an approval of their "
                      "own")  # fmt: skip


def _misplaced_problems(node: Node) -> Iterator[Problem]:
    """Yield a problem for each rule about votes at a node where nobody votes."""
    if node.policy.empty.kind == "pick":
        yield Problem(at(node, "empty"), "META167",
                      f"`empty: {{pick: requester}}` of node `{node.id}` is understood but not run "
                      "yet", "write `empty: {to: …}`")  # fmt: skip
    if node.kind is NodeKind.APPROVAL:
        return
    written = node.place.value if node.place is not None else None
    keys = written if isinstance(written, Mapping) else {}
    kinds = ["same", "watch", "resolve"]
    if node.kind is not NodeKind.TASK:
        kinds += ["empty", "not"]
    elif node.policy.empty.kind not in ("to", "block"):
        yield Problem(at(node, "empty"), "META194", "nobody votes in a task",
                      "write `empty: {to: …}` or `empty: {block: incident}`")  # fmt: skip
    for key in kinds:
        if key in keys:
            yield Problem(at_key(node, key), "META193",
                          f"`{key}` of node `{node.id}` is a rule about votes",
                          "it belongs to an approval")  # fmt: skip


def _people_node(flow: Flow, name: str) -> bool:
    return name in flow.nodes and flow.nodes[name].kind in _PEOPLE_KINDS


def _people_nodes(flow: Flow) -> list[str]:
    return [name for name in flow.nodes if _people_node(flow, name)]


def _resolver_problems(
    catalog: Catalog, flow: Flow, resolvers: Iterable[Resolver]
) -> Iterator[Problem]:
    for resolver in resolvers:
        yield from _name_problems(catalog, flow, resolver)
        yield from _argument_problems(resolver)
        yield from _resolver_problems(catalog, flow, resolver.people)


def _name_problems(catalog: Catalog, flow: Flow, resolver: Resolver) -> Iterator[Problem]:
    name = str(resolver.value)
    if resolver.kind == "role" and name not in catalog.roles:
        yield Problem(resolver.location, "META123", f"there is no role `{name}`",
                      hint(name, catalog.roles))  # fmt: skip
    if resolver.kind == "decided" and not _people_node(flow, name):
        yield Problem(resolver.location, "META160",
                      f"there is no node `{name}` in which people decide",
                      hint(name, _people_nodes(flow)))  # fmt: skip
    if resolver.kind in _UNANSWERED:
        yield Problem(resolver.location, "META162",
                      f"people named by `{resolver.kind}` are not found yet",
                      "name them by a field, a role or a group")  # fmt: skip


def _argument_problems(resolver: Resolver) -> Iterator[Problem]:
    bounds = {"level": (1, _MOST_LEVELS), "up": (0, _MOST_LEVELS), "min": (1, _MOST_PEOPLE),
              "max": (1, _MOST_PEOPLE)}  # fmt: skip
    for key, (low, high) in bounds.items():
        value = resolver.arguments.get(key)
        whole = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        if value is not None and not whole:
            yield Problem(resolver.location, "META065",
                          f"`{key}` of `{resolver.kind}` is no whole number from {low} to {high}",
                          f"write a number, for example `{key}: {low}`")  # fmt: skip
    top = resolver.arguments.get("top")
    if top not in (None, "last", "empty"):
        yield Problem(resolver.location, "META068", f"`{top}` is none of the values of `top`",
                      "write `last` or `empty`")  # fmt: skip
    if resolver.kind == "managers_of":
        yield from _chain_problems(resolver)
    if resolver.kind == "pick":
        yield from _pick_problems(resolver)


def _chain_problems(resolver: Resolver) -> Iterator[Problem]:
    levels, until = resolver.arguments.get("levels"), resolver.arguments.get("until")
    whole = isinstance(levels, int) and not isinstance(levels, bool)
    number = levels if isinstance(levels, int) and whole else 0
    found = _LEVELS.fullmatch(str(levels).strip()) if not whole else None
    number = int(found[1]) if found is not None else number
    if levels is not None and not 1 <= number <= _MOST_LEVELS:
        yield Problem(resolver.location, "META066", f"`{levels}` is no number of levels",
                      "write how many managers are asked, for example `levels: 1..3`")  # fmt: skip
    if until is not None and (
        not isinstance(until, Mapping) or len(until) != 1 or next(iter(until)) not in CHAIN_ENDS
    ):
        yield Problem(resolver.location, "META067", "`until` does not say where the chain ends",
                      f"write one of {_ENDS}, for example "
                      "`until: {title: Director}`")  # fmt: skip


def _pick_problems(resolver: Resolver) -> Iterator[Problem]:
    if resolver.value not in ("requester", "previous"):
        yield Problem(resolver.location, "META069",
                      f"`{resolver.value}` does not pick anybody",
                      "write `pick: requester` or `pick: previous`")  # fmt: skip
    if not resolver.people:
        yield Problem(resolver.location, "META031", "`pick` does not say from whom",
                      "add `from:`, for example `from: role.…`")  # fmt: skip
    low, high = resolver.arguments.get("min"), resolver.arguments.get("max")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield Problem(resolver.location, "META065", f"`min` is {low}, more than `max`, {high}",
                      "exchange them")  # fmt: skip


def type_problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield a problem for each expression that gives records of which none is a person."""
    for flow in catalog.flows.values():
        scope = flow_scope(catalog, flow.object)
        named = [*flow.roles.values()]
        for node in flow.nodes.values():
            named += [*node.who, *node.policy.resolvers()]
        for resolver in named:
            wanted = "department" if resolver.kind == "head_of" else "user"
            if isinstance(resolver.value, ExpressionText) and resolver.kind != "user":
                yield from _type_problem(resolver.value, scope, wanted)


def _type_problem(text: ExpressionText, scope: t.Scope, wanted: str) -> Iterator[Problem]:
    found = check(text.text, scope)
    given = _record_of(compile_open(text.text, scope).type) if not found else None
    if given is not None and given != wanted:
        yield Problem(
            text.location,
            "META195",
            f"`{text.text}` gives a `{given}`, not a `{wanted}`",
            f"name a field that leads to a `{wanted}`",
        )


def _record_of(kind: t.Type) -> str | None:
    """Return the object of whose records a type speaks, alone or in a list."""
    of = kind.of if isinstance(kind, t.ListType) else kind
    return of.key if isinstance(of, t.RecordType) else None
