"""Lists in SQL: the rows behind a to-many field become sub-queries, never joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.bindings import ItemProperty
from trellis.expressions.to_sql import exact
from trellis.expressions.to_sql.parameters import ParameterWriter
from trellis.expressions.to_sql.rows import Rows
from trellis.expressions.to_sql.terms import Element, Term

_AGGREGATES = frozenset(("count", "sum", "min", "max", "mean", "all", "any"))


class ListWriter(ParameterWriter):
    """The part of the walk that deals with lists."""

    def term(self, node: n.Node) -> Term:
        """Return a node as a value."""
        raise NotImplementedError

    def condition(self, node: n.Node, *, positive: bool) -> Element:
        """Return a node as a condition."""
        raise NotImplementedError

    # Which rows
    def rows(self, node: n.Node) -> Rows:
        """Return the rows that a list is made of."""
        if isinstance(node, n.Filter) and self.typed.types[node.condition].name == "boolean":
            inner = self.rows(node.base)
            if inner.body is not None:
                raise self.refuse(node, "only records can be filtered there")
            self.places.bound[node] = inner.subject
            condition = self.condition(node.condition, positive=True)
            return Rows(inner.tables, (*inner.conditions, condition), inner.subject, inner.order)
        if isinstance(node, n.For):
            return self._loop_rows(node)
        related = self.places.related(node)
        if related is not None:
            return Rows(related.tables, (related.tie,), related.subject, tuple(related.order))
        if isinstance(node, n.Path) and self.places.is_list(node.base):
            inner = self.rows(node.base)
            if inner.body is not None:
                raise self.refuse(node, "lists in lists have no form in SQL")
            return Rows(inner.tables, inner.conditions, inner.subject, inner.order, node.name)
        raise self.refuse(node, "it is no list of related records")

    def _loop_rows(self, node: n.For) -> Rows:
        if len(node.iterations) != 1 or node.iterations[0].last is not None:
            raise self.refuse(node, "it walks over more than one list of records")
        inner = self._iteration_rows(node.iterations[0])
        return Rows(inner.tables, inner.conditions, inner.subject, inner.order, node.body)

    def _iteration_rows(self, node: n.Iteration) -> Rows:
        inner = self.rows(node.domain)
        if inner.body is not None:
            raise self.refuse(node, "a loop must walk over records")
        self.places.bound[node] = inner.subject
        return inner

    def _body(self, node: n.Node, rows: Rows) -> Term:
        """Return the value that a row adds to a list."""
        if isinstance(rows.body, n.Node):
            return self.term(rows.body)
        if rows.body is None:
            return Term("record", rows.subject.identity)
        # `list.name`: the property of each row, read as `name` of a record at hand.
        spot = n.Name(node.start, node.end, rows.body)
        holder = n.Filter(node.start, node.end, spot, spot)
        self.places.bound[holder] = rows.subject
        base = self.typed.types[node]
        self.typed.types[spot] = base.of if isinstance(base, t.ListType) else t.ANY
        self.typed.bindings[spot] = ItemProperty(rows.body, holder)
        return self.term(spot)

    def _select(self, rows: Rows, element: Element) -> Any:
        """Return a scalar sub-query over just the list's tables."""
        statement = sa.select(element).select_from(*rows.tables).where(*rows.conditions)
        return statement.correlate_except(*rows.tables).scalar_subquery()

    def _exists(self, rows: Rows, *conditions: Element) -> Element:
        statement: Any = sa.select(sa.literal_column("1")).select_from(*rows.tables)
        statement = statement.where(*rows.conditions, *conditions)
        return sa.exists(statement.correlate_except(*rows.tables))

    # Conditions over lists
    def quantified(self, node: n.Quantified, positive: bool) -> Element:
        """Return `some`, `every`."""
        if len(node.iterations) != 1 or node.iterations[0].last is not None:
            raise self.refuse(node, "it walks over more than one list of records")
        rows = self._iteration_rows(node.iterations[0])
        return self._some_or_every(node.kind, rows, node.condition, positive=positive)

    def _some_or_every(self, kind: str, rows: Rows, body: n.Node, *, positive: bool) -> Element:
        if positive and kind == "some":
            return self._exists(rows, self.condition(body, positive=True))
        if positive:
            return sa.not_(
                self._exists(rows, self.condition(body, positive=False).is_not(sa.true()))
            )
        return self._three_valued(kind, rows, self.condition(body, positive=False))

    def _three_valued(self, kind: str, rows: Rows, condition: Element) -> Element:
        decisive = kind == "some"
        condition = _of_each(rows, condition)
        hits = sa.func.sum(
            sa.case((condition.is_(sa.true() if decisive else sa.false()), 1), else_=0)
        )
        unknown = sa.func.sum(sa.case((condition.is_(sa.null()), 1), else_=0))
        made = sa.case(
            (hits > 0, sa.true() if decisive else sa.false()),
            (unknown > 0, sa.null()),
            else_=sa.false() if decisive else sa.true(),
        )
        return sa.type_coerce(self._select(rows, made), sa.Boolean)

    def member(self, value: n.Node, items: n.Node, *, positive: bool) -> Element:
        """Return whether a value is an element of a list; never null."""
        left = self.term(value)
        if self.places.is_outside(items):
            bound = self.bind_many(items, left.kind, left.scale)
            found = self.compare.among(left, bound, positive=positive)
            if left.kind == "record":
                return found
            missing = self.compare.plain(left).is_(sa.null())
            return sa.or_(found, sa.and_(missing, self.bind_null_in(items)))
        column = self.places.column(items)
        if column is not None and self.places.related(items) is None:
            return self._json_member(left, column.element)
        rows = self.rows(items)
        element = self._body(items, rows)
        return self._exists(rows, self.compare.equal(element, left, positive=False))

    def _json_member(self, left: Term, column: Element) -> Element:
        value = self.compare.plain(left)
        if self.sqlite:
            entries = sa.func.json_each(sa.type_coerce(column, sa.Text)).table_valued("value")
            inside: Any = sa.select(sa.literal_column("1")).select_from(entries)
            return sa.exists(inside.where(entries.c.value == value))
        found = sa.type_coerce(column, sa.Text).op("@>", return_type=sa.Boolean())(
            sa.func.to_jsonb(value)
        )
        return sa.func.coalesce(found, sa.false())

    def list_condition(self, node: n.Call, name: str, *, positive: bool) -> Element | None:
        """Return a call about lists that is true or false, None for others."""
        arguments = node.arguments
        if name == "list contains" and len(arguments) == 2:
            found = self.member(arguments[1], arguments[0], positive=positive)
            column = self._json_column(arguments[0])
            if positive or column is None or self.places.related(arguments[0]) is not None:
                return found
            return sa.case((column.is_(sa.null()), sa.null()), else_=found)
        if name == "under" and len(arguments) == 2:
            return self._under(node, positive=positive)
        if name in ("all", "any") and len(arguments) == 1 and isinstance(arguments[0], n.For):
            rows = self._loop_rows(arguments[0])
            kind = "every" if name == "all" else "some"
            return self._some_or_every(kind, rows, arguments[0].body, positive=positive)
        return None

    def _under(self, node: n.Call, *, positive: bool) -> Element:
        place, ancestors = node.arguments
        row = self.places.row(place)
        if row is None:
            raise self.refuse(place, "this is no record of a tree")
        if not self.places.is_outside(ancestors):
            raise self.refuse(ancestors, "the ancestors depend on the row")
        below = row.descendants(self.bind_many(ancestors, "record", None))
        if below is None:
            raise self.refuse(place, "its records form no tree")
        own = self.compare.plain(self.term(place))
        if positive:
            return own.in_(below)
        unknown = sa.or_(own.is_(sa.null()), self.bind_is_null(ancestors))
        return sa.case((unknown, sa.null()), else_=own.in_(below))

    # Values of lists
    def list_call(self, node: n.Call, name: str) -> Term | None:
        """Return a call about lists, None for others."""
        if name in ("list contains", "under", "not", "all", "any"):
            return Term("boolean", self.condition(node, positive=False))
        if name not in _AGGREGATES or len(node.arguments) != 1:
            return None
        items = node.arguments[0]
        column = None if self.places.related(items) is not None else self._json_column(items)
        if column is not None and name == "count":
            size = sa.func.json_array_length if self.sqlite else sa.func.jsonb_array_length
            return Term("number", size(sa.type_coerce(column, sa.Text)), 0 if self.sqlite else None)
        rows = self.rows(items)
        if name == "count":
            counted = self._select(rows, sa.func.count())
            return Term("number", counted, 0 if self.sqlite else None, sure=True)
        return self._aggregate(name, node, rows, self._body(items, rows))

    def _json_column(self, items: n.Node) -> Element | None:
        if not isinstance(items, n.Name | n.Path):
            return None
        found = self.places.column(items)
        return None if found is None else found.element

    def _aggregate(self, name: str, node: n.Node, rows: Rows, value: Term) -> Term:
        if value.kind not in ("number", "duration", "string", "date", "datetime"):
            raise self.refuse(node, f"`{name}` of these has no form")
        if value.kind not in ("number", "duration") and name in ("sum", "mean"):
            raise self.refuse(node, f"`{name}` of these has no form")
        element = _of_each(rows, self.compare.plain(value))
        if self.sqlite:
            return self._sqlite_aggregate(name, rows, value, element)
        if value.kind == "string":
            element = sa.collate(element, "C")
        whole = sa.func.count() == sa.func.count(element)
        made = _sum_or_extreme(name, value.kind, element)
        found = self._select(rows, sa.case((whole, made)))
        if value.kind == "number" and (name == "mean" or (name == "sum" and value.size is None)):
            found = exact.rounded(found)
        return Term(value.kind, found, size=value.size if name in ("min", "max") else None)

    def _sqlite_aggregate(self, name: str, rows: Rows, value: Term, element: Element) -> Term:
        code: Element = sa.literal_column(f"'{value.code}'")
        if name != "mean":
            function = {"sum": sa.func.feel_sum, "min": sa.func.feel_min,
                        "max": sa.func.feel_max}[name]  # fmt: skip
            return Term(value.kind, self._select(rows, function(element, code)))
        codes = "n,n" if value.kind == "number" else f"{value.code},n"
        mean = sa.func.feel("/", codes, sa.func.feel_sum(element, code), sa.func.count())
        return Term(value.kind, self._select(rows, mean))

    def picked(self, node: n.Filter) -> Term:
        """Return a list's element at a position."""
        if self.typed.types[node.condition].name != "number":
            raise self.refuse(node, "a list is no single value")
        return self._picked(node, None)

    def _picked(self, node: n.Filter, name: str | None) -> Term:
        position = node.condition
        rows = self.rows(node.base)
        if not rows.order:
            raise self.refuse(node, "the list has no order there")
        index, backwards = _index(position)
        if index is None:
            raise self.refuse(position, "the position must be written out")
        value = self._body(node.base, rows) if name is None else self._property(node, rows, name)
        order: Sequence[Any] = [part.desc() for part in rows.order] if backwards else rows.order
        statement = sa.select(self.compare.plain(value)).select_from(*rows.tables)
        statement = statement.where(*rows.conditions).order_by(*order).limit(1).offset(index)
        found = statement.correlate_except(*rows.tables).scalar_subquery()
        return Term(value.kind, found, value.scale, size=value.size)

    def picked_property(self, node: n.Path) -> Term | None:
        """Return `list[1].name`, None when a path is no such thing."""
        base = node.base
        if not isinstance(base, n.Filter) or self.typed.types[base.condition].name != "number":
            return None
        return self._picked(base, node.name)

    def _property(self, node: n.Filter, rows: Rows, name: str) -> Term:
        item = self.typed.types[node]
        spot = n.Name(node.start, node.end, name)
        holder = n.Filter(node.start, node.end, spot, spot)
        self.places.bound[holder] = rows.subject
        of = item.shape.property(name) if isinstance(item, t.RecordType) else None
        self.typed.types[spot] = of or t.ANY
        self.typed.bindings[spot] = ItemProperty(name, holder)
        return self.term(spot)


