"""A document that flows came from, with what was changed in them since; all else stays as it is.

A node that was changed gets what we tell of it, and of BPMN only what differs; new nodes are added
beside what they follow, and what is gone from the flow is taken out with its lines and drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from trellis.metadata.bpmn.compose import Said, process_of, said, told_of
from trellis.metadata.bpmn.find import local
from trellis.metadata.bpmn.identifiers import Identifiers
from trellis.metadata.bpmn.importing import ImportedFlow, import_bpmn
from trellis.metadata.bpmn.model import Edge, Element, Mapped, Scope, Way, everything, scopes_of
from trellis.metadata.bpmn.names import DEFINITIONS, DI, MODEL, ROOTS, TRELLIS
from trellis.metadata.bpmn.normal import normalised
from trellis.metadata.bpmn.place import place_new
from trellis.metadata.bpmn.spans import Span, Text
from trellis.metadata.bpmn.texts import json_text
from trellis.metadata.bpmn.write import Writer

_SHAPE_PARTS = ("catch", "undo")


def patched(document: bytes, flows: Mapping[str, tuple[str, Mapped]], *, file: str) -> bytes:
    """Return the document as the flows (key and mapping by process) are now.

    Raises ProblemsFoundError where the document cannot be read any more.
    """
    imported = import_bpmn(document, file=file)
    changed = [one for one in imported.flows
               if one.process.id in flows and flows[one.process.id][1] != one.flow]  # fmt: skip
    if not changed:
        return document
    patch = _Patch(Text(document))
    for one in changed:
        patch.flow(one, *flows[one.process.id])
    return patch.finished()


class _Patch:
    """One document being brought up to date."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._by_id = {one.attributes["id"]: one for one in text.root.descendants()
                       if "id" in one.attributes and one.namespace == MODEL}  # fmt: skip
        self._ids = Identifiers()
        for one in text.root.descendants():
            if "id" in one.attributes:
                self._ids.take(one.attributes["id"])
        self._writer = Writer(self._ids, self._roots())
        self._gone: set[str] = set()
        self._new: list[tuple[Element, str]] = []  # with what it stands beside
        self._lines: list[Edge] = []
        self._locale = "en"
        #: What the document itself says, before anything was added to it for flows.
        self._raw: dict[str, Element] = {}
        self._raw_ways: dict[str, Way] = {}

    def _roots(self) -> dict[tuple[str, str], str]:
        found = {}
        for kind, (tag, _) in ROOTS.items():
            for one in self._text.root.all(tag):
                name = one.attributes.get(f"{kind}Code") or one.attributes.get("name")
                found[kind, name or one.attributes.get("id", "")] = one.attributes.get("id", "")
        return found

    def flow(self, one: ImportedFlow, key: str, flow: Mapped) -> None:
        """Bring the process of a flow up to date."""
        self._locale = one.process.locale
        holder = self._by_id[one.process.id]
        head = {name: value for name, value in flow.items() if name != "nodes"}
        was = {name: value for name, value in one.flow.items() if name != "nodes"}
        self._raw |= {element.id: element for _, element in everything(one.process.scope)}
        self._raw_ways |= {edge.id: edge.way for scope in scopes_of(one.process)
                           for edge in scope.edges}  # fmt: skip
        now = process_of(key, flow, self._locale, self._ids)
        if head != was:
            self._head(holder, one, flow, now.name)
        known = _with_own_ways(normalised(one.process).process.scope, one.process.scope)
        self._scope(now.scope, known, one.flow["nodes"], flow["nodes"], holder)

    def _head(self, holder: Span, one: ImportedFlow, flow: Mapped, name: str) -> None:
        """Tell what the process cannot say of its flow."""
        self._text.retag(holder, holder.name, {
            "name": name, "xmlns:trellis": TRELLIS, "trellis:id": one.key})  # fmt: skip
        made = ElementTree.Element(f"{{{TRELLIS}}}flow")
        made.text = json_text({key: {} if key == "nodes" else value for key, value in flow.items()})
        self._tell(holder, made)

    def finished(self) -> bytes:
        """Return the document with roots, drawing and references brought up to date."""
        for root in self._writer.roots:
            self._before_processes(root)
        for one in self._text.root.descendants():
            if self._refers_to_gone(one):
                self._text.remove(one)
        for plane, made in place_new(
            self._text.root, self._new, self._lines, self._ids, self._gone
        ):
            self._text.append(plane, made)
        return self._text.changed()

    def _before_processes(self, made: ElementTree.Element) -> None:
        first = next(one for one in self._text.root.all("process", "collaboration"))
        self._text.put_before(first, made)

    def _refers_to_gone(self, one: Span) -> bool:
        if one.namespace == DI:
            return local(one.attributes.get("bpmnElement", "")) in self._gone
        if one.namespace != MODEL:
            return False
        if one.name in ("incoming", "outgoing", "flowNodeRef"):
            return local(self._text.content(one)) in self._gone
        ends = {local(one.attributes.get(name, "")) for name in ("sourceRef", "targetRef")}
        if one.name in ("association", "messageFlow"):
            return bool(ends & self._gone)
        return one.attributes.get("id") in self._gone

    def _scope(
        self, now: Scope, was: Scope, nodes_was: Mapped, nodes: Mapped, holder: Span
    ) -> None:
        known = {
            one.key: one
            for one in was.elements
            if one.host is None and one.id in self._by_id and one.key in nodes_was
        }
        ids = {one.id: known[one.key].id for one in now.elements
               if one.host is None and not one.implicit and one.key in known}  # fmt: skip
        for key, element in known.items():
            if key not in nodes:
                self._take_out(element, was)
        changed = {
            key
            for key in nodes
            if key in known and not self._same(nodes_was[key], nodes[key], known, nodes)
        }
        owners = _owners(now)
        fresh = [
            one
            for one in now.elements
            if self._is_fresh(one, owners, changed, known, nodes_was, nodes)
        ]
        new = {one.id for one in fresh}
        written = _renamed(now, ids, was, self._by_id)
        for one in written.elements:
            key = one.key
            if one.id in new:
                self._text.add_to_scope(holder, self._writer.node(one, written))
                self._new.append((one, one.host or _before(written, one.id)))
            elif key in changed and one.host is None:
                self._node(known[key], one, nodes_was[key], nodes[key], was, written)
        self._edges(written, was, {known[key].id for key in changed} | new, holder)
        for one in written.elements:
            old = known.get(one.key) if one.host is None else None
            if old is not None and old.scope is not None and one.scope is not None:
                self._scope(one.scope, old.scope, nodes_was[one.key].get("nodes", {}),
                            nodes[one.key].get("nodes", {}), self._by_id[old.id])  # fmt: skip

    def _same(self, was: Mapped, now: Mapped, known: Mapping[str, Element], nodes: Mapped) -> bool:
        """Tell whether a node is as it was, and leads to nothing that the document lacks."""
        named = {way.target for way in said("", now, self._locale).ways}
        named |= {item.get("to") for item in now.get("catch") or ()}
        return _own(was) == _own(now) and not {one for one in named
                                               if one in nodes and one not in known}  # fmt: skip

    def _is_fresh(
        self, one: Element, owners: Mapping[str, str], changed: set[str],
        known: Mapping[str, Element], was: Mapped, now: Mapped,
    ) -> bool:  # fmt: skip
        """Tell whether an element has to be written: new nodes, and what changed around others."""
        key = owners[one.id]
        if key not in known:
            return True
        if key not in changed or (one.host is None and not one.implicit):
            return False
        return one.implicit or any(was[key].get(p) != now[key].get(p) for p in _SHAPE_PARTS)

    def _take_out(self, element: Element, was: Scope) -> None:
        gone = {element.id, *(one.id for one in was.elements if one.host == element.id)}
        gone |= {edge.id for edge in (*was.edges, *was.undos)
                 if edge.source in gone or edge.way.target in gone}  # fmt: skip
        inside = self._by_id[element.id].descendants()
        self._gone |= gone | {one.attributes["id"] for one in inside if "id" in one.attributes}

    def _node(
        self, old: Element, now: Element, was: Mapped, node: Mapped, scope: Scope, written: Scope
    ) -> None:
        span = self._by_id[old.id]
        before, after = said(now.key, was, self._locale), said(now.key, node, self._locale)
        self._text.retag(span, self._tag(span, before, after),
                         self._attributes(before, after, now, written))  # fmt: skip
        if before.element.help != after.element.help:
            for one in span.all("documentation"):
                self._text.remove(one)
            if after.element.help:
                words = ElementTree.Element(f"{{{MODEL}}}documentation")
                words.text = after.element.help
                self._text.insert(span, words, "documentation")
        made = ElementTree.Element(f"{{{TRELLIS}}}node")
        made.text = json_text(told_of(node))
        self._tell(span, made)
        self._replace(span, before, after, now)
        if any(was.get(part) != node.get(part) for part in _SHAPE_PARTS):
            for event in scope.elements:
                if event.host == old.id:
                    self._take_out(event, scope)

    def _tag(self, span: Span, before: Said, after: Said) -> str:
        return span.name if before.element.tag == after.element.tag else after.element.tag

    def _attributes(
        self, before: Said, after: Said, now: Element, written: Scope
    ) -> dict[str, str | None]:
        one, other = before.element, after.element
        found: dict[str, str | None] = {}
        if now.key != now.id:
            found |= {"xmlns:trellis": TRELLIS, "trellis:id": now.key}
        if self._raw[now.id].name != other.name:
            found["name"] = other.name or None
        for name, was, is_now in (("isForCompensation", one.undoes, other.undoes),
                                  ("triggeredByEvent", one.by_event, other.by_event)):  # fmt: skip
            if was != is_now:
                found[name] = "true" if is_now else None
        if one.interrupts != other.interrupts:
            found["isInterrupting"] = None if other.interrupts else "false"
        if one.called != other.called:
            found["calledElement"] = other.called or None
        if one.message != other.message:
            found["messageRef"] = (
                self._writer.root("message", other.message) if other.message else None
            )
        default = next((edge.id for edge in written.edges
                        if edge.source == now.id and edge.way.is_default), None)  # fmt: skip
        if default is not None or "default" in self._by_id[now.id].attributes:
            found["default"] = default
        return found

    def _tell(self, span: Span, made: ElementTree.Element) -> None:
        for extension in span.all("extensionElements"):
            for child in extension.children:
                if child.namespace == TRELLIS and child.name == made.tag.rpartition("}")[2]:
                    self._text.remove(child)
            self._text.append(extension, made)
            return
        holder = ElementTree.Element(f"{{{MODEL}}}extensionElements")
        holder.append(made)
        self._text.insert(span, holder, "extensionElements")

    def _replace(self, span: Span, before: Said, after: Said, now: Element) -> None:
        """Replace the loop and the definitions of an event where they are others now."""
        old, new = before.element, after.element
        holder = ElementTree.Element("holder")
        if (old.loop, old.until) != (new.loop, new.until):
            for one in span.all("multiInstanceLoopCharacteristics"):
                self._text.remove(one)
            if new.loop:
                self._writer.loop(holder, new)
                self._text.insert(span, holder[0], "multiInstanceLoopCharacteristics")
        if old.triggers != new.triggers:
            for one in span.all(*DEFINITIONS.values(), "eventDefinitionRef"):
                self._text.remove(one)
            for trigger in now.triggers:
                self._writer.trigger(holder, trigger)
                self._text.append(span, holder[-1])

    def _edges(self, written: Scope, was: Scope, sources: set[str], holder: Span) -> None:
        """Bring the ways out of elements up to date."""
        old = {edge.id: edge for edge in was.edges
               if edge.source in sources and edge.id in self._by_id}  # fmt: skip
        for edge in written.edges:
            if edge.source not in sources:
                continue
            known = old.pop(edge.id, None)
            if known is None:
                self._text.add_to_scope(holder, self._writer.edge(edge.id, edge.source, edge.way))
                self._lines.append(edge)
                self._ends(edge)
            elif _words(self._raw_ways[edge.id]) != _words(edge.way):
                made = self._writer.edge(edge.id, edge.source, edge.way)
                self._text.swap(self._by_id[edge.id], made)
        self._gone |= set(old)
        for undo in written.undos:
            if undo.source in sources:
                made = ElementTree.Element(f"{{{MODEL}}}association", {
                    "id": undo.id, "sourceRef": undo.source, "targetRef": undo.way.target,
                    "associationDirection": "One"})  # fmt: skip
                self._text.add_to_scope(holder, made)
                self._lines.append(undo)

    def _ends(self, edge: Edge) -> None:
        """Tell the elements at the ends of a new sequence flow about it."""
        for end, kind in ((edge.source, "outgoing"), (edge.way.target, "incoming")):
            if end in self._by_id:
                made = ElementTree.Element(f"{{{MODEL}}}{kind}")
                made.text = edge.id
                self._text.insert(self._by_id[end], made, kind)


