"""The words of BPMN: namespaces, and which element each kind of node is."""

from __future__ import annotations

from collections.abc import Mapping

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TRELLIS = "urn:trellis:bpmn:1"
#: How our files say who wrote them.
EXPORTER = "Trellis"
FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"
#: What files of other engines call FEEL.
FEEL_NAMES = frozenset({FEEL, "feel", "FEEL", "http://www.omg.org/spec/FEEL/20140401",
                        "https://www.omg.org/spec/DMN/20180521/FEEL/",
                        "http://www.omg.org/spec/DMN/20180521/FEEL/",
                        "https://www.omg.org/spec/DMN/20230324/FEEL/"})  # fmt: skip

#: Kind of node → element.
TAGS: Mapping[str, str] = {
    "start": "startEvent", "end": "endEvent", "wait": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent", "task": "userTask", "approval": "userTask",
    "service": "serviceTask", "script": "scriptTask", "rule": "businessRuleTask",
    "send": "sendTask", "receive": "receiveTask", "call": "callActivity", "sub": "subProcess",
    "xor": "exclusiveGateway", "or": "inclusiveGateway", "and": "parallelGateway",
    "event": "eventBasedGateway",
}  # fmt: skip
#: Element → kind of node, those of other tools included.
KINDS: Mapping[str, str] = {
    **{tag: kind for kind, tag in TAGS.items() if kind != "approval"},
    "task": "task", "manualTask": "task",
}  # fmt: skip
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway",
                      "eventBasedGateway", "complexGateway"})  # fmt: skip
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent",
                    "intermediateThrowEvent", "boundaryEvent"})  # fmt: skip
SUBS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = SUBS | {"task", "userTask", "manualTask", "serviceTask", "scriptTask",
                     "businessRuleTask", "sendTask", "receiveTask", "callActivity"}  # fmt: skip
NODES = GATEWAYS | EVENTS | ACTIVITIES
#: Kinds whose value is a trigger.
TRIGGERED = ("start", "end", "wait", "throw")
#: Trigger → the element of its definition.
DEFINITIONS: Mapping[str, str] = {
    "message": "messageEventDefinition", "timer": "timerEventDefinition",
    "signal": "signalEventDefinition", "error": "errorEventDefinition",
    "escalation": "escalationEventDefinition", "conditional": "conditionalEventDefinition",
    "terminate": "terminateEventDefinition", "compensate": "compensateEventDefinition",
    "link": "linkEventDefinition", "cancel": "cancelEventDefinition",
}  # fmt: skip
TRIGGERS: Mapping[str, str] = {element: kind for kind, element in DEFINITIONS.items()}
#: Triggers that name something of the file: element of the name, attribute that refers to it.
ROOTS: Mapping[str, tuple[str, str]] = {
    "message": ("message", "messageRef"), "signal": ("signal", "signalRef"),
    "error": ("error", "errorRef"), "escalation": ("escalation", "escalationRef"),
}  # fmt: skip
#: Triggers of a boundary event that a flow can say.
CATCHES = ("timer", "error", "message", "signal", "escalation", "conditional")
