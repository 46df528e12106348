"""A flow as it stands in YAML → what BPMN says about it.

`said` is what a node alone says, without ids of the file: `mean` compares it with what a file
says, so that only what was changed there changes the flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from trellis.metadata.bpmn.identifiers import Identifiers
from trellis.metadata.bpmn.model import Edge, Element, Mapped, Process, Scope, Trigger, Way
from trellis.metadata.bpmn.names import (
    ACTIVITIES,
    CATCHES,
    DEFINITIONS,
    GATEWAYS,
    NODES,
    TAGS,
    TRIGGERED,
)
from trellis.metadata.bpmn.texts import (
    NCNAME,
    cycle_of,
    json_text,
    label_text,
    plain,
    time_of,
    writable,
)
from trellis.metadata.build.reading import humanised

#: Gateways that take all ways, or wait for an event.
_WITHOUT_DEFAULT = frozenset({"parallelGateway", "eventBasedGateway"})
#: Keys whose content is told by elements of their own.
_ELSEWHERE: Mapping[str, Any] = {"nodes": {}, "catch": []}


@dataclass(frozen=True)
class Said:
    """What BPMN can say of a node: the element without its place, and the ways out of it."""

    element: Element
    ways: tuple[Way, ...]
    is_implicit: bool = False
    undo: str | None = None


def kind_of(node: Mapped) -> str:
    """Return the kind of a node: its first key."""
    return next(iter(node), "")


def said(key: str, node: Mapped, locale: str) -> Said:
    """Return what BPMN can say of a node; ways lead to keys of nodes, wherever they stand."""
    kind = kind_of(node)
    value = node.get(kind)
    tag = _tag(kind, value)
    element = Element(
        id="",
        tag=tag,
        key=key,
        name=_name(key, node, tag, locale),
        help=label_text(node.get("help"), locale).strip(),
        triggers=_triggers(node, value) if kind in TRIGGERED else (),
        loop=_loop(kind, node, value) if tag in ACTIVITIES else "",
        until=_until(node) if tag in ACTIVITIES else "",
        interrupts=kind != "start" or node.get("keep") is not True,
        by_event=kind == "sub" and value == "event",
        undoes=tag in ACTIVITIES and node.get("undo_only") is True,
        called=_called(kind, value),
        message=_message(node, value) if kind == "receive" else "",
    )
    ways = tuple(_ways(node, locale))
    if tag in _WITHOUT_DEFAULT:
        ways = tuple(replace(way, is_default=False) for way in ways)
    implicit = tag not in GATEWAYS and any(way.condition is not None or way.is_default
                                           for way in ways)  # fmt: skip
    undo = node.get("undo")
    return Said(element, ways, implicit, undo if isinstance(undo, str) else None)


def caught(item: Mapped) -> tuple[Trigger, bool, str | None]:
    """Return a boundary event: its trigger, whether it interrupts, where it leads."""
    kind = next((name for name in CATCHES if name in item), "")
    target = item.get("to")
    trigger = _trigger(kind, item.get(kind)) if kind else Trigger("")
    # An escalation is told and does not stop the work, unless its author says so.
    keeps = item.get("keep", kind == "escalation") is True
    return trigger, not keeps, target if isinstance(target, str) else None


def catches_of(node: Mapped) -> tuple[Mapped, ...]:
    """Return the boundary events of a node, none where the list is not one of maps."""
    items = node.get("catch")
    if isinstance(items, list) and all(isinstance(item, Mapping) for item in items):
        return tuple(items)
    return ()


def told_of(node: Mapped) -> Mapped:
    """Return what is told beside BPMN: the node without what has elements of its own."""
    empty: Mapped = _ELSEWHERE if catches_of(node) else {"nodes": {}}
    return {key: empty[key] if key in empty and isinstance(value, type(empty[key])) else value
            for key, value in node.items()}  # fmt: skip


def _tag(kind: str, value: Any) -> str:
    if kind == "kept" and value in NODES and value != "boundaryEvent":
        return str(value)
    return TAGS.get(kind, "task")


def _called(kind: str, value: Any) -> str:
    """Return the flow that a node calls, "" where its key is no name that BPMN takes."""
    return value if kind == "call" and isinstance(value, str) and NCNAME.fullmatch(value) else ""


def _name(key: str, node: Mapped, tag: str, locale: str) -> str:
    if "label" in node:
        return label_text(node["label"], locale)
    return "" if tag in GATEWAYS or tag.endswith("Event") else writable(humanised(key))


def _triggers(node: Mapped, value: Any) -> tuple[Trigger, ...]:
    kind = value if isinstance(value, str) else ""
    if kind == "timer" and "timer" not in node and isinstance(node.get("cycle"), str):
        return (Trigger(kind, *cycle_of(node["cycle"])),)
    return (_trigger(kind, node.get(kind)),) if kind in DEFINITIONS else ()


def _trigger(kind: str, detail: Any) -> Trigger:
    if detail is None or kind in ("terminate", "cancel"):
        return Trigger(kind)
    if kind == "timer":
        form, text = time_of(detail)
        return Trigger(kind, text, form if text else "")
    return Trigger(kind, plain(detail).strip())


def _loop(kind: str, node: Mapped, value: Any) -> str:
    multi = node.get("multi")
    if isinstance(multi, Mapping):
        return "seq" if multi.get("mode") == "seq" else "parallel"
    if kind == "approval" and value in ("all", "seq"):
        return "parallel" if value == "all" else "seq"
    return ""


def _until(node: Mapped) -> str:
    multi = node.get("multi")
    until = multi.get("until") if isinstance(multi, Mapping) else None
    return "" if until is None else plain(until).strip()


def _message(node: Mapped, value: Any) -> str:
    named = node.get("message", value)
    return writable(named) if isinstance(named, str) else ""


def _ways(node: Mapped, locale: str) -> Iterator[Way]:
    following = node.get("next")
    names = following if isinstance(following, list) else [following]
    yield from (Way(name) for name in names if isinstance(name, str))
    branches = node.get("when")
    for branch in branches if isinstance(branches, list) else ():
        if isinstance(branch, Mapping) and isinstance(branch.get("to"), str):
            name = label_text(branch.get("name"), locale)
            yield Way(branch["to"], plain(branch.get("if", "")).strip(), name)
    if isinstance(node.get("else"), str):
        yield Way(node["else"], is_default=True)


def process_of(
    key: str, flow: Mapped, locale: str = "en", ids: Identifiers | None = None
) -> Process:
    """Return what BPMN says about a flow; `ids` knows what ids the file has already."""
    ids = ids or Identifiers()
    process_id = ids.take(key)
    nodes = flow.get("nodes")
    inside = nodes if isinstance(nodes, Mapping) else {}
    places = _Places(ids, locale)
    places.reserve(inside, ())
    told = {name: {} if name == "nodes" and isinstance(value, Mapping) else value
            for name, value in flow.items()}  # fmt: skip
    name = label_text(flow["label"], locale) if "label" in flow else writable(humanised(key))
    return Process(process_id, key, name, places.scope(inside, ()), locale,
                   label_text(flow.get("help"), locale).strip(), told)  # fmt: skip


class _Places:
    """Gives nodes their ids in the file, nodes before everything that is made for them."""

    def __init__(self, ids: Identifiers, locale: str) -> None:
        self._ids = ids
        self._locale = locale
        self._of: dict[tuple[str, ...], str] = {}

    def reserve(self, nodes: Mapped, path: tuple[str, ...]) -> None:
        for key, node in nodes.items():
            self._of[(*path, key)] = self._ids.take(key)
            if isinstance(node.get("nodes"), Mapping):
                self.reserve(node["nodes"], (*path, key))

    def scope(self, nodes: Mapped, path: tuple[str, ...]) -> Scope:
        elements: list[Element] = []
        edges: list[Edge] = []
        undos: list[Edge] = []
        here = {key: self._of[(*path, key)] for key in nodes}
        for key, node in nodes.items():
            one = said(key, node, self._locale)
            inner = node.get("nodes")
            scope = self.scope(inner, (*path, key)) if isinstance(inner, Mapping) else None
            if scope is None and one.element.tag == "subProcess":
                scope = Scope()
            made = replace(one.element, id=here[key], scope=scope, told=told_of(node),
                           triggers=tuple(_placed(t, here) for t in one.element.triggers),
                           is_loose=_is_loose(node, one, here))  # fmt: skip
            if scope is not None and made.tag != "subProcess":
                made = replace(made, scope=None, told=dict(node))
            elements.append(made)
            source = made.id
            if one.is_implicit:
                gateway = Element(self._ids.take(f"{made.id}__out"), "exclusiveGateway", "",
                                  implicit=True)  # fmt: skip
                elements.append(gateway)
                edges.append(self._edge(source, Way(gateway.id)))
                source = gateway.id
            edges += [self._edge(source, replace(way, target=here[way.target]))
                      for way in one.ways if way.target in here]  # fmt: skip
            self._boundary(made, node, one, here, elements, edges, undos)
        return Scope(tuple(elements), tuple(edges), tuple(undos))

    def _boundary(
        self, host: Element, node: Mapped, one: Said, here: Mapping[str, str],
        elements: list[Element], edges: list[Edge], undos: list[Edge],
    ) -> None:  # fmt: skip
        for number, item in enumerate(catches_of(node), 1):
            trigger, interrupts, target = caught(item)
            event = Element(self._ids.take(f"{host.id}__on{number}"), "boundaryEvent", "",
                            triggers=(trigger,) if trigger.kind else (), host=host.id,
                            interrupts=interrupts, told=item)  # fmt: skip
            elements.append(event)
            if target is not None and target in here:
                edges.append(self._edge(event.id, Way(here[target])))
        if one.undo is not None and one.undo in here:
            event = Element(self._ids.take(f"{host.id}__undo"), "boundaryEvent", "",
                            triggers=(Trigger("compensate"),), host=host.id)  # fmt: skip
            elements.append(event)
            undos.append(self._edge(event.id, Way(here[one.undo]), "undo"))

    def _edge(self, source: str, way: Way, lead: str = "way") -> Edge:
        return Edge(self._ids.take(f"{lead}_{source}_{way.target}"), source, way)


def _placed(trigger: Trigger, here: Mapping[str, str]) -> Trigger:
    if trigger.kind == "compensate":
        return replace(trigger, text=here.get(trigger.text, ""))
    return trigger


def _is_loose(node: Mapped, one: Said, here: Mapping[str, str]) -> bool:
    """Tell whether a node names nodes that do not stand beside it, so that no edge can be drawn."""
    named = {way.target for way in one.ways} | {caught(item)[2] for item in catches_of(node)}
    named |= {one.undo, *(t.text for t in one.element.triggers if t.kind == "compensate")}
    return not named <= {None, "", *here}


def told_text(told: Mapped) -> str:
    """Return what is told beside BPMN as one text."""
    return json_text(told)
