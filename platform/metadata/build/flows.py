"""flows.yaml → flows: the first key of a node says its kind (flows.md 1.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trellis.metadata.build.people import build_policy, build_resolver, build_who
from trellis.metadata.build.reading import Reading, humanised
from trellis.metadata.build.sla import build_sla
from trellis.metadata.hints import hint
from trellis.metadata.model.flows import (
    Branch,
    Catch,
    Flow,
    FlowStart,
    Node,
    NodeKind,
)
from trellis.metadata.model.people import Resolver

_CATCHES = ("timer", "error", "message", "signal", "escalation", "conditional")
_TRIGGERED = frozenset({NodeKind.START, NodeKind.END, NodeKind.WAIT, NodeKind.THROW,
                        NodeKind.SUB})  # fmt: skip
_ACTING = frozenset({NodeKind.SERVICE, NodeKind.RULE, NodeKind.SEND, NodeKind.CALL})
#: Keys of a node that have a place in the model; the rest stays in `settings`.
_PLACED = frozenset({"label", "next", "when", "else", "set", "who", "claim", "form", "fields",
                     "actions", "catch", "in", "out", "nodes", "to"})  # fmt: skip
_KNOWN = _PLACED | frozenset({
    "event", "if", "transitions", "changed", "message", "dedupe", "match", "timer", "signal",
    "conditional", "error", "escalation", "retry", "idempotency", "undo", "undo_only", "priority",
    "sla", "due", "empty", "same", "not", "allow", "return", "comment", "edit", "sign", "vote",
    "reject", "veto", "over", "wait", "weights", "abstain", "lock", "legal", "to", "pin", "multi",
    "exhaustive", "name", "help", "start", "calendar", "resolve", "cc", "take_back", "withdraw",
    "watch", "variables", "keep", "kept", "cycle", "missed", "record", "ttl", "compensate",
})  # fmt: skip


#: Keys of a node that are always expressions.
_EXPRESSIONS = frozenset({"match", "conditional", "dedupe", "idempotency", "record"})


def build_flows(reading: Reading) -> dict[str, Flow]:
    """Return the flows of a flows.yaml."""
    return {key: _flow(key, item) for key, item in reading.entries("flows")}


def _flow(key: str, reading: Reading) -> Flow:
    roles = {name: build_resolver(item, {}) for name, item in reading.entries("roles")}
    nodes = {name: _node(name, item, roles) for name, item in reading.entries("nodes")}
    found = {name: node for name, node in nodes.items() if node is not None}
    return Flow(
        key=key,
        location=reading.key_location,
        nodes=found,
        version=reading.get("version", 1),
        label=reading.label("label", humanised(key)),
        object=reading.get("object"),
        state=reading.get("state"),
        business_key=reading.expression("key"),
        roles=roles,
        calendar=reading.get("calendar"),
        starts=tuple(start for _, item in reading.entries("nodes") for start in _starts(item)),
        app=reading.app,
        place=reading.place,
    )


def _starts(reading: Reading) -> Iterator[FlowStart]:
    """Yield a start for each event that a `start: record` names."""
    if reading.get("start") != "record":
        return
    for event in reading.texts("event") or ("create",):
        yield FlowStart(event, reading.location, reading.texts("transitions"),
                        reading.texts("changed"), reading.expression("if"))  # fmt: skip


def _node(key: str, reading: Reading, roles: Mapping[str, Resolver]) -> Node | None:
    first = next(iter(reading.value), "")
    if first not in set(NodeKind):
        reading.report("META060", f"`{first}` is not a kind of node",
                       hint(str(first), [str(kind) for kind in NodeKind]))  # fmt: skip
        return None
    kind = NodeKind(first)
    for name, item in reading.entries():
        if name not in _KNOWN and name != first:
            item.report("META021", f"the key `{name}` is not known in node `{key}`",
                        hint(name, _KNOWN))  # fmt: skip
    value = reading.get(first)
    return Node(
        id=key,
        kind=kind,
        location=reading.key_location,
        trigger=str(value) if kind in _TRIGGERED and value is not None else None,
        label=reading.label("label", humanised(key)),
        next=reading.texts("next"),
        branches=tuple(_branch(item) for item in reading.items("when")),
        otherwise=reading.get("else"),
        set_state=reading.get("set") if isinstance(reading.get("set"), str) else None,
        who=build_who(reading, "to" if kind is NodeKind.SEND else "who", roles),
        policy=build_policy(reading, roles),
        sla=build_sla(reading.child("sla"), roles),
        claim=reading.get("claim", False),
        form=reading.get("form"),
        fields=reading.texts("fields"),
        **_actions(reading),
        mode=_mode(kind, value),
        catches=tuple(_catch(item) for item in reading.items("catch")),
        action=str(value) if kind in _ACTING and value is not None else None,
        inputs=_inputs(reading, kind),
        outputs=reading.expressions("out"),
        assignments=_assignments(reading, kind, first),
        settings=_settings(reading, first, value, kind),
        nodes={
            name: node
            for name, item in reading.entries("nodes")
            if (node := _node(name, item, roles)) is not None
        },
        place=reading.place,
    )


def _actions(reading: Reading) -> dict[str, Any]:
    """Return a task's answers: a list of keys, or a map of keys to labels."""
    if not isinstance(reading.get("actions"), Mapping):
        return {"actions": reading.texts("actions")}
    labels = {key: item.as_label(humanised(key)) for key, item in reading.entries("actions")}
    return {"actions": tuple(labels), "action_labels": labels}