def _owners(scope: Scope) -> dict[str, str]:
    """Return the key of the node that each element belongs to, by the element's id."""
    found = {one.id: one.key for one in scope.elements if one.host is None and not one.implicit}
    found |= {one.id: found[one.host] for one in scope.elements if one.host is not None}
    behind = {edge.way.target: edge.source for edge in scope.edges}
    return found | {one.id: found[behind[one.id]] for one in scope.elements if one.implicit}


def _with_own_ways(normal: Scope, own: Scope) -> Scope:
    """Return the elements by the keys that flows know, with the ways that the document has."""
    inner = {one.id: one.scope for one in own.elements if one.scope is not None}
    elements = tuple(
        replace(one, scope=_with_own_ways(one.scope, inner[one.id]))
        if one.scope is not None and one.id in inner else one
        for one in normal.elements
    )  # fmt: skip
    return Scope(elements, own.edges, own.undos)


def _words(way: Way) -> tuple[str | None, str]:
    return way.condition, way.name


def _own(node: Mapped) -> dict[str, Any]:
    return {name: value for name, value in node.items() if name != "nodes"}


def _renamed(
    scope: Scope, ids: Mapping[str, str], was: Scope, known: Mapping[str, object]
) -> Scope:
    """Return a scope with the ids that its elements and ways have in the document."""
    waiting: dict[tuple[str, str], list[str]] = {}
    for one in was.edges:
        if one.id in known:
            waiting.setdefault((one.source, one.way.target), []).append(one.id)

    def edge(one: Edge) -> Edge:
        source, target = (ids.get(end, end) for end in (one.source, one.way.target))
        same = waiting.get((source, target))
        return Edge(same.pop(0) if same else one.id, source, replace(one.way, target=target))

    elements = tuple(
        replace(
            one,
            id=ids.get(one.id, one.id),
            host=ids.get(one.host, one.host) if one.host else None,
            triggers=tuple(
                replace(trigger, text=ids.get(trigger.text, trigger.text))
                if trigger.kind == "compensate"
                else trigger
                for trigger in one.triggers
            ),
        )
        for one in scope.elements
    )
    return Scope(elements, tuple(map(edge, scope.edges)), tuple(map(edge, scope.undos)))


def _before(scope: Scope, element: str) -> str:
    return next((edge.source for edge in scope.edges if edge.way.target == element), "")
