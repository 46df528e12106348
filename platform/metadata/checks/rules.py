"""Rules, decisions and messages: what they name exists."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object
from trellis.metadata.model.rules import Decision, Rule, RuleStep
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Problem, suggest


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every rule and decision."""
    for decision in catalog.decisions.values():
        yield from _decision_problems(catalog, decision)
    for rule in catalog.rules.values():
        yield from _rule_problems(catalog, rule)


def _decision_problems(catalog: Catalog, decision: Decision) -> Iterator[Problem]:
    if decision.object is not None and decision.object not in catalog.objects:
        yield Problem(decision.location, "META110", f"there is no object `{decision.object}`",
                      suggest(decision.object, catalog.objects))  # fmt: skip
    options = (
        *(item.options for item in decision.inputs),
        *(item.options for item in decision.outputs),
    )
    for name in options:
        if name is not None and name not in catalog.options:
            yield Problem(decision.location, "META111", f"there is no option set `{name}`",
                          suggest(name, catalog.options))  # fmt: skip
    names = [output.name for output in decision.outputs]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(decision.location, "META150", f"the output `{name}` stands twice")
    ids = [row.id for row in decision.rows]
    for row in decision.rows:
        if ids.count(row.id) > 1:
            yield Problem(row.location, "META151", f"the row id `{row.id}` stands twice")


def _rule_problems(catalog: Catalog, rule: Rule) -> Iterator[Problem]:
    item = catalog.objects.get(rule.object)
    if item is None:
        yield Problem(rule.location, "META110", f"there is no object `{rule.object}`",
                      suggest(rule.object, catalog.objects))  # fmt: skip
        return
    for name in rule.changed:
        if name not in item.fields:
            yield Problem(rule.location, "META100", f"object `{item.key}` has no field `{name}`",
                          suggest(name, item.fields))  # fmt: skip
    transitions = item.lifecycle.transitions if item.lifecycle is not None else {}
    for name in rule.transitions:
        if name not in transitions:
            yield Problem(rule.location, "META130",
                          f"object `{item.key}` has no transition `{name}`",
                          suggest(name, transitions))  # fmt: skip
    for step in rule.steps:
        yield from _step_problems(catalog, item, step)


def _step_problems(catalog: Catalog, item: Object, step: RuleStep) -> Iterator[Problem]:
    for name in (*step.set, *step.fields):
        if name not in item.fields and name not in ("owner", "owner_department"):
            yield Problem(step.location, "META100", f"object `{item.key}` has no field `{name}`",
                          suggest(name, item.fields))  # fmt: skip
    state_field = item.lifecycle.field if item.lifecycle is not None else None
    if state_field is not None and state_field in step.set:
        yield Problem(step.location, "META152",
                      f"`{state_field}` changes through transitions only")  # fmt: skip
    known = {"notify": catalog.notifications, "start": catalog.flows}.get(step.kind)
    if known is not None and step.target not in known:
        what = "notification" if step.kind == "notify" else "flow"
        yield Problem(step.location, "META153", f"there is no {what} `{step.target}`",
                      suggest(str(step.target), list(known)))  # fmt: skip
    for who in step.to:
        if not isinstance(who, ExpressionText) and who.removeprefix("role.") not in catalog.roles:
            yield Problem(step.location, "META123", f"there is no role `{who}`",
                          suggest(who, catalog.roles))  # fmt: skip
