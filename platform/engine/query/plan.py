"""What is compiled once per object, role set and shape of a query: statement, bindings, reader.

A plan holds nothing of a request but its shape: which fields, which conditions, which order. What
changes between requests (who asks, words, filters' values, the place in a list) is bound.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from trellis.engine.errors import InvalidError, NotFoundError, problem
from trellis.engine.query.columns import Column, SortKey, column_of, sort_keys
from trellis.engine.query.conditions import (
    Conditions,
    add_row_scope,
    add_search,
    add_user_filter,
    add_view,
)
from trellis.engine.query.cursor import after
from trellis.engine.query.reader import RowReader
from trellis.engine.rights import ObjectRights
from trellis.engine.subject import Root
from trellis.engine.transactions import Transaction
from trellis.ids import is_id
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import INVERSE_TYPES, TO_MANY_TYPES, FieldType
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.storage.prepared import Prepared

#: The parts of a sorted list: an index has the order of rows with a value, nulls come after them.
EVERY, FILLED, EMPTY = "every", "filled", "empty"


@dataclass(frozen=True)
class PageRequest:
    """Which records, which fields of them, in which order; `equals` has ids by reference."""

    fields: tuple[str, ...] = ()
    filter: str | None = None
    view: str | None = None
    equals: Mapping[str, str] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    search: str | None = None
    cursor: str | None = None
    limit: int = 50
    count: bool = False
    deleted: bool = False
    #: Only those that the actor may take away.
    exporting: bool = False

    @property
    def words(self) -> list[str]:
        """Return the words that are searched for."""
        return (self.search or "").casefold().split()[:8]

    @property
    def shape(self) -> Hashable:
        """Return what a plan depends on."""
        return (self.fields, self.filter, self.view, tuple(self.equals), self.sort,
                len(self.words) if self.search else None, self.deleted, self.exporting)  # fmt: skip


@dataclass(frozen=True)
class RecordPlan:
    """How one record is read."""

    statement: Prepared
    conditions: Conditions
    reader: RowReader


@dataclass(frozen=True)
class PagePlan:
    """How a part of a list is read; the sort keys are the last columns of a row."""

    statement: Prepared
    conditions: Conditions
    reader: RowReader
    keys: tuple[SortKey, ...]


@dataclass(frozen=True)
class CountPlan:
    """How the records of a list are counted."""

    statement: Prepared
    conditions: Conditions


def record_plan(tx: Transaction, object_key: str, fields: tuple[str, ...]) -> RecordPlan:
    """Return the plan of reading one record."""

    def make() -> RecordPlan:
        item, rights = readable(tx, object_key)
        root = Root.of(tx.compiled, object_key)
        columns = [column_of(tx, root, path) for path in fields or all_fields(item, rights)]
        conditions = Conditions()
        add_row_scope(tx, root, rights.may(Action.READ), conditions)
        statement = (
            sa.select(root.table.c.id, root.table.c.rev, *_selected(columns))
            .select_from(root.from_clause())
            .where(root.table.c.id == sa.bindparam("record_id"),
                   root.table.c.deleted_at.is_(None), *conditions.elements)
        )  # fmt: skip
        prepared = Prepared(statement, tx.connection.dialect)
        return RecordPlan(prepared, conditions, RowReader.of(tx, columns, prepared))

    return tx.compiled.keep(_key(tx, "record", object_key, fields), make)


def page_plan(
    tx: Transaction,
    object_key: str,
    request: PageRequest,
    limit: int,
    place: Sequence[Any] | None = None,
    part: str | None = None,
) -> PagePlan:
    """Return the plan of a page behind a place, `limit` rows long; the part is `first_part`'s."""
    nulls = None if place is None else tuple(value is None for value in place)

    def make() -> PagePlan:
        item, rights = readable(tx, object_key)
        root = Root.of(tx.compiled, object_key)
        paths = request.fields or default_fields(item, rights)
        columns = [column_of(tx, root, path) for path in paths]
        conditions = _conditions(tx, root, rights, request)
        keys = sort_keys(tx, root, request.sort)
        chosen = part or first_part(tx, keys, nulls)
        elements = [*conditions.elements, *_in_part(keys, chosen, nulls)]
        ordered = keys[1:] if chosen == EMPTY else keys
        statement = (
            sa.select(root.table.c.id, root.table.c.rev, *_selected(columns),
                      *(key.element for key in keys))
            .select_from(root.from_clause())
            .where(*elements)
            .order_by(*_ordering(ordered, filled=chosen == FILLED))
            .limit(_limit(tx, limit))
        )  # fmt: skip
        prepared = Prepared(statement, tx.connection.dialect)
        reader = RowReader.of(tx, columns, prepared)
        return PagePlan(prepared, conditions, reader, tuple(keys))

    key = _key(tx, "page", object_key, request.shape, nulls, limit, part)
    return tx.compiled.keep(key, make)


