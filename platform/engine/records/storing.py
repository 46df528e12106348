"""Rows written: the record, its links, its history; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from trellis.engine.errors import InvalidError, problem
from trellis.engine.rows import store_links
from trellis.engine.transactions import Transaction
from trellis.expressions.temporal import duration_text
from trellis.storage.history import row_hash
from trellis.storage.platform_tables.trail import HISTORY
from trellis.storage.prepared import Kept, Prepared
from trellis.storage.tables import ObjectTable
from trellis.storage.types import moment_text

TAKEN = "is used by another record already"
#: History keeps values up to this length; longer ones are cut, and say so.
MAX_KEPT = 20_000
#: What a write says; segments are sealed later.
_IN_HISTORY = tuple(column.name for column in HISTORY.c if column.name != "segment")


@dataclass(frozen=True)
class Entry:
    """What a row of history says about a write."""

    action: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    transition: str | None = None
    comment: str | None = None


def insert_record(
    tx: Transaction, object_key: str, record_id: str, values: Mapping[str, Any], entry: Entry
) -> None:
    """Insert a record with its links and the first row of its history."""
    table = tx.compiled.table(object_key)
    row = _columns(tx, object_key, values)

    def make() -> Recorded:
        return Recorded.of(tx, sa.insert(table.table).values(_parameters(row)), table.columns["id"])

    statement = tx.compiled.keep(("insert", object_key, frozenset(row)), make)
    bound = {f"v_{name}": value for name, value in row.items()}
    with _unique(table):
        statement.run(tx, bound, lambda: _history_row(tx, object_key, record_id, 1, entry))
    for key in table.links:
        if values.get(key):
            store_links(tx, object_key, key, record_id, values[key])


def update_record(
    tx: Transaction,
    object_key: str,
    record_id: str,
    rev: int,
    values: Mapping[str, Any],
    entry: Entry,
) -> bool:
    """Write changed values and a row of history to a record whose revision is still `rev`.

    Tells whether it was.
    """
    table = tx.compiled.table(object_key)
    row = _columns(tx, object_key, values)
    row |= {"rev": rev + 1, "updated_at": tx.now, "updated_by": person(tx)}

    def make() -> Recorded:
        return Recorded.of(tx, _update(table, row), table.columns["id"])

    statement = tx.compiled.keep(("update", object_key, frozenset(row)), make)
    bound = {f"v_{name}": value for name, value in row.items()} | {"k_id": record_id, "k_rev": rev}
    with _unique(table):
        done = statement.run(
            tx, bound, lambda: _history_row(tx, object_key, record_id, rev + 1, entry)
        )
    if done:
        _store_links(tx, table, record_id, values)
    tx.views.pop((object_key, record_id), None)
    return done


def update_derived(
    tx: Transaction, object_key: str, record_id: str, rev: int, values: Mapping[str, Any]
) -> None:
    """Write values that only follow from other records (roll-ups): no revision, no history."""
    table = tx.compiled.table(object_key)
    row = _columns(tx, object_key, values)
    statement = tx.compiled.keep(
        ("derive", object_key, frozenset(row)),
        lambda: Prepared(_update(table, row), tx.connection.dialect),
    )
    bound = {f"v_{name}": value for name, value in row.items()} | {"k_id": record_id, "k_rev": rev}
    with _unique(table):
        done = statement.run(tx.connection, bound) == 1
    if done:
        _store_links(tx, table, record_id, values)
    tx.views.pop((object_key, record_id), None)


def _update(table: ObjectTable, row: Mapping[str, Any]) -> sa.Update:
    columns = table.columns
    return (
        sa.update(table.table)
        .where(columns["id"] == sa.bindparam("k_id"), columns["rev"] == sa.bindparam("k_rev"))
        .values(_parameters(row))
    )


def _parameters(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sa.bindparam(f"v_{name}") for name in row}


def _store_links(
    tx: Transaction, table: ObjectTable, record_id: str, values: Mapping[str, Any]
) -> None:
    for key in table.links:
        if key in values:
            store_links(tx, table.key, key, record_id, values[key] or [])


@dataclass(frozen=True)
class Recorded:
    """A write and its row of history: one statement on PostgreSQL, two on SQLite."""

    write: Prepared
    history: Prepared | None

    @classmethod
    def of(cls, tx: Transaction, write: sa.Insert | sa.Update, identity: Any) -> Recorded:
        """Return a write of one record with its history."""
        dialect = tx.connection.dialect
        values = [sa.bindparam(f"h_{name}", type_=HISTORY.c[name].type) for name in _IN_HISTORY]
        if tx.sqlite:
            history = sa.insert(HISTORY).values(dict(zip(_IN_HISTORY, values, strict=True)))
            return cls(Prepared(write, dialect), Prepared(history, dialect))
        written = write.returning(identity).cte("written")
        both = sa.insert(HISTORY).from_select(_IN_HISTORY, sa.select(*values).select_from(written))
        return cls(Prepared(both, dialect), None)

    def run(
        self, tx: Transaction, bound: dict[str, Any], entry: Callable[[], Mapping[str, Any]]
    ) -> bool:
        """Write; tell whether there was such a row. History follows only what was written."""
        if self.history is None:
            return self.write.run(tx.connection, {**bound, **entry()}) == 1
        if self.write.run(tx.connection, bound) != 1:
            return False
        self.history.run(tx.connection, entry())
        return True


@contextmanager
def _unique(table: ObjectTable) -> Iterator[None]:
    """Let the database's word that a value is taken be said of the field, as our own check does.

    Two transactions may both find a value free; the index lets only one of them have it.
    """
    try:
        yield
    except sa.exc.IntegrityError as error:
        field = _taken(table, str(error.orig))
        if field is None:
            raise
        raise InvalidError([problem(field, "UNIQUE", TAKEN)]) from None


def _taken(table: ObjectTable, said: str) -> str | None:
    """Return the field whose unique index a database's message names, None for none."""
    keys = {column.name: key for key, column in table.columns.items()}
    name = table.table.name
    for index in table.table.indexes:
        columns = [column.name for column in index.columns]
        # PostgreSQL names the index, SQLite its columns.
        listed = ", ".join(f"{name}.{column}" for column in columns)
        if index.unique and (f'"{index.name}"' in said or said.endswith(f": {listed}")):
            return keys[columns[-1]]
    return "id" if f'"{name}_pkey"' in said or said.endswith(f": {name}.id") else None


