"""What other engines write beside BPMN and we have words for: who, actions, decisions, data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trellis.xml_source import Element

_CAMUNDA = ("http://camunda.org/schema/1.0/bpmn", "http://activiti.org/bpmn",
            "http://flowable.org/bpmn")  # fmt: skip
#: Attribute of a task there → hint.
_ATTRIBUTES = {"candidateGroups": "group", "assignee": "user", "topic": "action",
               "class": "action", "delegateExpression": "action", "decisionRef": "decision",
               "formKey": "form", "collection": "over", "elementVariable": "as"}  # fmt: skip
#: Element and attribute of Zeebe → hint.
_ZEEBE = {("taskDefinition", "type"): "action", ("calledDecision", "decisionId"): "decision",
          ("calledElement", "processId"): "flow", ("formDefinition", "formKey"): "form",
          ("assignmentDefinition", "candidateGroups"): "group",
          ("assignmentDefinition", "assignee"): "user",
          ("loopCharacteristics", "inputCollection"): "over",
          ("loopCharacteristics", "inputElement"): "as",
          ("subscription", "correlationKey"): "match"}  # fmt: skip


def hints_of(one: Element) -> Mapping[str, Any]:
    """Return the hints of a node, by names of ours: group, user, action, decision, flow, form …"""
    found: dict[str, Any] = {}
    for attribute, text in one.attributes.items():
        namespace, _, name = attribute.rpartition("}")
        if namespace.removeprefix("{") in _CAMUNDA and name in _ATTRIBUTES:
            found.setdefault(_ATTRIBUTES[name], text)
    script = one.find("script")
    if script is not None:
        found["script"] = script.text.strip()
    for extension in _extensions(one):
        for name in extension.attributes:
            hint = _ZEEBE.get((extension.name, name))
            if hint is not None:
                found.setdefault(hint, extension.attributes[name].removeprefix("=").strip())
        if extension.name == "ioMapping":
            found.update(_mapping(extension))
    return found


def _extensions(one: Element) -> Iterator[Element]:
    holders = [one, *one.all("multiInstanceLoopCharacteristics")]
    for holder in holders:
        extension = holder.find("extensionElements")
        yield from extension.children if extension is not None else ()


def _mapping(extension: Element) -> Mapping[str, Any]:
    inputs = {one.get("target") or "": one.get("source") or "" for one in extension.all("input")}
    outputs = {f"vars.{one.get('target')}": (one.get("source") or "").removeprefix("=").strip()
               for one in extension.all("output")}  # fmt: skip
    return {name: values for name, values in (("in", inputs), ("out", outputs)) if values}
