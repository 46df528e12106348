"""Records as expressions see them: mappings that load what is behind a reference when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from trellis.engine.rows import load_links, load_row
from trellis.engine.transactions import Transaction
from trellis.expressions.functions.moments import NOW, ZONE
from trellis.expressions.functions.records import DECIDE
from trellis.expressions.functions.working_time import CALENDARS
from trellis.metadata.model.fields import (
    FILE_TYPES,
    INVERSE_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.storage.platform_tables.talk import FILE
from trellis.storage.prepared import Prepared
from trellis.storage.tables import ObjectTable

#: Records that one list of an expression may hold.
MAX_RELATED = 10_000
_MAX_CLIMB = 100


class RecordView(Mapping[str, Any]):
    """A record by field name; references are views, lists of records are lists of views.

    `draft` values lie over the stored row: they are what a write is about to store.
    """

    def __init__(
        self,
        tx: Transaction,
        object_key: str,
        record_id: str,
        row: Mapping[str, Any] | None = None,
        draft: Mapping[str, Any] | None = None,
    ) -> None:
        self.tx = tx
        self.id = record_id
        self.object: Object = tx.compiled.catalog.objects[object_key]
        self._row = row
        self._draft = dict(draft or {})
        self._seen: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._seen:
            self._seen[name] = self._value(name)
        return self._seen[name]

    def __contains__(self, name: object) -> bool:
        return (
            name in self.object.fields
            or name in SYSTEM_FIELDS
            or (name == "roles" and self.object.key == "user")
        )

    def __iter__(self) -> Iterator[str]:
        yield from self.object.fields
        yield from SYSTEM_FIELDS

    def __len__(self) -> int:
        return len(self.object.fields) + len(SYSTEM_FIELDS)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecordView) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def exists(self) -> bool:
        """Tell whether there is such a record."""
        return bool(self.stored)

    @property
    def stored(self) -> Mapping[str, Any]:
        """Return the stored row by field key, empty when there is none."""
        if self._row is None:
            self._row = load_row(self.tx, self.object.key, self.id) or {}
        return self._row

    @property
    def is_loaded(self) -> bool:
        """Tell whether the row is here already."""
        return self._row is not None

    def load(self, row: Mapping[str, Any]) -> None:
        """Take the stored row that somebody else has read."""
        self._row = row

    def remember(self, name: str, value: Any) -> None:
        """Take the value of a list that somebody else has read."""
        self._seen[name] = value

    def remember_links(self, name: str, targets: list[str]) -> None:
        """Take the ids that a to-many reference names."""
        self._seen[name] = self._wrapped(self.object.fields[name], targets)

    def ancestor_ids(self) -> Iterable[str]:
        """Yield the ids of this record and of those above it in its tree."""
        seen: set[str] = set()
        current: Any = self
        while isinstance(current, RecordView) and current.id not in seen and len(seen) < _MAX_CLIMB:
            seen.add(current.id)
            yield current.id
            current = current.get(self.object.tree) if self.object.tree else None

    def _value(self, name: str) -> Any:
        if name == "id":
            return self.id
        field = self.object.fields.get(name)
        if field is None:
            return self._system_value(name)
        if name in self._draft:
            return self._wrapped(field, self._draft[name])
        if field.type in TO_MANY_TYPES:
            links = load_links(self.tx, self.object.key, name, self.id)
            return self._wrapped(field, links)
        if field.type in INVERSE_TYPES:
            return related_views(self.tx, field, self.id)
        if field.type is FieldType.FORMULA and not field.stored:
            return self._formula(field)
        return self._wrapped(field, self.stored.get(name))

    def _system_value(self, name: str) -> Any:
        if name == "roles" and self.object.key == "user":
            return roles_of(self.tx, self.id)
        kind = SYSTEM_FIELDS.get(name)
        if kind is None:
            raise KeyError(name)
        value = self._draft.get(name, self.stored.get(name))
        if kind is FieldType.USER:
            return view_of(self.tx, "user", value)
        if kind is FieldType.REF:
            return view_of(self.tx, "department", value)
        return value

    def _wrapped(self, field: Field, value: Any) -> Any:
        if value is None:
            return None
        if field.value_type in TO_ONE_TYPES:
            return view_of(self.tx, field.to or "", value)
        if field.value_type in TO_MANY_TYPES:
            found = (view_of(self.tx, field.to or "", item) for item in value)
            return [view for view in found if view is not None]
        if field.value_type in FILE_TYPES:
            return _file(self.tx, value)
        if field.value_type is FieldType.FILES:
            return [_file(self.tx, item) for item in value]
        return value

    def _formula(self, field: Field) -> Any:
        if field.formula is None:
            return None
        expression = self.tx.compiled.expression(field.formula.text, self.object.key)
        return expression(context_of(self.tx, self))


def view_of(tx: Transaction, object_key: str, record_id: Any) -> RecordView | None:
    """Return the view of a record, the same one for the whole transaction."""
    if not isinstance(record_id, str) or object_key not in tx.compiled.catalog.objects:
        return None
    key = (object_key, record_id)
    if key not in tx.views:
        tx.views[key] = RecordView(tx, object_key, record_id)
    view: RecordView = tx.views[key]
    return view


def related_views(tx: Transaction, field: Field, record_id: str) -> list[RecordView]:
    """Return the records whose link points to the given one, oldest first."""
    if field.of is None or field.link is None:
        return []
    target = tx.compiled.table(field.of)
    of, link = field.of, field.link
    statement = tx.compiled.keep(
        ("related", of, link), lambda: Prepared(_related(target, link), tx.connection.dialect)
    )
    views: list[RecordView] = []
    for row in statement.all(tx.connection, {"record_id": record_id}):
        values = dict(zip(target.columns, row, strict=True))
        views.append(RecordView(tx, of, values["id"], values))
    return views


def _related(target: ObjectTable, link: str) -> sa.Select[Any]:
    """Select the living records whose link names a given one."""
    columns = target.columns
    every: list[sa.ColumnElement[Any]] = list(columns.values())
    return (
        sa.select(*every)
        .where(columns[link] == sa.bindparam("record_id", type_=columns[link].type),
               columns["deleted_at"].is_(None))
        .order_by(columns["created_at"], columns["id"])
        .limit(MAX_RELATED)
    )  # fmt: skip


def context_of(
    tx: Transaction,
    record: Mapping[str, Any] | None,
    old: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the names that an expression over a record sees."""
    actor = tx.actor
    person = actor.on_behalf_of if actor.is_system else actor.principal.id
    decide: Callable[..., Any] | None = tx.notes.get("decide")
    calendars: Callable[..., Any] | None = tx.notes.get("calendars")
    return {
        "record": record,
        "old": old,
        "user": view_of(tx, "user", person),
        "settings": Settings(tx),
        NOW: tx.now,
        ZONE: tx.zone,
        DECIDE: (lambda table, context: decide(tx, table, context)) if decide else None,
        CALENDARS: calendars(tx) if calendars else None,
        **more,
    }


