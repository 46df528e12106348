"""One record, and pages of records with the labels of their references, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from trellis.engine.derived import parts_of_text
from trellis.engine.errors import InvalidError, NotFoundError, problem
from trellis.engine.query.conditions import (
    row_scope,
    search_condition,
    user_filter,
    view_condition,
)
from trellis.engine.query.cursor import after, read_cursor, write_cursor
from trellis.engine.query.subject import Root, Subject, target_of
from trellis.engine.records.checks import rows_allow
from trellis.engine.rights import ObjectRights
from trellis.engine.rows import load_links
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of, related_views
from trellis.expressions import Expression
from trellis.ids import is_id
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import (
    INVERSE_TYPES,
    TO_MANY_TYPES,
    Field,
    FieldType,
)
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import suggest

MOST_ROWS = 500
MOST_SORTS = 4
MAX_STEPS = 4
#: System fields that answers carry besides what was asked for.
_ALWAYS = ("id", "rev")


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


@dataclass(frozen=True)
class Page:
    """Records as field values by path; references are `{id, title}`."""

    items: tuple[dict[str, Any], ...]
    next_cursor: str | None = None
    total: int | None = None


def page(tx: Transaction, object_key: str, request: PageRequest) -> Page:
    """Return a page of the records that the actor may read."""
    item, rights = _readable(tx, object_key)
    root = Root.of(tx.compiled, object_key)
    paths = request.fields or default_fields(item, rights)
    columns = [_column(tx, root, path) for path in paths]
    conditions, bound = _conditions(tx, root, rights, request)
    keys = _sort_keys(tx, root, request.sort)
    question = _question(tx, object_key, request)
    total = _count(tx, root, conditions, bound) if request.count else None
    if request.cursor:
        values = read_cursor(tx.secret, question, request.cursor)
        conditions = [*conditions, after(keys, values)]
    limit = max(1, min(request.limit, MOST_ROWS))
    selected = [element for column in columns for element in column.elements]
    statement = (
        sa.select(root.table.c.id, root.table.c.rev, *selected, *(key for key, _ in keys))
        .select_from(root.from_clause())
        .where(*conditions)
        .order_by(*_ordering(keys))
        .limit(limit + 1)
    )
    rows = tx.connection.execute(statement, bound).all()
    more = len(rows) > limit
    items = tuple(_read(tx, item, columns, row) for row in rows[:limit])
    following = None
    if more:
        last = rows[limit - 1]
        following = write_cursor(tx.secret, question, list(last[len(last) - len(keys) :]))
    return Page(items, following, total)


def get(
    tx: Transaction, object_key: str, record_id: str, fields: Sequence[str] = ()
) -> dict[str, Any]:
    """Return one record; NotFoundError when there is none or the actor may not see it."""
    item, rights = _readable(tx, object_key)
    if not is_id(record_id):
        raise NotFoundError
    root = Root.of(tx.compiled, object_key)
    paths = tuple(fields) or all_fields(item, rights)
    columns = [_column(tx, root, path) for path in paths]
    conditions, bound = row_scope(tx, root, rights.may(Action.READ))
    selected = [element for column in columns for element in column.elements]
    statement = (
        sa.select(root.table.c.id, root.table.c.rev, *selected)
        .select_from(root.from_clause())
        .where(root.table.c.id == record_id, root.table.c.deleted_at.is_(None), *conditions)
    )
    row = tx.connection.execute(statement, bound).first()
    if row is None:
        raise NotFoundError
    return _read(tx, item, columns, row)


def may_read(tx: Transaction, view: RecordView) -> bool:
    """Tell whether the actor may see a record."""
    rights = tx.rights(view.object.key)
    alive = view.exists and view.stored.get("deleted_at") is None
    return alive and rows_allow(tx, rights.may(Action.READ), view)


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


def _readable(tx: Transaction, object_key: str) -> tuple[Object, ObjectRights]:
    item = tx.compiled.object(object_key)
    rights = tx.rights(object_key)
    if item is None or not rights.may(Action.READ):
        raise NotFoundError("object")
    return item, rights


def _conditions(
    tx: Transaction, root: Root, rights: ObjectRights, request: PageRequest
) -> tuple[list[ColumnElement[bool]], dict[str, Any]]:
    conditions, bound = row_scope(tx, root, rights.may(Action.READ))
    if request.exporting:
        made_of, values = row_scope(tx, root, rights.may(Action.EXPORT))
        conditions += made_of
        bound |= values
    deleted = root.table.c.deleted_at
    conditions.append(deleted.is_not(None) if request.deleted else deleted.is_(None))
    if request.view is not None:
        view = tx.compiled.catalog.views.get(request.view)
        if view is None or view.object != root.object.key:
            raise InvalidError([problem("view", "UNKNOWN_VIEW", "is no view of this object")])
        if view.where is not None:
            made, values = view_condition(tx, root, view.where.text)
            conditions.append(made)
            bound |= values
    if request.filter:
        made, values = user_filter(tx, root, request.filter)
        conditions.append(made)
        bound |= values
    for name, value in request.equals.items():
        column = _column(tx, root, name)
        conditions.append(column.elements[0] == value if is_id(value) else sa.false())
    if request.search:
        conditions.append(search_condition(tx, root, request.search, rights.masked))
    return conditions, bound


@dataclass(frozen=True)
class Column:
    """What is selected for a path, and how its value is read."""

    path: str
    elements: tuple[ColumnElement[Any], ...]
    field: Field | None
    target: str | None
    owner: Object
    direct: bool
    show: ExpressionText | None = None


def _column(tx: Transaction, root: Root, path: str) -> Column:
    """Return what a path selects; masked and unknown names get the same refusal."""
    steps = path.split(".")
    if len(steps) > MAX_STEPS:
        raise InvalidError(
            [problem("fields", "DEPTH", f"`{path}` has more than {MAX_STEPS} steps")]
        )
    subject: Subject = root.subject()
    for step in steps[:-1]:
        _refuse_unknown(tx, subject.object, step, path)
        following = subject.reference(step)
        if not isinstance(following, Subject):
            raise InvalidError([problem("fields", "NO_PATH", f"`{step}` leads to no record")])
        if not tx.rights(following.object.key).may(Action.READ):
            raise _unknown(tx, subject.object, step, path)
        subject = following
    name = steps[-1]
    _refuse_unknown(tx, subject.object, name, path)
    show = tx.rights(subject.object.key).shown.get(name)
    definition = subject.object.fields.get(name)
    target = target_of(subject.object, name)
    value = subject.column(name)
    elements: tuple[ColumnElement[Any], ...] = (
        (value.element,) if value is not None else (subject.identity,)
    )
    if target is not None and value is not None:
        elements = (value.element, _title(tx, subject, name, target))
    return Column(path, elements, definition, target, subject.object, value is not None, show)


def _refuse_unknown(tx: Transaction, item: Object, name: str, path: str) -> None:
    known = name in item.fields or name in SYSTEM_FIELDS
    if not known or name in tx.rights(item.key).hidden:
        raise _unknown(tx, item, name, path)


def _unknown(tx: Transaction, item: Object, name: str, path: str) -> InvalidError:
    seen = set(item.fields) - tx.rights(item.key).hidden
    return InvalidError([problem(path, "UNKNOWN_FIELD", f"`{item.key}` has no field `{name}`")],
                        hint=suggest(name, seen))  # fmt: skip


def _title(tx: Transaction, subject: Subject, name: str, target: str) -> ColumnElement[Any]:
    """Return the title of a reference, null where the actor may not see such records."""
    item = tx.compiled.catalog.objects.get(target)
    rights = tx.rights(target)
    if item is None or not isinstance(item.title, str) or item.title in rights.masked \
            or not rights.may(Action.READ):  # fmt: skip
        return sa.null()
    following = subject.reference(name)
    title = following.column(item.title) if following is not None else None
    return sa.null() if title is None else title.element


def _sort_keys(
    tx: Transaction, root: Root, sort: tuple[str, ...]
) -> list[tuple[ColumnElement[Any], bool]]:
    keys: list[tuple[ColumnElement[Any], bool]] = []
    for text in sort[:MOST_SORTS]:
        path = text.lstrip("-+")
        column = _column(tx, root, path)
        if column.show is not None or not column.direct:
            raise InvalidError([problem("sort", "UNKNOWN_FIELD", f"`{path}` cannot be sorted by")])
        element = column.elements[1] if column.target is not None else column.elements[0]
        keys.append((element, text.startswith("-")))
    if not keys:
        keys.append((root.table.c.created_at, True))
    keys.append((root.table.c.id, keys[-1][1]))
    return keys


def _ordering(keys: Sequence[tuple[ColumnElement[Any], bool]]) -> list[Any]:
    ordering: list[Any] = []
    for column, descending in keys:
        ordered = column.desc() if descending else column.asc()
        ordering.append(ordered.nulls_last())
    return ordering


def _count(
    tx: Transaction, root: Root, conditions: list[ColumnElement[bool]], bound: Mapping[str, Any]
) -> int:
    statement = sa.select(sa.func.count()).select_from(root.from_clause()).where(*conditions)
    return int(tx.connection.execute(statement, bound).scalar() or 0)


def _question(tx: Transaction, object_key: str, request: PageRequest) -> str:
    equals = str(sorted(request.equals.items()))
    parts = (tx.actor.principal.id, object_key, request.filter or "", request.view or "",
             ",".join(request.sort), request.search or "", equals)  # fmt: skip
    return "\0".join(parts)


def _read(tx: Transaction, item: Object, columns: Sequence[Column], row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"id": row[0], "rev": row[1]}
    position = 2
    for column in columns:
        value = row[position]
        if column.target is not None and column.direct:
            title = row[position + 1]
            if value is not None and title is None:
                title = title_of(tx, column.target, value)
            value = None if value is None else {"id": value, "title": title}
        elif not column.direct:
            value = _computed(tx, column, value)
        if column.show is not None:
            value = _shown(tx, column, value)
        values[column.path] = value
        position += len(column.elements)
    return values


def _computed(tx: Transaction, column: Column, owner_id: str | None) -> Any:
    """Return a value without a column: a virtual formula, or what lies behind a to-many field."""
    definition = column.field
    if definition is None or owner_id is None:
        return None
    if definition.type in TO_MANY_TYPES:
        ids = load_links(tx, column.owner.key, definition.key, owner_id)
        return [{"id": i, "title": title_of(tx, definition.to or "", i)} for i in ids]
    if definition.type in INVERSE_TYPES:
        return [{"id": view.id, "title": title_of(tx, view.object.key, view.id)}
                for view in related_views(tx, definition, owner_id)]  # fmt: skip
    view = RecordView(tx, column.owner.key, owner_id)
    found = view.get(definition.key)
    return {"id": found.id, "title": None} if isinstance(found, RecordView) else found


def _shown(tx: Transaction, column: Column, value: Any) -> Any:
    if column.show is None or value is None:
        return None
    key = ("mask", column.show.text, column.owner.key)
    expression: Expression = tx.compiled.keep(
        key,
        lambda: tx.compiled.expression(column.show.text, column.owner.key),  # type: ignore[union-attr]
    )
    stand_in = {column.field.key: value} if column.field is not None else {}
    return expression(context_of(tx, stand_in))


def title_of(tx: Transaction, object_key: str, record_id: str) -> str | None:
    """Return a record's title as the actor may see it."""
    item = tx.compiled.object(object_key)
    rights = tx.rights(object_key)
    if item is None or not rights.may(Action.READ):
        return None
    view = RecordView(tx, object_key, record_id)
    if isinstance(item.title, ExpressionText):
        if _is_made_of_masked(tx, object_key, item.title.text):
            return None
        found = tx.compiled.expression(item.title.text, object_key)(context_of(tx, view))
        return None if found is None else str(found)
    if item.title is None or item.title in rights.masked:
        return None
    found = view.get(item.title)
    return (
        None if found is None else str(found.get("name") if isinstance(found, Mapping) else found)
    )


def _is_made_of_masked(tx: Transaction, object_key: str, text: str) -> bool:
    compiled = tx.compiled
    parts = compiled.keep(
        ("title parts", object_key), lambda: parts_of_text(compiled.catalog, object_key, text)
    )
    return any(key in tx.rights(of).masked for of, key in parts)