def _columns(tx: Transaction, object_key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    columns = tx.compiled.table(object_key).columns
    return {columns[key].name: value for key, value in values.items() if key in columns}


def person(tx: Transaction) -> str | None:
    """Return the id of the person behind the actor, None for the platform alone."""
    actor = tx.actor
    return actor.on_behalf_of if actor.is_system else actor.principal.id


def _history_row(
    tx: Transaction, object_key: str, record_id: str, seq: int, entry: Entry
) -> dict[str, Any]:
    """Return the next row of the record's chain; its number is the record's revision."""
    row: dict[str, Any] = {
        "object_key": object_key,
        "record_id": record_id,
        "seq": seq,
        "at": tx.now,
        "actor": tx.actor.principal.id,
        "on_behalf_of": tx.actor.on_behalf_of,
        "action": entry.action,
        "transition": entry.transition,
        "changes": entry.changes,
        "comment": entry.comment,
        "source": tx.actor.source,
        "catalog_version": tx.compiled.catalog.version,
        "previous_hash": _hash_before(tx, object_key, record_id, seq) if seq > 1 else None,
    }
    row["hash"] = row_hash(row)
    tx.chain[object_key, record_id] = (seq, row["hash"])
    return {f"h_{name}": value for name, value in row.items()}


_HASH_BEFORE = Kept(
    sa.select(HISTORY.c.hash).where(
        HISTORY.c.object_key == sa.bindparam("object_key"),
        HISTORY.c.record_id == sa.bindparam("record_id"),
        HISTORY.c.seq == sa.bindparam("seq"),
    )
)


def _hash_before(tx: Transaction, object_key: str, record_id: str, seq: int) -> str | None:
    known = tx.chain.get((object_key, record_id))
    if known is not None and known[0] == seq - 1:
        return known[1]
    key = {"object_key": object_key, "record_id": record_id, "seq": seq - 1}
    row = _HASH_BEFORE.of(tx.connection).first(tx.connection, key)
    return None if row is None else str(row[0])


def change_list(
    old: Mapping[str, Any], new: Mapping[str, Any], keys: frozenset[str]
) -> dict[str, list[Any]]:
    """Return `[old, new]` by field as JSON values."""
    return {key: [as_json(old.get(key)), as_json(new.get(key))] for key in sorted(keys)}


def as_json(value: Any) -> Any:
    """Return a field's value as JSON: decimals as text, moments in ISO 8601."""
    for known in type(value).__mro__:
        if known in _WRITERS:
            return _WRITERS[known](value)
    raise TypeError(f"no JSON form of {value!r}")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_KEPT else text[:MAX_KEPT] + "…"


def _as_it_is(value: Any) -> Any:
    return value


_WRITERS: Mapping[type, Callable[[Any], Any]] = {
    type(None): _as_it_is,
    bool: _as_it_is,
    int: _as_it_is,
    float: _as_it_is,
    list: _as_it_is,
    dict: _as_it_is,
    str: _cut,
    Decimal: str,
    datetime: moment_text,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: duration_text,
}
