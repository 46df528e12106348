"""A BPMN file of whatever tool → what it says about its processes.

Refuses what cannot be a document: no definitions, ids that are missing or stand twice, edges that
lead nowhere. What it does not look for is not lost: the document is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.metadata.bpmn.hints import hints_of
from trellis.metadata.bpmn.model import Edge, Element, Process, Scope, Trigger, Way
from trellis.metadata.bpmn.names import (
    EVENTS,
    MODEL,
    NODES,
    ROOTS,
    SUBS,
    TRELLIS,
    TRIGGERS,
)
from trellis.metadata.bpmn.wording import condition_text
from trellis.problems import Location, Problem, ProblemsFoundError
from trellis.xml_source import Element as Xml

_TIMES = {"timeDuration": "duration", "timeDate": "date", "timeCycle": "cycle"}
_THROWS = ("endEvent", "intermediateThrowEvent")


@dataclass
class Document:
    """A file: every element by its id, and what refers to what."""

    root: Xml
    by_id: dict[str, Xml] = field(default_factory=dict)
    #: The names of the message flows that begin or end at an element.
    flowing: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, location: Location, code: str, message: str, help: str) -> None:
        """Remember a problem."""
        self.problems.append(Problem(location, code, message, help))

    def named(self, reference: str | None) -> str:
        """Return the name of what a reference means: its `name`, else what the reference says."""
        if reference is None:
            return ""
        target = self.by_id.get(local(reference))
        if target is None:
            return local(reference)
        code = target.get("errorCode") or target.get("escalationCode")
        return code or target.get("name") or local(reference)


def local(reference: str) -> str:
    """Return an id without the prefix of its namespace."""
    return reference.rpartition(":")[2]


def open_document(root: Xml) -> Document:
    """Return a document whose ids are known; raise ProblemsFoundError where it is none."""
    if root.name != "definitions" or root.namespace != MODEL:
        raise ProblemsFoundError([Problem(
            root.location, "BPMN001", f"`{root.name}` is not the root of a BPMN 2.0 file",
            f"export it as BPMN 2.0: `definitions` of {MODEL}")])  # fmt: skip
    document = Document(root)
    for one in root.descendants():
        if one.namespace != MODEL:
            continue
        key = one.get("id")
        if key is not None and key in document.by_id:
            first = document.by_id[key].location
            document.report(
                one.location,
                "BPMN002",
                f"the id `{key}` stands twice",
                f"it stands in line {first.line} too; give one of them another id",
            )
        elif key is not None:
            document.by_id[key] = one
        elif one.name in NODES or one.name in ("sequenceFlow", "process"):
            document.report(one.location, "BPMN003", f"a `{one.name}` has no id",
                            "give every node and sequence flow an id")  # fmt: skip
    if document.problems:
        raise ProblemsFoundError(document.problems)
    return document


def processes_of(document: Document) -> tuple[Process, ...]:
    """Return the processes of a document; raise ProblemsFoundError where edges lead nowhere."""
    names = {local(one.get("processRef") or ""): one.get("name") or ""
             for holder in document.root.all("collaboration")
             for one in holder.all("participant")}  # fmt: skip
    document.flowing.update(_flowing(document))
    found = []
    for one in document.root.all("process"):
        scope = _scope(document, one)
        key = one.get("id") or ""
        told = _told(document, one, "flow")
        name = one.get("name") or ("" if told is not None else names.get(key, ""))
        found.append(Process(key, one.get(f"{{{TRELLIS}}}id") or key, name, scope,
                             one.get(f"{{{TRELLIS}}}locale") or "en", _help(one), told,
                             tuple(_kept_beside(one)), dict(_lanes(one))))  # fmt: skip
    if document.problems:
        raise ProblemsFoundError(document.problems)
    return tuple(found)


def _scope(document: Document, holder: Xml) -> Scope:
    elements: list[Element] = []
    nodes = {one.get("id") or "": one for one in holder.all() if one.name in NODES}
    defaults = {local(one.get("default") or "") for one in nodes.values()}
    edges = list(_edges(document, holder, nodes, defaults))
    for key, one in nodes.items():
        elements.append(_element(document, key, one))
    hosts = {key for key, one in nodes.items() if one.name != "boundaryEvent"}
    for element in elements:
        if element.host is not None and element.host not in hosts:
            document.report(nodes[element.id].location, "BPMN004",
                            f"`{element.id}` is attached to `{element.host}`, which is no node "
                            "beside it", "attach it to a node of the same process")  # fmt: skip
    undos = [Edge(one.get("id") or "", local(one.get("sourceRef") or ""),
                  Way(local(one.get("targetRef") or "")))
             for one in holder.all("association")]  # fmt: skip
    events = {e.id for e in elements if e.host and any(t.kind == "compensate" for t in e.triggers)}
    return Scope(
        tuple(elements),
        tuple(edges),
        tuple(e for e in undos if e.source in events and e.way.target in nodes),
    )


def _edges(
    document: Document, holder: Xml, nodes: Mapping[str, Xml], defaults: set[str]
) -> Iterator[Edge]:
    for one in holder.all("sequenceFlow"):
        key = one.get("id") or ""
        ends = [local(one.get(name) or "") for name in ("sourceRef", "targetRef")]
        for end, name in zip(ends, ("sourceRef", "targetRef"), strict=True):
            if end not in nodes:
                document.report(one.location, "BPMN004",
                                f"`{name}` of `{key}` names `{end}`, which is no node beside it",
                                "lead it to a node of the same process or sub-process")  # fmt: skip
        condition = one.find("conditionExpression")
        text = None if condition is None else condition_text(condition)
        yield Edge(key, ends[0], Way(ends[1], text, one.get("name") or "", key in defaults))


def _element(document: Document, key: str, one: Xml) -> Element:
    told = _told(document, one, "node")
    loop = one.find("multiInstanceLoopCharacteristics")
    return Element(
        id=key,
        tag=one.name,
        key=one.get(f"{{{TRELLIS}}}id") or key,
        name=one.get("name") or "",
        help=_help(one),
        triggers=tuple(_triggers(document, one)) if one.name in EVENTS else (),
        host=local(one.get("attachedToRef") or "") if one.name == "boundaryEvent" else None,
        interrupts=(one.get("cancelActivity") or one.get("isInterrupting") or "true") != "false",
        loop="" if loop is None else "seq" if loop.get("isSequential") == "true" else "parallel",
        until=_until(loop),
        by_event=one.get("triggeredByEvent") == "true",
        undoes=one.get("isForCompensation") == "true",
        called=local(one.get("calledElement") or "") if one.name == "callActivity" else "",
        message=_message(document, one) if one.name == "receiveTask" else "",
        scope=_scope(document, one) if one.name in SUBS else None,
        is_loose=one.get(f"{{{TRELLIS}}}loose") == "true",
        implicit=one.get(f"{{{TRELLIS}}}implicit") == "true",
        told=told,
        hints={} if told is not None else hints_of(one),
        kept=() if told is not None else tuple(_kept(one)),
    )


def _message(document: Document, one: Xml) -> str:
    """Return the message of an element: the one it names, else the one that flows there."""
    return document.named(one.get("messageRef")) or document.flowing.get(one.get("id") or "", "")


def _flowing(document: Document) -> Iterator[tuple[str, str]]:
    for holder in document.root.all("collaboration"):
        for one in holder.all("messageFlow"):
            name = document.named(one.get("messageRef")) or one.get("name") or one.get("id") or ""
            for end in ("sourceRef", "targetRef"):
                yield local(one.get(end) or ""), name


def _lanes(holder: Xml) -> Iterator[tuple[str, str]]:
    for lanes in holder.all("laneSet", "childLaneSet"):
        for lane in lanes.all("lane"):
            for one in lane.all("flowNodeRef"):
                yield local(one.text.strip()), lane.get("name") or ""
            yield from _lanes(lane)


def _until(loop: Xml | None) -> str:
    condition = None if loop is None else loop.find("completionCondition")
    return "" if condition is None else condition_text(condition)


def _triggers(document: Document, one: Xml) -> Iterator[Trigger]:
    for definition in one.all(*TRIGGERS, "eventDefinitionRef"):
        if definition.name == "eventDefinitionRef":
            found = document.by_id.get(local(definition.text.strip()))
            if found is None or found.name not in TRIGGERS:
                continue
            definition = found
        trigger = _trigger(document, TRIGGERS[definition.name], definition)
        if trigger.kind == "message" and not trigger.text:
            trigger = Trigger("message", document.flowing.get(one.get("id") or "", ""))
        yield trigger


def _trigger(document: Document, kind: str, definition: Xml) -> Trigger:
    if kind in ROOTS:
        return Trigger(kind, document.named(definition.get(ROOTS[kind][1])))
    if kind == "timer":
        for time in definition.all(*_TIMES):
            return Trigger(kind, time.text.strip(), _TIMES[time.name])
    if kind == "conditional":
        condition = definition.find("condition")
        return Trigger(kind, "" if condition is None else condition_text(condition))
    if kind == "compensate":
        return Trigger(kind, local(definition.get("activityRef") or ""))
    return Trigger(kind, definition.get("name") or "")


def _help(one: Xml) -> str:
    return "\n".join(text for d in one.all("documentation") if (text := d.text.strip()))


def _told(document: Document, one: Xml, tag: str) -> Mapping[str, Any] | None:
    extension = one.find("extensionElements")
    for child in extension.children if extension is not None else ():
        if child.namespace == TRELLIS and child.name == tag:
            try:
                told = json.loads(child.text)
            except (ValueError, RecursionError):
                told = None
            if isinstance(told, dict):
                return told
            document.report(child.location, "BPMN005", f"`trellis:{tag}` holds no map in JSON",
                            "remove it: what BPMN says stays")  # fmt: skip
    return None


#: What may stand in an activity and has no meaning in a flow.
_UNTOLD = {"standardLoopCharacteristics": "loop", "complexBehaviorDefinition": "complex behaviour"}


_UNRUN = (("link", "linkEventDefinition"), ("cancel", "cancelEventDefinition"))


def _kept(one: Xml) -> Iterator[str]:
    yield from (word for tag, word in _UNTOLD.items() if one.find(tag) is not None)
    if one.name == "boundaryEvent" or one.name in EVENTS:
        count = sum(1 for _ in one.all(*TRIGGERS, "eventDefinitionRef"))
        if count > 1:
            yield "several triggers"
        yield from (word for word, tag in _UNRUN if one.find(tag) is not None)
        if one.get("parallelMultiple") == "true":
            yield "parallel triggers"


def _kept_beside(holder: Xml) -> Iterator[str]:
    for one in holder.all():
        if one.name in ("dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation",
                        "group", "laneSet", "ioSpecification", "property"):  # fmt: skip
            yield f"{one.name} {one.get('name') or one.get('id') or ''}".strip()
        elif one.name in SUBS:
            yield from _kept_beside(one)