class Settings(Mapping[str, Any]):
    """The singleton records of the catalog, by object key."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def __getitem__(self, key: str) -> Any:
        item = self._tx.compiled.object(key)
        if item is None or not item.singleton:
            raise KeyError(key)
        table = self._tx.compiled.table(key)
        found = self._tx.connection.execute(
            sa.select(table.columns["id"]).where(table.columns["deleted_at"].is_(None)).limit(1)
        ).scalar()
        return view_of(self._tx, key, found)

    def __iter__(self) -> Iterator[str]:
        return (key for key, item in self._tx.compiled.catalog.objects.items() if item.singleton)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def roles_of(tx: Transaction, user_id: str) -> list[str]:
    """Return the roles of a user."""
    if user_id == tx.actor.principal.id:
        return sorted(tx.actor.principal.roles)
    rows = tx.connection.execute(
        sa.text("SELECT role FROM trellis_user_role WHERE user_id = :user ORDER BY role"),
        {"user": user_id},
    )
    return [str(row[0]) for row in rows]


def _file(tx: Transaction, file_id: Any) -> dict[str, Any] | None:
    row = tx.connection.execute(sa.select(FILE).where(FILE.c.id == file_id)).mappings().first()
    if row is None:
        return None
    return {"id": row["id"], "name": row["name"], "size": row["size"], "type": row["media_type"]}
