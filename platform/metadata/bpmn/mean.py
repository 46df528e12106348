"""What BPMN says about a process → the flow as it stands in YAML.

Each node begins as what was told beside BPMN (in files of others: as an empty node of its kind),
and every fact that BPMN says otherwise than that node would is set as BPMN says it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trellis.metadata.bpmn.compose import Said, caught, kind_of, said
from trellis.metadata.bpmn.model import Element, Mapped, Process, Scope, Trigger, Way
from trellis.metadata.bpmn.names import CATCHES, GATEWAYS, KINDS, SUBS, TAGS, TRIGGERED
from trellis.metadata.bpmn.texts import cycle_value, label_text, relabelled, timer_value, writable
from trellis.metadata.build.reading import humanised

Node = dict[str, Any]


def flow_of(process: Process) -> Node:
    """Return the flow of a process."""
    reader = _Reader(process.locale)
    nodes = reader.nodes(process.scope)
    flow: Node = dict(process.told) if process.told is not None else {}
    if process.told is None or process.name != _flow_name(process):
        _put_label(flow, "label", process.locale, process.name)
    if process.help != label_text(flow.get("help"), process.locale).strip():
        _put_label(flow, "help", process.locale, process.help)
    flow["nodes"] = nodes
    return flow


def _flow_name(process: Process) -> str:
    told = process.told or {}
    if "label" in told:
        return label_text(told["label"], process.locale)
    return writable(humanised(process.key))


def _put_label(node: Node, key: str, locale: str, text: str) -> None:
    if text:
        node[key] = relabelled(node.get(key), locale, text)
    else:
        node.pop(key, None)


@dataclass(frozen=True)
class _Found:
    """What the file says of an element: itself, its ways by key of where they lead, its undo."""

    element: Element
    ways: tuple[Way, ...]
    undo: str | None


class _Reader:
    """Makes the nodes of a scope."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def nodes(self, scope: Scope) -> Node:
        folded = folded_gateways(scope)
        keys = {one.id: one.key for one in scope.elements
                if one.host is None and one.id not in folded.values()}  # fmt: skip
        found: Node = {}
        for one in scope.elements:
            if one.host is not None or one.id in folded.values():
                continue
            ways = scope.ways(folded.get(one.id, one.id))
            events = [event for event in scope.elements if event.host == one.id]
            undo = next((keys[edge.way.target] for event in events for edge in scope.undos
                         if edge.source == event.id), None)  # fmt: skip
            key = one.key or one.id
            keyed = tuple(_keyed(way, keys) for way in ways)
            node = self._node(_Found(one, keyed, undo), keys)
            catches = [
                self._catch(event, one, scope, keys)
                for event in events
                if not any(trigger.kind == "compensate" for trigger in event.triggers)
            ]
            kept = [f"catch: {word}" for event in events for word in event.kept]
            if kept and kind_of(node) != "kept":
                node["kept"] = [*(node.get("kept") or ()), *kept]
            if catches:
                node["catch"] = catches
            found[key] = node
        return found

    def _node(self, found: _Found, keys: Mapping[str, str]) -> Node:
        element = found.element
        node: Node = _begun(element)
        told = said(element.key, node, self._locale)
        self._shape(node, element, told)
        if element.name != told.element.name:
            _put_label(node, "label", self._locale, element.name)
        if element.help != told.element.help:
            _put_label(node, "help", self._locale, element.help)
        self._behaviour(node, element, told, keys)
        known = set(keys.values())
        ways = [w for w in told.ways if w.target in known or not element.is_loose]
        if Counter(found.ways) != Counter(ways):
            _lead(node, found.ways, self._locale)
        if found.undo != told.undo and not (found.undo is None and element.is_loose):
            _set(node, "undo", found.undo)
        if element.scope is not None and element.tag in SUBS:
            node["nodes"] = self.nodes(element.scope)
            if not node["nodes"] and "nodes" not in (element.told or {}):
                del node["nodes"]
        if element.kept and kind_of(node) != "kept":
            node["kept"] = [*(node.get("kept") or ()), *element.kept]
        return node

    def _shape(self, node: Node, element: Element, told: Said) -> None:
        """Give the node its kind, when the element became another since it was told."""
        if element.tag != told.element.tag and kind_of(node) in TAGS:
            others = {key: value for key, value in node.items() if key != kind_of(node)}
            node.clear()
            node.update(_begun_anew(element), **others)
        if element.by_event != told.element.by_event and "sub" in node:
            node["sub"] = "event" if element.by_event else None

    def _behaviour(self, node: Node, element: Element, told: Said, keys: Mapping[str, str]) -> None:
        triggers = tuple(_placed(trigger, keys) for trigger in element.triggers)
        if element.is_loose and "compensate" in {trigger.kind for trigger in triggers}:
            triggers = told.element.triggers
        if element.tag == "startEvent" and element.interrupts != told.element.interrupts:
            _set(node, "keep", None if element.interrupts else True)
        if triggers != told.element.triggers and kind_of(node) in TRIGGERED:
            _trigger(node, triggers)
        if element.loop != told.element.loop or element.until != told.element.until:
            _loop(node, element)
        if element.undoes != told.element.undoes:
            _set(node, "undo_only", True if element.undoes else None)
        if element.called != told.element.called and "call" in node:
            node["call"] = element.called
        if element.message != told.element.message and "receive" in node:
            _set(node, "message", element.message or None)

    def _catch(self, event: Element, host: Element, scope: Scope, keys: Mapping[str, str]) -> Node:
        item: Node = dict(event.told or {})
        trigger, interrupts, target = caught(item)
        found = event.triggers[0] if event.triggers else Trigger("")
        if found != trigger:
            for name in CATCHES:
                item.pop(name, None)
            item = {found.kind or "error": _detail(found) or "", **item}
        ways = [way.target for way in scope.ways(event.id)]
        leads = keys.get(ways[0]) if ways else None
        if leads != target and not (leads is None and host.is_loose):
            _set(item, "to", leads)
        if event.interrupts != interrupts:
            usual = "escalation" in item
            _set(item, "keep", None if event.interrupts != usual else not event.interrupts)
        return item


