"""Every expression of a catalog against the names and types it sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

from trellis.expressions import ExpressionProblemsError, Scope, check, compile_expression
from trellis.expressions import types as t
from trellis.expressions.decision_gaps import Finding, find_gaps
from trellis.expressions.decisions import CellProblem, TableProblemsError, compile_table
from trellis.metadata.checks.places import at
from trellis.metadata.decision_tables import (
    decision_scope,
    decision_table,
    input_types,
    output_types,
)
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.clocks import ClockDefinition
from trellis.metadata.model.fields import Field
from trellis.metadata.model.flows import Flow, Node, NodeKind
from trellis.metadata.model.objects import Object
from trellis.metadata.model.rules import Decision, Notification, Rule
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression
from trellis.metadata.scopes import (
    clock_scope,
    field_type,
    flow_scope,
    record_scope,
)
from trellis.problems import Location, Problem

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every expression."""
    for item in catalog.objects.values():
        yield from _object_problems(catalog, item)
    yield from _role_problems(catalog)
    yield from _page_problems(catalog)
    for rule in catalog.rules.values():
        yield from _rule_problems(catalog, rule)
    for clock in catalog.clocks.values():
        yield from _clock_problems(catalog, clock)
    for decision in catalog.decisions.values():
        yield from _decision_problems(catalog, decision)
    for notification in catalog.notifications.values():
        yield from _notification_problems(catalog, notification)
    for flow in catalog.flows.values():
        yield from _flow_problems(catalog, flow)


def _role_problems(catalog: Catalog) -> Iterator[Problem]:
    for role in catalog.roles.values():
        for grant in role.grants.values():
            if grant.object in catalog.objects:
                yield from _all(grant, record_scope(catalog, grant.object), t.BOOLEAN)
        for mask in role.masks:
            yield from _all(mask, record_scope(catalog, mask.object))


def _page_problems(catalog: Catalog) -> Iterator[Problem]:
    for form in catalog.forms.values():
        yield from _all(form, record_scope(catalog, form.object), t.BOOLEAN)
    for view in catalog.views.values():
        yield from _all(view, record_scope(catalog, view.object), t.BOOLEAN)


def _rule_problems(catalog: Catalog, rule: Rule) -> Iterator[Problem]:
    scope = record_scope(catalog, rule.object)
    yield from _all(rule.condition, scope, t.BOOLEAN)
    for step in rule.steps:
        yield from _set_problems(catalog, rule.object, step.set, scope)
        yield from _all((step.to, step.arguments), scope)


def _clock_problems(catalog: Catalog, clock: ClockDefinition) -> Iterator[Problem]:
    scope = clock_scope(catalog, clock.object)
    record = record_scope(catalog, clock.object)
    yield from _all((clock.start, clock.pause, clock.stop, clock.cancel), record, t.BOOLEAN)
    yield from _all(clock.target, scope, t.DAYS_TIME)
    yield from _all(clock.calendar, scope)
    yield from _all(clock.begin, record, t.DATETIME)
    for point in (*clock.warn, *clock.breach):
        yield from _all(point.condition, scope, t.BOOLEAN)
        for step in point.steps:
            yield from _set_problems(catalog, clock.object, step.set, scope)
            yield from _all((step.to, step.arguments), scope)
    if clock.record is not None:
        yield from _set_problems(catalog, clock.record.object, clock.record.values, scope)


def _set_problems(
    catalog: Catalog, object_key: str, values: Mapping[str, ValueOrExpression], scope: Scope
) -> Iterator[Problem]:
    item = catalog.objects[object_key]
    for name, value in values.items():
        field = item.fields.get(name)
        yield from _all(value, scope, t.ANY if field is None else field_type(catalog, field))


def expression_problems(
    expression: ExpressionText, scope: Scope, expected: t.Type = t.ANY
) -> Iterator[Problem]:
    """Yield the problems of one expression, at their places in the file."""
    for found in check(expression.text, scope, expected):
        yield Problem(_place(expression, found.start), found.code, found.message, found.help)


def _place(expression: ExpressionText, start: int) -> Location:
    """Return a place inside an expression; texts over several lines keep their beginning."""
    location = expression.location
    if "\n" in expression.text:
        return location
    return Location(location.file, location.line, location.column + start)


def _all(value: object, scope: Scope, expected: t.Type = t.ANY) -> Iterator[Problem]:
    for expression in _inside(value):
        yield from expression_problems(expression, scope, expected)


