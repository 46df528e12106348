"""Conditions of a page: row scopes of the roles, the view's, the user's filter, the search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.visitors import replacement_traverse
from trellis.engine.errors import InvalidError, problem
from trellis.engine.query.subject import Root
from trellis.engine.query.visible import visible_expression
from trellis.engine.rights import Rows
from trellis.engine.transactions import Transaction
from trellis.engine.views import context_of
from trellis.expressions import Expression, ExpressionProblemsError
from trellis.expressions.types import BOOLEAN
from trellis.metadata.model.fields import TEXT_TYPES


def row_scope(
    tx: Transaction, root: Root, rows: Rows
) -> tuple[list[ColumnElement[bool]], dict[str, Any]]:
    """Return the conditions of a right's rows, and what is bound to them."""
    if rows.everything:
        return [], {}
    if not rows:
        return [sa.false()], {}
    made: list[ColumnElement[bool]] = []
    bound: dict[str, Any] = {}
    for text in rows.conditions:
        expression = tx.compiled.expression(text, root.object.key)
        condition, values = as_sql(tx, root, expression)
        made.append(condition)
        bound |= values
    return [sa.or_(*made)], bound


def as_sql(
    tx: Transaction, root: Root, expression: Expression
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Return an expression as a condition over the root, and the values bound to it."""
    condition = expression.to_sql(root.subject(), sqlite=tx.sqlite)
    prefix = f"e{abs(hash(expression.text)) % 10**10}_"
    values = condition.values(context_of(tx, None))
    return _prefixed(condition.element, values, prefix)


def _prefixed(
    condition: ColumnElement[bool], values: Mapping[str, Any], prefix: str
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Give the parameters names of their own, so that several conditions share a statement."""
    renamed: dict[str, Any] = {}

    def rename(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.BindParameter) and element.key in values:
            name = prefix + element.key
            renamed[name] = values[element.key]
            return sa.bindparam(name, expanding=element.expanding, type_=element.type)
        return None

    return replacement_traverse(condition, {}, rename), renamed


def view_condition(
    tx: Transaction, root: Root, text: str
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Return the condition of a saved view, which its author wrote with the platform's rights."""
    return as_sql(tx, root, tx.compiled.expression(text, root.object.key))


def user_filter(
    tx: Transaction, root: Root, text: str
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Return a filter that a person typed; hidden fields in it are as unknown as missing ones."""
    try:
        expression = visible_expression(tx, text, root.object.key)
        if expression.type.name != BOOLEAN.name:
            raise InvalidError(
                [problem("filter", "NOT_A_CONDITION", "is true or false of a record, and this is "
                         f"a value of type `{expression.type}`")]
            )  # fmt: skip
        return as_sql(tx, root, expression)
    except ExpressionProblemsError as error:
        raise InvalidError(
            [{**problem("filter", found.code, found.message), "start": found.start,
              "end": found.end, "help": found.help} for found in error.problems]
        ) from None  # fmt: skip


def search_condition(
    tx: Transaction, root: Root, text: str, masked: frozenset[str]
) -> ColumnElement[bool]:
    """Return a condition that every word of `text` stands in a searchable field."""
    table = tx.compiled.table(root.object.key)
    fields = [key for key, field in root.object.fields.items()
              if key in table.columns and key not in masked and field.type in TEXT_TYPES
              and (field.search or key == root.object.title)]  # fmt: skip
    lower = sa.func.feel_lower if tx.sqlite else sa.func.lower
    find = sa.func.instr if tx.sqlite else sa.func.strpos
    words = text.casefold().split()[:8]
    if not fields or not words:
        return sa.false()
    return sa.and_(*(
        sa.or_(*(find(lower(root.table.c[table.columns[key].name]), word) > 0 for key in fields))
        for word in words
    ))  # fmt: skip