def folded_gateways(scope: Scope) -> Mapping[str, str]:
    """Return the implicit gateways that still are the only way out of one activity, by it."""
    into: dict[str, list[str]] = {}
    for edge in scope.edges:
        into.setdefault(edge.way.target, []).append(edge.source)
    plain = {edge.source for edge in scope.edges if edge.way.condition is None}
    found = {}
    for one in scope.elements:
        sources = into.get(one.id, [])
        if not one.implicit or len(sources) != 1 or sources[0] not in plain:
            continue
        if len(scope.ways(sources[0])) == 1 and not _is_gateway(scope, sources[0]):
            found[sources[0]] = one.id
    return found


def _is_gateway(scope: Scope, id: str) -> bool:
    return any(one.id == id and (one.tag in GATEWAYS or one.host) for one in scope.elements)


def _keyed(way: Way, keys: Mapping[str, str]) -> Way:
    return Way(keys.get(way.target) or way.target, way.condition, way.name, way.is_default)


def _begun(element: Element) -> Node:
    return dict(element.told) if element.told else _begun_anew(element)


def _begun_anew(element: Element) -> Node:
    """Return a node of the element's kind that says nothing yet."""
    kind = KINDS.get(element.tag)
    if kind is None and element.tag in SUBS:
        return {"sub": None, "kept": [element.tag]}
    if kind is None:
        return {"kept": element.tag}
    hints = element.hints
    if kind in ("service", "rule", "send"):
        hint = hints.get("decision" if kind == "rule" else "action")
        return {kind: hint or hints.get("action")}
    if kind == "call":
        return {kind: hints.get("flow")}
    return {kind: None}


def _trigger(node: Node, triggers: Sequence[Trigger]) -> None:
    """Set the trigger of an event."""
    kind = kind_of(node)
    node.pop(str(node[kind]), None)
    found = triggers[0] if triggers else None
    node[kind] = None if found is None else found.kind
    if kind == "start" and node[kind] in (None, "timer"):
        node.pop("cycle", None)
    if found is not None and found.form == "cycle" and kind == "start":
        node["cycle"] = cycle_value(found.text)
        return
    if found is not None and (detail := _detail(found)) not in (None, ""):
        node[found.kind] = detail


def _detail(trigger: Trigger) -> str | None:
    if trigger.kind == "timer":
        return timer_value(trigger.form, trigger.text)
    return trigger.text or None


def _placed(trigger: Trigger, keys: Mapping[str, str]) -> Trigger:
    if trigger.kind == "compensate":
        return Trigger(trigger.kind, keys.get(trigger.text, trigger.text))
    return trigger


def _loop(node: Node, element: Element) -> None:
    if not element.loop:
        node.pop("multi", None)
        if node.get("approval") in ("all", "seq"):
            node["approval"] = "any"
        return
    if node.get("approval") in ("any", "all", "seq", None) and "approval" in node:
        node["approval"] = "seq" if element.loop == "seq" else "all"
        return
    multi: Node = dict(node.get("multi") or {})
    for name in ("over", "as"):
        if name in element.hints:
            multi.setdefault(name, element.hints[name])
    multi["mode"] = element.loop
    _set(multi, "until", element.until or None)
    node["multi"] = multi


def _lead(node: Node, ways: Sequence[Way], locale: str) -> None:
    """Set `next`, `when` and `else`, branches that stay as they were written."""
    written = [one for one in node.get("when") or [] if isinstance(one, Mapping)]
    plain = [way.target for way in ways if way.condition is None and not way.is_default]
    branches = [_branch(way, written, locale) for way in ways
                if way.condition is not None and not way.is_default]  # fmt: skip
    default = next((way.target for way in ways if way.is_default), None)
    _set(node, "next", (plain[0] if len(plain) == 1 else plain) or None)
    _set(node, "when", branches or None)
    _set(node, "else", default)


def _branch(way: Way, written: Sequence[Mapped], locale: str) -> Mapped:
    for one in written:
        found = said("", {"xor": None, "when": [one]}, locale).ways
        if found == (way,):
            return one
    branch: Node = {"if": way.condition, "to": way.target}
    if way.name:
        branch["name"] = way.name
    return branch


def _set(node: Node, key: str, value: Any) -> None:
    if value is None:
        node.pop(key, None)
    else:
        node[key] = value