def _of_each(rows: Rows, element: Element) -> Element:
    """Return what is computed for each row of a list.

    What mentions nothing of the list would be summed over the rows around it.
    """
    if any(part in rows.tables for part in element._from_objects):
        return element
    # SQLite settles IS NOT NULL of a key by itself, and would forget that the list is meant.
    identity = rows.subject.identity
    return sa.case((identity == identity, element))


def _sum_or_extreme(name: str, of: str, element: Element) -> Element:
    if name == "mean":
        mean = exact.widened(sa.func.sum(element)) / sa.func.nullif(sa.func.count(), 0)
        return mean if of == "number" else sa.cast(sa.func.trunc(mean), sa.BigInteger)
    functions: dict[str, Any] = {"sum": sa.func.sum, "min": sa.func.min, "max": sa.func.max}
    made = functions[name](element)
    return sa.cast(made, sa.BigInteger) if of == "duration" else made


def _index(position: n.Node) -> tuple[int | None, bool]:
    """Return an offset from the start or the end for a position that is written out."""
    backwards = isinstance(position, n.Negate)
    literal = position.operand if isinstance(position, n.Negate) else position
    if not isinstance(literal, n.Literal) or literal.value != int(literal.value):
        return None, backwards
    return (int(literal.value) - 1 if literal.value >= 1 else None), backwards