def _inside(value: object) -> Iterator[ExpressionText]:
    """Yield every expression inside a value of the model."""
    if isinstance(value, ExpressionText):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _inside(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _inside(item)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name != "place":
                yield from _inside(getattr(value, field.name))


def _object_problems(catalog: Catalog, item: Object) -> Iterator[Problem]:
    scope = record_scope(catalog, item.key)
    for field in item.fields.values():
        yield from _field_problems(catalog, field, scope)
    yield from _all(item.title, scope)
    yield from _all(item.validations, scope, t.BOOLEAN)
    for transition in item.lifecycle.transitions.values() if item.lifecycle is not None else ():
        yield from _all((transition.guard, transition.who), scope, t.BOOLEAN)
        yield from _set_problems(catalog, item.key, transition.set, scope)


def _field_problems(catalog: Catalog, field: Field, scope: Scope) -> Iterator[Problem]:
    kind = field_type(catalog, field)
    if field.rollup is not None:
        yield from _all(field.rollup, record_scope(catalog, field.rollup.object), t.BOOLEAN)
    if field.where is not None and field.to is not None:
        # What may be picked: conditions over the other record that may look at this one.
        other = record_scope(catalog, field.to)
        yield from expression_problems(field.where, other, t.BOOLEAN)
    if field.validate is not None:
        value = Scope({**scope.names, "value": kind}, scope.subject)
        yield from expression_problems(field.validate, value, t.BOOLEAN)
    for condition in (field.required, field.readonly, field.visible):
        yield from _all(condition, scope, t.BOOLEAN)
    for value_of in (field.default, field.formula):
        yield from _all(value_of, scope, kind)


def _decision_problems(catalog: Catalog, decision: Decision) -> Iterator[Problem]:
    scope = decision_scope(catalog, decision)
    types = input_types(catalog, decision)
    try:
        compiled = compile_table(
            decision_table(catalog, decision), scope, types, output_types(catalog, decision)
        )
    except TableProblemsError as error:
        for found in error.problems:
            cell, what = _cell(decision, found), found.problem
            place = cell.location if cell is not None else decision.location
            yield Problem(place, what.code, what.message, what.help)
        return
    if decision.hit == "U":
        yield from _unique_problems(decision, find_gaps(compiled, types))


def _unique_problems(decision: Decision, findings: Iterable[Finding]) -> Iterator[Problem]:
    """Yield the inputs that no row, or more than one, of a table takes where one must."""
    place = decision.location
    for found in findings:
        message = f"decision `{decision.key}`: {found.message}"
        if found.kind == "gap":
            mend = "add a row for it, or a `default:` to the outputs"
            yield Problem(place, "META157", message, mend)
        else:
            mend = "narrow one of them, or let the first count: `hit: F`"
            yield Problem(place, "META158", message, mend)


def _cell(decision: Decision, found: CellProblem) -> ExpressionText | None:
    if found.row < 0:
        if found.is_result:
            return decision.outputs[found.column].default
        return decision.inputs[found.column].expression
    row = decision.rows[found.row]
    return (row.then if found.is_result else row.when)[found.column]


def _notification_problems(catalog: Catalog, notification: Notification) -> Iterator[Problem]:
    if notification.object is None or notification.object not in catalog.objects:
        return
    scope = record_scope(catalog, notification.object)
    texts = [(key, locale, text) for key in ("title", "body")
             for locale, text in getattr(notification, key).texts.items()]  # fmt: skip
    for key, locale, text in texts:
        for placeholder in _PLACEHOLDER.finditer(text):
            place = at(notification, key, locale)
            column = place.column + placeholder.start(1) + 1
            expression = ExpressionText(placeholder[1], Location(place.file, place.line, column))
            yield from expression_problems(expression, scope)


def _flow_problems(catalog: Catalog, flow: Flow) -> Iterator[Problem]:
    scope = flow_scope(catalog, flow.object)
    record = scope if flow.object is None else record_scope(catalog, flow.object)
    for start in flow.starts:
        yield from _all(start, record, t.BOOLEAN)
    yield from _all(tuple(flow.roles.values()), scope)
    for node in flow.nodes.values():
        yield from _node_problems(node, scope)


def _with_names(scope: Scope, names: Mapping[str, t.Type]) -> Scope:
    return replace(scope, names={**scope.names, **names})


def _node_problems(node: Node, around: Scope) -> Iterator[Problem]:
    if node.kind is NodeKind.START and node.trigger in (None, "form", "record", "timer"):
        return
    multi = node.settings.get("multi")
    scope = around
    if isinstance(multi, Mapping):
        yield from _all(multi.get("over"), around)
        enough = {"done": t.NUMBER, "total": t.NUMBER, "results": t.ListType(of=t.ANY),
                  "outcomes": t.ListType(of=t.ANY)}  # fmt: skip
        yield from _all(multi.get("until"), _with_names(around, enough), t.BOOLEAN)
        item = {str(multi.get("as", "item")): t.ANY, "index": t.NUMBER}
        scope = _with_names(around, item)
        yield from _all(multi.get("collect"), scope)
    yield from _all(node.branches, scope, t.BOOLEAN)
    settings = {key: value for key, value in node.settings.items() if key != "multi"}
    parts: Iterable[object] = (node.who, node.policy, node.catches, node.inputs, node.assignments,
                               settings)  # fmt: skip
    for part in parts:
        yield from _all(part, scope)
    for inner in node.nodes.values():
        yield from _node_problems(inner, scope)
    # What an action returns is known when it ran; here only the syntax can be wrong.
    for expression in _inside(node.outputs):
        try:
            compile_expression(expression.text)
        except ExpressionProblemsError as error:
            for found in error.problems:
                yield Problem(expression.location, found.code, found.message, found.help)
