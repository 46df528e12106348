"""What a person has to say before an imported node runs: its action, decision, people …"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trellis.metadata.bpmn.compose import kind_of
from trellis.metadata.bpmn.model import Element
from trellis.metadata.bpmn.names import CATCHES, TRIGGERED
from trellis.metadata.bpmn.normal import Binding

#: Triggers that name something.
_NAMES = ("message", "signal", "error", "escalation", "conditional")
_NAMED = {"service": "action", "rule": "decision", "send": "notification", "call": "flow"}


def key_word(text: str, fallback: str) -> str:
    """Return a key made of a text: small letters, digits and _, at most 40 characters."""
    words = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
    if not words or not words[0].isalpha():
        words = f"{fallback}_{words}".strip("_") if words else fallback
    return words[:40].rstrip("_")


def bind(
    element: Element, node: dict[str, Any], lane: str, flows: Mapping[str, str]
) -> Iterator[Binding]:
    """Give a node of another tool the best that its file says; yield what a person has to say.

    `lane` is the lane that it is drawn in, `flows` the flows of the same file by process.
    """
    kind = kind_of(node)
    if kind in _NAMED:
        yield from _named(element, node, kind, flows)
    elif kind == "task":
        yield from _people(element, node, lane)
    elif kind == "script":
        node["script"] = {}
        yield Binding(element.key, "script", str(element.hints.get("script", "")))
    if element.loop and "over" not in node.get("multi", {}):
        yield Binding(element.key, "items")
    yield from _triggers(element, node, kind)
    for name in ("in", "out"):
        if name in element.hints and kind in (*_NAMED, "script"):
            node[name] = element.hints[name]


def _triggers(element: Element, node: dict[str, Any], kind: str) -> Iterator[Binding]:
    """Yield the times and names that the file leaves open."""
    if "timer" in (node.get("wait"), node.get("start")) and not (
        node.get("timer") or node.get("cycle")
    ):
        yield Binding(element.key, "time")
    for item in node.get("catch") or ():
        for trigger in CATCHES:
            if item.get(trigger) == "":
                yield Binding(element.key, "time" if trigger == "timer" else trigger)
    trigger = str(node.get(kind))
    if kind in TRIGGERED and trigger in _NAMES and not node.get(trigger):
        yield Binding(element.key, trigger)


def _named(
    element: Element, node: dict[str, Any], kind: str, flows: Mapping[str, str]
) -> Iterator[Binding]:
    said = str(node[kind] or element.called or "")
    if kind == "call" and said in flows:
        node[kind] = flows[said]
        return
    node[kind] = key_word(said or element.name, "unbound")
    yield Binding(element.key, _NAMED[kind], said or element.name)


def _people(element: Element, node: dict[str, Any], lane: str) -> Iterator[Binding]:
    said = element.hints.get("group") or element.hints.get("user") or lane
    if said:
        node["who"] = f"role.{key_word(str(said).split(',')[0], 'people')}"
    yield Binding(element.key, "people", str(said or ""))
