"""Conditions of a page: row scopes of the roles, the view's, the user's filter, the search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.visitors import replacement_traverse
from trellis.engine.errors import InvalidError, problem
from trellis.engine.query.visible import visible_expression
from trellis.engine.rights import Rows
from trellis.engine.subject import Root
from trellis.engine.transactions import Transaction
from trellis.engine.views import context_of
from trellis.expressions import Expression, ExpressionProblemsError
from trellis.expressions.to_sql import SqlParameter
from trellis.expressions.types import BOOLEAN
from trellis.metadata.model.fields import TEXT_TYPES


@dataclass
class Conditions:
    """Conditions of a statement that all hold, and the parameters that requests bind to them."""

    elements: list[ColumnElement[bool]] = field(default_factory=list)
    parameters: list[tuple[str, SqlParameter]] = field(default_factory=list)

    def add(self, element: ColumnElement[bool]) -> None:
        """Add a condition without parameters of an expression."""
        self.elements.append(element)

    def expression(
        self, tx: Transaction, root: Root, expression: Expression
    ) -> ColumnElement[bool]:
        """Return an expression as a condition; its parameters get names of their own."""
        made = expression.to_sql(root.subject(), sqlite=tx.sqlite)
        prefix = f"e{len(self.parameters)}_"
        names = {parameter.name for parameter in made.parameters}
        self.parameters += [(prefix + each.name, each) for each in made.parameters]
        return _prefixed(made.element, names, prefix)

    def values(self, tx: Transaction) -> dict[str, Any]:
        """Return what is bound for who asks now."""
        if not self.parameters:
            return {}
        context = context_of(tx, None)
        return {name: parameter.value(context) for name, parameter in self.parameters}


def _prefixed(condition: ColumnElement[bool], names: set[str], prefix: str) -> ColumnElement[bool]:
    def rename(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.BindParameter) and element.key in names:
            name = prefix + element.key
            return sa.bindparam(name, expanding=element.expanding, type_=element.type)
        return None

    return replacement_traverse(condition, {}, rename)


def as_sql(
    tx: Transaction, root: Root, expression: Expression
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Return an expression as a condition over the root, and the values bound to it."""
    conditions = Conditions()
    element = conditions.expression(tx, root, expression)
    return element, conditions.values(tx)


def add_row_scope(tx: Transaction, root: Root, rows: Rows, found: Conditions) -> None:
    """Add the condition that a row lies in the rows of a right."""
    if rows.everything:
        return
    if not rows:
        found.add(sa.false())
        return
    made = [found.expression(tx, root, tx.compiled.expression(text, root.object.key))
            for text in rows.conditions]  # fmt: skip
    found.add(sa.or_(*made))


def add_view(tx: Transaction, root: Root, text: str, found: Conditions) -> None:
    """Add the condition of a saved view, which its author wrote with the platform's rights."""
    found.add(found.expression(tx, root, tx.compiled.expression(text, root.object.key)))


def add_user_filter(tx: Transaction, root: Root, text: str, found: Conditions) -> None:
    """Add a filter that a person typed; hidden fields in it are as unknown as missing ones."""
    try:
        expression = visible_expression(tx, text, root.object.key)
        if expression.type.name != BOOLEAN.name:
            raise InvalidError(
                [problem("filter", "NOT_A_CONDITION", "is true or false of a record, and this is "
                         f"a value of type `{expression.type}`")]
            )  # fmt: skip
        found.add(found.expression(tx, root, expression))
    except ExpressionProblemsError as error:
        raise InvalidError(
            [{**problem("filter", each.code, each.message), "start": each.start,
              "end": each.end, "help": each.help} for each in error.problems]
        ) from None  # fmt: skip


def add_search(
    tx: Transaction, root: Root, words: int, masked: frozenset[str], found: Conditions
) -> None:
    """Add the condition that each of some words stands in a searchable field."""
    table = tx.compiled.table(root.object.key)
    fields = [key for key, field in root.object.fields.items()
              if key in table.columns and key not in masked and field.type in TEXT_TYPES
              and (field.search or key == root.object.title)]  # fmt: skip
    lower = sa.func.feel_lower if tx.sqlite else sa.func.lower
    find = sa.func.instr if tx.sqlite else sa.func.strpos
    if not fields or not words:
        found.add(sa.false())
        return
    for number in range(words):
        word = sa.bindparam(f"word_{number}", type_=sa.Text())
        found.add(sa.or_(*(
            find(lower(root.table.c[table.columns[key].name]), word) > 0 for key in fields
        )))  # fmt: skip
