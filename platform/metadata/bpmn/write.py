"""A model of a process, and how it is drawn → a BPMN 2.0 file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

from trellis.metadata.bpmn.identifiers import Identifiers
from trellis.metadata.bpmn.model import Element, Process, Scope, Trigger, Way, scopes_of
from trellis.metadata.bpmn.names import (
    DC,
    DD,
    DEFINITIONS,
    DI,
    EXPORTER,
    FEEL,
    MODEL,
    ROOTS,
    TRELLIS,
    XSI,
)
from trellis.metadata.bpmn.texts import json_text
from trellis.metadata.drawing.model import Drawing

_PREFIXES = (("bpmn", MODEL), ("bpmndi", DI), ("dc", DC), ("di", DD), ("trellis", TRELLIS),
             ("xsi", XSI))  # fmt: skip
_TIMES = {"duration": "timeDuration", "date": "timeDate", "cycle": "timeCycle"}
Xml = ElementTree.Element
# Types of expressions are named with these prefixes, so that they must stand in every text made.
for _prefix, _address in _PREFIXES:
    ElementTree.register_namespace(_prefix, _address)


def write_bpmn(process: Process, drawing: Drawing | None = None) -> bytes:
    """Return a BPMN file of one process, with its drawing where one is given."""
    root = Xml(f"{{{MODEL}}}definitions", {"targetNamespace": "urn:trellis:flows",
               "expressionLanguage": FEEL, "exporter": EXPORTER})  # fmt: skip
    writer = Writer(ids_of(process))
    root.set("id", writer.ids.take("definitions"))
    made = writer.process(process)
    root.extend(writer.roots)
    root.append(made)
    if drawing is not None:
        root.append(_diagram(process.id, drawing, writer.ids))
    ElementTree.indent(root)
    found: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def ids_of(process: Process) -> Identifiers:
    """Return a source of ids that knows those of a process."""
    ids = Identifiers()
    ids.take(process.id)
    for scope in scopes_of(process):
        for element in scope.elements:
            ids.take(element.id)
        for edge in (*scope.edges, *scope.undos):
            ids.take(edge.id)
    return ids


class Writer:
    """Makes XML elements of a model's; `roots` are the messages, errors … that they name."""

    def __init__(
        self, ids: Identifiers, roots: Mapping[tuple[str, str], str] | None = None
    ) -> None:
        self.ids = ids
        self.roots: list[Xml] = []
        self._named: dict[tuple[str, str], str] = dict(roots or {})

    def process(self, process: Process) -> Xml:
        """Return the element of a process with everything in it."""
        made = _element("process", id=process.id, name=process.name, isExecutable="true")
        made.set(f"{{{TRELLIS}}}locale", process.locale)
        if process.key != process.id:
            made.set(f"{{{TRELLIS}}}id", process.key)
        if process.help:
            _child(made, "documentation").text = process.help
        if process.told is not None:
            _tell(made, "flow", process.told)
        self._scope(made, process.scope)
        return made

    def node(self, element: Element, scope: Scope) -> Xml:
        """Return the element of a node; `scope` tells which edges begin and end at it."""
        made = _element(element.tag, id=element.id)
        self._attributes(made, element, scope)
        if element.help:
            _child(made, "documentation").text = element.help
        if element.told is not None:
            _tell(made, "node", element.told)
        for edge in scope.edges:
            if edge.way.target == element.id:
                _child(made, "incoming").text = edge.id
        for edge in scope.edges:
            if edge.source == element.id:
                _child(made, "outgoing").text = edge.id
        if element.loop:
            self.loop(made, element)
        for trigger in element.triggers:
            self.trigger(made, trigger)
        if element.scope is not None:
            self._scope(made, element.scope)
        return made

    def edge(self, id: str, source: str, way: Way) -> Xml:
        """Return the element of a sequence flow."""
        made = _element("sequenceFlow", id=id, name=way.name, sourceRef=source,
                        targetRef=way.target)  # fmt: skip
        if way.condition is not None:
            _expression(made, "conditionExpression", way.condition)
        return made

    def trigger(self, parent: Xml, trigger: Trigger) -> None:
        """Add the definition of an event to the element of the event."""
        made = _child(parent, DEFINITIONS[trigger.kind])
        if trigger.kind in ROOTS and trigger.text:
            made.set(ROOTS[trigger.kind][1], self.root(trigger.kind, trigger.text))
        elif trigger.kind == "timer" and trigger.text:
            _formal(made, _TIMES[trigger.form], trigger.text)
        elif trigger.kind == "conditional":
            _expression(made, "condition", trigger.text)
        elif trigger.kind == "compensate" and trigger.text:
            made.set("activityRef", trigger.text)
        elif trigger.kind == "link":
            made.set("name", trigger.text)

    def root(self, kind: str, name: str) -> str:
        """Return the id of a message, signal, error or escalation, made when it is the first."""
        if (kind, name) not in self._named:
            tag = ROOTS[kind][0]
            made = _element(tag, id=self.ids.take(f"{tag}_{name}"), name=name)
            if kind in ("error", "escalation"):
                made.set(f"{kind}Code", name)
            self.roots.append(made)
            self._named[kind, name] = made.attrib["id"]
        return self._named[kind, name]

    def _attributes(self, made: Xml, element: Element, scope: Scope) -> None:
        given = {
            "name": element.name,
            f"{{{TRELLIS}}}id": element.key if element.key != element.id else "",
            f"{{{TRELLIS}}}loose": _flag(element.is_loose),
            f"{{{TRELLIS}}}implicit": _flag(element.implicit),
            "attachedToRef": element.host or "",
            "triggeredByEvent": _flag(element.by_event),
            "isForCompensation": _flag(element.undoes),
            "calledElement": element.called,
            "messageRef": self.root("message", element.message) if element.message else "",
        }
        if element.host is not None:
            given["cancelActivity"] = "true" if element.interrupts else "false"
        elif not element.interrupts:
            given["isInterrupting"] = "false"
        for name, value in given.items():
            if value:
                made.set(name, value)
        default = next((edge.id for edge in scope.edges
                        if edge.source == element.id and edge.way.is_default), None)  # fmt: skip
        if default is not None:
            made.set("default", default)

    def loop(self, made: Xml, element: Element) -> None:
        """Add the marker of an activity that is done once an item."""
        sequential = "true" if element.loop == "seq" else "false"
        loop = _child(made, "multiInstanceLoopCharacteristics", isSequential=sequential)
        if element.until:
            _expression(loop, "completionCondition", element.until)

    def _scope(self, made: Xml, scope: Scope) -> None:
        made.extend(self.node(element, scope) for element in scope.elements)
        made.extend(self.edge(edge.id, edge.source, edge.way) for edge in scope.edges)
        for edge in scope.undos:
            _child(made, "association", id=edge.id, sourceRef=edge.source,
                   targetRef=edge.way.target, associationDirection="One")  # fmt: skip


