"""Processes of other tools → processes that mean the same and say it as flows do.

What BPMN lets tools leave out is added: starts and ends, conditions of choices (which somebody has
to bind), gateways behind activities whose ways have conditions. Elements that we told are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from trellis.metadata.bpmn.identifiers import Identifiers
from trellis.metadata.bpmn.model import Edge, Element, Process, Scope, Way
from trellis.metadata.bpmn.names import ACTIVITIES
from trellis.metadata.bpmn.wording import is_expression

_KEY = re.compile(r"[A-Za-z_][\w.-]*")
_MAX_KEY = 80


@dataclass(frozen=True)
class Binding:
    """Something that a person has to say before a flow runs; `said` is what the file says."""

    node: str
    what: str  # action, decision, notification, flow, people, condition, time, items, message …
    said: str = ""

    def __str__(self) -> str:
        return f"{self.node}: {self.what}" + (f" ({self.said})" if self.said else "")


@dataclass
class Normal:
    """A process made normal: `added` are the ids of elements that the file does not have."""

    process: Process
    bindings: list[Binding] = field(default_factory=list)
    added: set[str] = field(default_factory=set)


def normalised(process: Process) -> Normal:
    """Return a process as flows can say it; what we told of stays as it is."""
    normal = Normal(process)
    maker = _Maker(normal)
    normal.process = replace(process, scope=maker.scope(process.scope))
    return normal


class _Maker:
    def __init__(self, normal: Normal) -> None:
        self._normal = normal
        self._keys = Identifiers(folded=True)
        self._ids = Identifiers()
        self._reserve(normal.process.scope)

    def _reserve(self, scope: Scope) -> None:
        for element in scope.elements:
            self._ids.take(element.id)
            if element.told is not None and element.host is None:
                self._keys.take(element.key)
            if element.scope is not None:
                self._reserve(element.scope)
        for edge in scope.edges:
            self._ids.take(edge.id)

    def scope(self, scope: Scope) -> Scope:
        """Return the inside of a process or sub-process made normal."""
        named = Scope(tuple(self._named(one) for one in scope.elements), scope.edges, scope.undos)
        chosen = replace(named, edges=tuple(self._chosen(named)))
        split = self._with_gateways(chosen)
        return self._with_ends(self._with_start(split))

    def _named(self, element: Element) -> Element:
        inner = self.scope(element.scope) if element.scope is not None else None
        if element.told is not None or element.host is not None or element.implicit:
            return replace(element, scope=inner)
        name = " ".join(element.name.split())
        fits = _KEY.fullmatch(element.key) and len(element.key) <= _MAX_KEY
        wanted = element.key if fits else re.sub(r"[^\w.-]", "_", element.key)[: _MAX_KEY - 10]
        return replace(element, key=self._keys.take(wanted), name=name, scope=inner)

    def _chosen(self, scope: Scope) -> Iterator[Edge]:
        """Yield the edges; choices without a condition get one that somebody has to bind."""
        keys = {one.id: one for one in scope.elements}
        for edge in scope.edges:
            way = replace(edge.way, name=" ".join(edge.way.name.split()))
            if keys[edge.source].told is not None or keys[edge.source].implicit:
                yield edge
                continue
            if way.condition == "":
                way = replace(way, condition=None)
            source = keys[edge.source]
            open_choice = _open_choice(source, scope, edge.way)
            if open_choice == "last":
                way = replace(way, is_default=True)
                self._bind(source, "condition", f"the other ways lead on, else {way.name}".strip())
            elif open_choice:
                text = way.name or keys[way.target].name or keys[way.target].key
                way = replace(way, condition=f'vars.{_word(source.key)} = "{_quotable(text)}"')
                self._bind(source, "condition", text)
            elif way.condition is not None and not is_expression(way.condition):
                self._bind(source, "condition", way.condition)
            yield replace(edge, way=way)

    def _with_gateways(self, scope: Scope) -> Scope:
        """Put the gateway that BPMN means behind activities whose ways have conditions."""
        elements: list[Element] = []
        edges = list(scope.edges)
        for one in scope.elements:
            elements.append(one)
            conditional = any(way.condition is not None for way in scope.ways(one.id))
            if one.told is not None or one.tag not in ACTIVITIES or not conditional:
                continue
            gateway = self._added("inclusiveGateway", f"{one.key}__out")
            elements.append(gateway)
            edges = [replace(edge, source=gateway.id) if edge.source == one.id else edge
                     for edge in edges]  # fmt: skip
            edges.append(self._edge(one.id, gateway.id))
        return replace(scope, elements=tuple(elements), edges=tuple(edges))

    def _with_start(self, scope: Scope) -> Scope:
        entered = {edge.way.target for edge in (*scope.edges, *scope.undos)}
        first = [one for one in scope.elements if one.id not in entered and _may_begin(one)]
        starts = any(one.tag == "startEvent" for one in scope.elements)
        if starts or not first or any(one.told is not None for one in scope.elements):
            return scope
        start = self._added("startEvent", "begun")
        edges = tuple(self._edge(start.id, one.id) for one in first)
        return replace(scope, elements=(start, *scope.elements), edges=(*scope.edges, *edges))

    def _with_ends(self, scope: Scope) -> Scope:
        left = {edge.source for edge in scope.edges}
        undone = {edge.way.target for edge in scope.undos}
        elements = list(scope.elements)
        edges = list(scope.edges)
        for one in scope.elements:
            if one.id in left or one.id in undone or one.told is not None or not _goes_on(one):
                continue
            host = next((e for e in scope.elements if e.id == one.host), one)
            end = self._added("endEvent", f"{host.key}__end")
            elements.append(end)
            edges.append(self._edge(one.id, end.id))
        return replace(scope, elements=tuple(elements), edges=tuple(edges))

    def _added(self, tag: str, key: str) -> Element:
        made = Element(self._ids.take(key), tag, self._keys.take(key[:_MAX_KEY]))
        self._normal.added.add(made.id)
        return made

    def _edge(self, source: str, target: str) -> Edge:
        made = Edge(self._ids.take(f"way_{source}_{target}"), source, Way(target))
        self._normal.added.add(made.id)
        return made

    def _bind(self, element: Element, what: str, said: str) -> None:
        binding = Binding(element.key, what, said)
        if binding not in self._normal.bindings:
            self._normal.bindings.append(binding)


def _open_choice(source: Element, scope: Scope, way: Way) -> str:
    """Tell whether a way of a choice lacks its condition, and whether it is the last one."""
    ways = scope.ways(source.id)
    open_ways = [one for one in ways if not one.condition and not one.is_default]
    is_choice = source.tag in ("exclusiveGateway", "inclusiveGateway", "complexGateway")
    if not is_choice or len(ways) < 2 or way not in open_ways or source.told is not None:
        return ""
    has_default = any(one.is_default for one in ways)
    is_last = way == open_ways[-1] and source.tag == "exclusiveGateway"
    return "last" if is_last and not has_default else "open"


def _may_begin(one: Element) -> bool:
    return one.host is None and not one.by_event and not one.undoes and not _is_link(one)


def _goes_on(one: Element) -> bool:
    if one.tag == "endEvent" or one.by_event or one.undoes or one.implicit or _is_link(one):
        return False
    return not (one.host is not None and any(t.kind == "compensate" for t in one.triggers))


def _is_link(one: Element) -> bool:
    return any(trigger.kind == "link" for trigger in one.triggers)


def _word(key: str) -> str:
    return re.sub(r"\W", "_", key)


def _quotable(text: str) -> str:
    return re.sub(r'["\\\s]+', " ", text).strip()[:80]