def count_plan(tx: Transaction, object_key: str, request: PageRequest) -> CountPlan:
    """Return the plan of counting the records of a list; it joins only what conditions need."""

    def make() -> CountPlan:
        _, rights = readable(tx, object_key)
        root = Root.of(tx.compiled, object_key)
        conditions = _conditions(tx, root, rights, request)
        statement = (
            sa.select(sa.func.count()).select_from(root.from_clause()).where(*conditions.elements)
        )
        return CountPlan(Prepared(statement, tx.connection.dialect), conditions)

    return tx.compiled.keep(_key(tx, "count", object_key, request.shape), make)


def _key(tx: Transaction, what: str, *parts: Hashable) -> Hashable:
    actor = tx.actor
    return (what, actor.is_system, actor.principal.roles, *parts)


def readable(tx: Transaction, object_key: str) -> tuple[Object, ObjectRights]:
    """Return an object and the actor's rights; NotFoundError when nothing of it may be read."""
    item = tx.compiled.object(object_key)
    rights = tx.rights(object_key)
    if item is None or not rights.may(Action.READ):
        raise NotFoundError("object")
    return item, rights


def default_fields(item: Object, rights: ObjectRights) -> tuple[str, ...]:
    """Return the fields that a list shows when nobody says which."""
    return tuple(
        key
        for key, definition in item.fields.items()
        if key not in rights.hidden and definition.type not in INVERSE_TYPES
        and definition.type not in TO_MANY_TYPES
    )  # fmt: skip


def all_fields(item: Object, rights: ObjectRights) -> tuple[str, ...]:
    """Return every field that the actor may see, system fields too."""
    own = [key for key, definition in item.fields.items()
           if key not in rights.hidden and definition.type is not FieldType.RELATED]  # fmt: skip
    return (*own, *(key for key in SYSTEM_FIELDS if key not in ("id", "rev", "deleted_at")))


def _conditions(
    tx: Transaction, root: Root, rights: ObjectRights, request: PageRequest
) -> Conditions:
    found = Conditions()
    add_row_scope(tx, root, rights.may(Action.READ), found)
    if request.exporting:
        add_row_scope(tx, root, rights.may(Action.EXPORT), found)
    deleted = root.table.c.deleted_at
    found.add(deleted.is_not(None) if request.deleted else deleted.is_(None))
    if request.view is not None:
        view = tx.compiled.catalog.views.get(request.view)
        if view is None or view.object != root.object.key:
            raise InvalidError([problem("view", "UNKNOWN_VIEW", "is no view of this object")])
        if view.where is not None:
            add_view(tx, root, view.where.text, found)
    if request.filter:
        add_user_filter(tx, root, request.filter, found)
    for number, name in enumerate(request.equals):
        element = column_of(tx, root, name).elements[0]
        found.add(element == sa.bindparam(f"equal_{number}", type_=element.type))
    if request.search:
        add_search(tx, root, len(request.words), rights.masked, found)
    return found


def bound_values(tx: Transaction, request: PageRequest, conditions: Conditions) -> dict[str, Any]:
    """Return what a request binds to the conditions of its plan."""
    values = conditions.values(tx)
    for number, value in enumerate(request.equals.values()):
        # What is no id is no record's: null equals nothing.
        values[f"equal_{number}"] = value if is_id(value) else None
    for number, word in enumerate(request.words):
        values[f"word_{number}"] = word
    return values


def _selected(columns: Sequence[Column]) -> list[ColumnElement[Any]]:
    """Return values first, titles after them, so that values are named by their places."""
    values = [column.elements[0] for column in columns]
    titles = [column.elements[1] for column in columns if len(column.elements) > 1]
    return [*values, *titles]


def first_part(tx: Transaction, keys: Sequence[SortKey], nulls: tuple[bool, ...] | None) -> str:
    """Return which part of a list is read first.

    An index of SQLite holds nulls before, one of PostgreSQL behind all values: read backward (or
    forward) it has our order but for the nulls, which then are a part of their own.
    """
    first = keys[0]
    if not (first.own and first.nullable) or first.descending == tx.sqlite:
        return EVERY
    return EMPTY if nulls is not None and nulls[0] else FILLED


def _in_part(
    keys: Sequence[SortKey], part: str, nulls: tuple[bool, ...] | None
) -> list[ColumnElement[bool]]:
    first = keys[0]
    made: list[ColumnElement[bool]] = []
    if part == FILLED:
        made.append(first.element.is_not(None))
        keys = [replace(first, nullable=False), *keys[1:]]
    elif part == EMPTY:
        made.append(first.element.is_(None))
        if nulls is not None and not nulls[0]:
            return made  # the place lies in the part before this one
    if nulls is not None:
        made.append(after(keys, nulls))
    return made


def _limit(tx: Transaction, limit: int) -> ColumnElement[int]:
    """Return the number of rows as each planner takes it best.

    PostgreSQL plans once for all pages when it is written out, and every time when it is bound;
    SQLite, told a number, sorts the whole table where an index has the order already.
    """
    return sa.literal(limit) if tx.sqlite else sa.literal_column(str(limit), sa.Integer())


def _ordering(keys: Sequence[SortKey], *, filled: bool) -> list[Any]:
    ordering: list[Any] = []
    for number, key in enumerate(keys):
        ordered = key.element.desc() if key.descending else key.element.asc()
        plain = not key.nullable or (filled and number == 0)
        ordering.append(ordered if plain else ordered.nulls_last())
    return ordering
