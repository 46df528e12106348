"""Rules, decisions, messages and calendars: what they name exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trellis.metadata.checks.objects import SETTABLE, set_problems
from trellis.metadata.checks.pages import no_object
from trellis.metadata.checks.places import at, at_key, item_at
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object
from trellis.metadata.model.rules import Calendar, Decision, DecisionInput, DecisionOutput, Rule
from trellis.metadata.model.rules import RuleStep as Step
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Problem


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every rule, decision, notification and calendar."""
    for decision in catalog.decisions.values():
        yield from _decision_problems(catalog, decision)
    for rule in catalog.rules.values():
        yield from _rule_problems(catalog, rule)
    for notification in catalog.notifications.values():
        if notification.object is not None and notification.object not in catalog.objects:
            yield no_object(catalog, notification.object, at(notification, "object"))
    for calendar in catalog.calendars.values():
        yield from _calendar_problems(calendar)


def _decision_problems(catalog: Catalog, decision: Decision) -> Iterator[Problem]:
    if decision.object is not None and decision.object not in catalog.objects:
        yield no_object(catalog, decision.object, at(decision, "object"))
    columns: Sequence[DecisionInput | DecisionOutput] = (*decision.inputs, *decision.outputs)
    for column in columns:
        if column.options is not None and column.options not in catalog.options:
            place = decision.location if column.place is None else column.place.at("options")
            yield Problem(
                place,
                "META111",
                f"there is no option set `{column.options}`",
                hint(column.options, [key for key in catalog.options if "." not in key]),
            )
    names: set[str] = set()
    for output in decision.outputs:
        if output.name in names:
            yield Problem(at(output, "name"), "META150", f"the output `{output.name}` stands twice",
                          "rename one of them")  # fmt: skip
        names.add(output.name)
    ids: set[str] = set()
    for row in decision.rows:
        if row.id in ids:
            yield Problem(row.location, "META151", f"the row id `{row.id}` stands twice",
                          "rename one of them")  # fmt: skip
        ids.add(row.id)


def _rule_problems(catalog: Catalog, rule: Rule) -> Iterator[Problem]:
    item = catalog.objects.get(rule.object)
    if item is None:
        yield no_object(catalog, rule.object, at(rule, "object"))
        return
    for number, name in enumerate(rule.changed):
        if name not in item.fields:
            yield Problem(at(rule, "when", "changed", number), "META100",
                          f"object `{item.key}` has no field `{name}`",
                          hint(name, item.fields))  # fmt: skip
    transitions = item.lifecycle.transitions if item.lifecycle is not None else {}
    for number, name in enumerate(rule.transitions):
        if name not in transitions:
            yield Problem(at(rule, "when", "transitions", number), "META130",
                          f"object `{item.key}` has no transition `{name}`",
                          hint(name, transitions))  # fmt: skip
    for step in rule.steps:
        yield from step_problems(catalog, item, step)


def step_problems(catalog: Catalog, item: Object, step: Step) -> Iterator[Problem]:
    """Yield what is wrong with a step of a rule or a clock about an object."""
    yield from _step_field_problems(catalog, item, step)
    if step.kind == "action":
        yield Problem(at(step, "action"), "META154", "a rule does not run actions yet",
                      "start a flow with a `service` node instead")  # fmt: skip
    known = {"notify": catalog.notifications, "start": catalog.flows}.get(step.kind)
    if known is not None and step.target not in known:
        what = "notification" if step.kind == "notify" else "flow"
        yield Problem(at(step, step.kind), "META153", f"there is no {what} `{step.target}`",
                      hint(str(step.target), list(known)))  # fmt: skip
    if step.kind == "notify" and not step.to:
        yield Problem(at(step, "notify"), "META155", "the notification goes to nobody",
                      "add `to:`, for example `to: role.…` or `to: owner`")  # fmt: skip
    for who in step.to:
        if not isinstance(who, ExpressionText) and who.removeprefix("role.") not in catalog.roles:
            yield Problem(item_at(step, "to", who), "META123",
                          f"there is no role `{who.removeprefix('role.')}`",
                          hint(who.removeprefix("role."), catalog.roles))  # fmt: skip


def _step_field_problems(catalog: Catalog, item: Object, step: Step) -> Iterator[Problem]:
    places = [*((name, at_key(step, "set", name)) for name in step.set),
              *((name, item_at(step, "require", name)) for name in step.fields)]  # fmt: skip
    for name, place in places:
        if name not in item.fields and name not in SETTABLE:
            yield Problem(place, "META100", f"object `{item.key}` has no field `{name}`",
                          hint(name, item.fields))  # fmt: skip
    state_field = item.lifecycle.field if item.lifecycle is not None else None
    for name, value in step.set.items():
        if name == state_field:
            yield Problem(at_key(step, "set", name), "META152",
                          f"`{name}` changes through transitions only",
                          "start a flow with `set:` on a node, or let people move it")  # fmt: skip
        else:
            yield from set_problems(catalog, item, name, value, at(step, "set", name))


def _calendar_problems(calendar: Calendar) -> Iterator[Problem]:
    if not calendar.always_open and not calendar.slots and not calendar.workdays:
        yield Problem(calendar.location, "META059",
                      f"calendar `{calendar.key}` has no working time",
                      "add `week:`, or `always_open: true`")  # fmt: skip
