"""What rules, transitions and flows cause: nothing of it goes around the record's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trellis.metadata.checks.objects import SETTABLE
from trellis.metadata.checks.places import at, at_key, item_at
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import RECORD_EVENTS, Flow, Node, every_node
from trellis.metadata.model.objects import Object
from trellis.metadata.model.rules import Notification, Rule, RuleStep
from trellis.problems import Location, Problem, suggest

#: Keys of `record.update` that are no fields.
_NO_FIELDS = SETTABLE | {"object", "id", "values"}


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield what rules, transitions, messages and flows may not cause."""
    for item in catalog.objects.values():
        yield from _transition_problems(item)
    for rule in catalog.rules.values():
        yield from _rule_problems(catalog, rule)
    for notification in catalog.notifications.values():
        yield from _message_problems(notification)
    for flow in catalog.flows.values():
        yield from _flow_problems(flow)
        about = catalog.objects.get(flow.object or "")
        for node, _ in every_node(flow.nodes):
            yield from _node_problems(about, node)


def _transition_problems(item: Object) -> Iterator[Problem]:
    lifecycle = item.lifecycle
    for transition in lifecycle.transitions.values() if lifecycle is not None else ():
        if lifecycle is not None and lifecycle.field in transition.set:
            yield _state_problem(lifecycle.field, at_key(transition, "set", lifecycle.field))
        for key in ("require", "fields"):
            if lifecycle is not None and lifecycle.field in getattr(transition, key):
                yield _state_problem(lifecycle.field, item_at(transition, key, lifecycle.field))


def _state_problem(name: str, place: Location) -> Problem:
    mend = "write the next state as `to:` of a transition, or `set:` of a node"
    return Problem(place, "META152", f"`{name}` changes through transitions only", mend)


def _rule_problems(catalog: Catalog, rule: Rule) -> Iterator[Problem]:
    for step in rule.steps:
        yield from target_problems(catalog, rule.object, step)
        if step.kind in ("set", "require") and "delete" in rule.events and len(rule.events) == 1:
            yield Problem(at(step, step.kind), "META182",
                          "a record that is deleted has nothing to set or to ask for",
                          "`refuse` it, `notify` or `start` a flow")  # fmt: skip


def target_problems(catalog: Catalog, about: str, step: RuleStep) -> Iterator[Problem]:
    """Yield a problem where a step names a message or a flow about another object."""
    targets: Mapping[str, Mapping[str, Notification | Flow]] = {
        "notify": catalog.notifications,
        "start": catalog.flows,
    }
    found = targets.get(step.kind, {}).get(step.target or "")
    other = found.object if found is not None else None
    if other in catalog.objects and other != about:
        yield Problem(at(step, step.kind), "META183",
                      f"`{step.target}` is about `{other}`, the rule about `{about}`",
                      f"name one about `{about}`")  # fmt: skip


def _message_problems(notification: Notification) -> Iterator[Problem]:
    texts = [*notification.title.texts.values(), *notification.body.texts.values()]
    if notification.object is None and any("{{" in text for text in texts):
        yield Problem(notification.location, "META184",
                      "a message with `{{ }}` does not say what it is about",
                      "add `object:`")  # fmt: skip


def _flow_problems(flow: Flow) -> Iterator[Problem]:
    if flow.business_key is not None and flow.business_key.text.strip() != "record.id":
        yield Problem(at(flow, "key"), "META185", "no other `key` than `record.id` is run yet",
                      "`key: record.id` means one instance a record")  # fmt: skip
    for start in flow.starts:
        if start.event not in RECORD_EVENTS:
            yield Problem(start.location, "META053",
                          f"`{start.event}` is not an event of a record",
                          suggest(start.event, RECORD_EVENTS))  # fmt: skip
        if flow.object is None:
            yield Problem(start.location, "META186",
                          f"flow `{flow.key}` starts on a record but names no object",
                          "add `object:` to the flow")  # fmt: skip


def _node_problems(item: Object | None, node: Node) -> Iterator[Problem]:
    for target in sorted({target for target in node.next if node.next.count(target) > 1}):
        yield Problem(item_at(node, "next", target), "META187",
                      f"`next` of `{node.id}` names `{target}` twice", "name it once")  # fmt: skip
    if item is None and node.set_state is not None:
        yield Problem(at(node, "set"), "META186",
                      f"node `{node.id}` moves a record but its flow names no object",
                      "add `object:` to the flow")  # fmt: skip
    if item is not None:
        yield from _written_problems(item, node)


def _written_problems(item: Object, node: Node) -> Iterator[Problem]:
    """Yield a problem for each field that a node writes and no update may."""
    for name, place in _written(node):
        field = item.fields.get(name)
        if item.lifecycle is not None and name == item.lifecycle.field:
            yield _state_problem(name, place)
        elif field is None and name not in _NO_FIELDS:
            yield Problem(place, "META100", f"object `{item.key}` has no field `{name}`",
                          suggest(name, item.fields))  # fmt: skip
        elif field is not None and field.computed:
            yield Problem(place, "META127", f"`{name}` is kept by the platform, it cannot be set",
                          "leave it out")  # fmt: skip


def _written(node: Node) -> Iterator[tuple[str, Location]]:
    for key, targets in (("out", node.outputs), ("script", node.assignments)):
        for target in targets:
            if target.startswith("record."):
                yield target.removeprefix("record."), at_key(node, key, target)
    if node.action == "record.update" and "object" not in node.inputs:
        values = node.inputs.get("values")
        inside = ("in", "values") if isinstance(values, Mapping) else ("in",)
        for name in values if isinstance(values, Mapping) else node.inputs:
            yield str(name), at_key(node, *inside, str(name))