def _flag(value: object) -> str:
    return "true" if value else ""


def _element(tag: str, /, **attributes: str) -> Xml:
    given = {name: value for name, value in attributes.items() if value or name == "id"}
    return Xml(f"{{{MODEL}}}{tag}", given)


def _child(parent: Xml, tag: str, /, **attributes: str) -> Xml:
    made = _element(tag, **attributes)
    parent.append(made)
    return made


def _tell(parent: Xml, tag: str, told: Mapping[str, object]) -> None:
    extension = _child(parent, "extensionElements")
    ElementTree.SubElement(extension, f"{{{TRELLIS}}}{tag}").text = json_text(told)


def _formal(parent: Xml, tag: str, text: str) -> Xml:
    made = _child(parent, tag)
    made.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
    made.text = text
    return made


def _expression(parent: Xml, tag: str, text: str) -> None:
    _formal(parent, tag, f"= {text}").set("language", FEEL)


def _diagram(process: str, drawing: Drawing, ids: Identifiers) -> Xml:
    frame = Xml(f"{{{DI}}}BPMNDiagram", {"id": ids.take(f"{process}_diagram")})
    plane = ElementTree.SubElement(frame, f"{{{DI}}}BPMNPlane", {
        "id": ids.take(f"{process}_plane"), "bpmnElement": process})  # fmt: skip
    plane.extend(drawn(drawing, ids, drawing.shapes, drawing.lines))
    return frame


def drawn(
    drawing: Drawing, ids: Identifiers, shapes: Iterable[str], lines: Iterable[str]
) -> list[Xml]:
    """Return the DI elements of the named shapes and lines, whose ids are those in the file."""
    found = []
    for key in shapes:
        box = drawing.shapes[key]
        shape = Xml(f"{{{DI}}}BPMNShape", {"id": ids.take(f"{key}_di"), "bpmnElement": key})
        if box.kind == "sub":
            shape.set("isExpanded", "true")
        if box.kind == "xor":
            shape.set("isMarkerVisible", "true")
        _bounds(shape, box.x, box.y, box.width, box.height)
        if box.label is not None:
            label = ElementTree.SubElement(shape, f"{{{DI}}}BPMNLabel")
            _bounds(label, box.label.x, box.label.y, box.label.width, box.label.height)
        found.append(shape)
    for key in lines:
        line = drawing.lines[key]
        edge = Xml(f"{{{DI}}}BPMNEdge", {"id": ids.take(f"{key}_di"), "bpmnElement": key})
        for x, y in line.points:
            ElementTree.SubElement(edge, f"{{{DD}}}waypoint", {"x": _number(x), "y": _number(y)})
        if line.label is not None:
            label = ElementTree.SubElement(edge, f"{{{DI}}}BPMNLabel")
            _bounds(label, line.label.x, line.label.y, line.label.width, line.label.height)
        found.append(edge)
    return found


def _bounds(parent: Xml, x: float, y: float, width: float, height: float) -> None:
    ElementTree.SubElement(
        parent,
        f"{{{DC}}}Bounds",
        {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height)},
    )


def _number(value: float) -> str:
    return (
        f"{value:g}"
        if value == int(value) and abs(value) < 1e5
        else f"{value:.2f}".rstrip("0").rstrip(".")
    )
