"""Every expression of a catalog against the names and types it sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from trellis.expressions import ExpressionProblemsError, Scope, compile_expression
from trellis.expressions import types as t
from trellis.expressions.decisions import CellProblem, Row, Table, TableProblemsError, compile_table
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import Flow, Node, NodeKind
from trellis.metadata.model.objects import Object
from trellis.metadata.model.rules import Decision, Notification
from trellis.metadata.model.texts import ExpressionText
from trellis.metadata.scopes import field_type, flow_scope, option_type, record_scope
from trellis.problems import Location, Problem

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every expression."""
    for item in catalog.objects.values():
        yield from _object_problems(catalog, item)
    yield from _role_problems(catalog)
    for form in catalog.forms.values():
        yield from _all(form, record_scope(catalog, form.object))
    for view in catalog.views.values():
        yield from _all(view, record_scope(catalog, view.object))
    for rule in catalog.rules.values():
        yield from _all(rule, record_scope(catalog, rule.object))
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
                yield from _all(grant, record_scope(catalog, grant.object))
        for mask in role.masks:
            yield from _all(mask, record_scope(catalog, mask.object))


def expression_problems(expression: ExpressionText, scope: Scope) -> Iterator[Problem]:
    """Yield the problems of one expression, at their places in the file."""
    try:
        compile_expression(expression.text, scope)
    except ExpressionProblemsError as error:
        for found in error.problems:
            yield Problem(_place(expression, found.start), found.code, found.message, found.help)


def _place(expression: ExpressionText, start: int) -> Location:
    """Return a place inside an expression; texts over several lines keep their beginning."""
    location = expression.location
    if "\n" in expression.text:
        return location
    # One column for the quote that nearly every expression stands in.
    return Location(location.file, location.line, location.column + start + 1)


def _all(value: object, scope: Scope) -> Iterator[Problem]:
    for expression in _inside(value):
        yield from expression_problems(expression, scope)


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
            yield from _inside(getattr(value, field.name))


def _object_problems(catalog: Catalog, item: Object) -> Iterator[Problem]:
    scope = record_scope(catalog, item.key)
    for field in item.fields.values():
        value = Scope({**scope.names, "value": field_type(catalog, field)}, scope.subject)
        if field.rollup is not None:
            yield from _all(field.rollup, record_scope(catalog, field.rollup.object))
        if field.where is not None and field.to is not None:
            yield from _all(field.where, record_scope(catalog, field.to))
        if field.validate is not None:
            yield from expression_problems(field.validate, value)
        for part in (field.required, field.readonly, field.visible, field.default, field.formula):
            yield from _all(part, scope)
    yield from _all((item.title, item.validations, item.lifecycle), scope)


def _decision_problems(catalog: Catalog, decision: Decision) -> Iterator[Problem]:
    scope = None if decision.object is None else record_scope(catalog, decision.object)
    types = [
        t.ANY if item.options is None else option_type(catalog, item.options)
        for item in decision.inputs
    ]
    table = Table(
        decision.hit,
        tuple(item.expression.text for item in decision.inputs),
        tuple(item.name for item in decision.outputs),
        tuple(Row(row.id, tuple(c.text for c in row.when), tuple(c.text for c in row.then))
              for row in decision.rows),
        tuple(None if o.default is None else o.default.text for o in decision.outputs),
    )  # fmt: skip
    try:
        compile_table(table, scope, types)
    except TableProblemsError as error:
        for found in error.problems:
            cell, what = _cell(decision, found), found.problem
            place = cell.location if cell is not None else decision.location
            yield Problem(place, what.code, what.message, what.help)


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
    for text in (*notification.title.texts.values(), *notification.body.texts.values()):
        for placeholder in _PLACEHOLDER.findall(text):
            expression = ExpressionText(placeholder.strip(), notification.location)
            for found in expression_problems(expression, scope):
                yield Problem(notification.location, found.code, found.message, found.help)


def _flow_problems(catalog: Catalog, flow: Flow) -> Iterator[Problem]:
    scope = flow_scope(catalog, flow.object)
    record = scope if flow.object is None else record_scope(catalog, flow.object)
    for start in flow.starts:
        yield from _all(start, record)
    yield from _all(tuple(flow.roles.values()), scope)
    for node in flow.nodes.values():
        yield from _node_problems(node, scope)


def _node_problems(node: Node, scope: Scope) -> Iterator[Problem]:
    if node.kind is NodeKind.START:
        return
    parts: Iterable[object] = (node.branches, node.who, node.catches, node.inputs,
                               node.assignments, node.settings)  # fmt: skip
    for part in parts:
        yield from _all(part, scope)
    # What an action returns is known when it ran; here only the syntax can be wrong.
    for expression in _inside(node.outputs):
        try:
            compile_expression(expression.text)
        except ExpressionProblemsError as error:
            for found in error.problems:
                yield Problem(expression.location, found.code, found.message, found.help)