def _inputs(reading: Reading, kind: NodeKind) -> dict[str, Any]:
    # A decision's inputs are expressions; an action's are values that may be one.
    return reading.expressions("in") if kind is NodeKind.RULE else reading.values("in")


def _assignments(reading: Reading, kind: NodeKind, first: str) -> dict[str, Any]:
    return reading.expressions(first) if kind is NodeKind.SCRIPT else {}


def _settings(reading: Reading, first: str, value: Any, kind: NodeKind) -> dict[str, Any]:
    settings: dict[str, Any] = {
        name: item.as_expression() if name in _EXPRESSIONS else item.literal_or_expression()
        for name, item in reading.entries()
        if name not in _PLACED and name != first
    }
    if kind is NodeKind.RECEIVE and isinstance(value, str):
        settings["message"] = value
    if "multi" in settings:
        settings["multi"] = _multi(reading.child("multi"))
    if kind is NodeKind.APPROVAL and isinstance(value, Mapping):
        settings.update(reading.child(first).literal_or_expression())  # type: ignore[arg-type]
    return settings


def _multi(reading: Reading) -> dict[str, Any]:
    """Return what a node says of its items; `over`, `until` and what is collected are FEEL."""
    settings = {name: item.value for name, item in reading.entries()}
    for name in ("over", "until"):
        if reading.has(name):
            settings[name] = reading.child(name).as_expression()
    if isinstance(reading.get("collect"), Mapping):
        settings["collect"] = reading.expressions("collect")
    return settings


def _mode(kind: NodeKind, value: Any) -> str | None:
    if kind is not NodeKind.APPROVAL:
        return None
    if isinstance(value, Mapping):
        return "vote" if "vote" in value else "any"
    return str(value) if value is not None else "any"


def _branch(reading: Reading) -> Branch:
    return Branch(reading.child("if").as_expression(), str(reading.get("to")),
                  reading.location, reading.label("name"))  # fmt: skip


def _catch(reading: Reading) -> Catch:
    kinds = [kind for kind in _CATCHES if reading.has(kind)]
    if len(kinds) != 1:
        reading.report("META061", "a boundary event has exactly one trigger",
                       "known are " + ", ".join(f"`{kind}`" for kind in _CATCHES))  # fmt: skip
        return Catch("none", None, "", reading.location)
    kind = kinds[0]
    item = reading.child(kind)
    value = item.as_expression() if kind == "conditional" else item.literal_or_expression()
    # An escalation is told and does not stop the work, unless its author says so.
    return Catch(kind, value, str(reading.get("to")), reading.location,
                 reading.get("keep", kind == "escalation"),
                 reading.expression("match"))  # fmt: skip
