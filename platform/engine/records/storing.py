"""Rows written: the record, its links, its history; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
from trellis.storage.tables import ObjectTable
from trellis.storage.types import moment_text

TAKEN = "is used by another record already"
#: History keeps values up to this length; longer ones are cut, and say so.
MAX_KEPT = 20_000


def insert_row(tx: Transaction, object_key: str, record_id: str, values: Mapping[str, Any]) -> None:
    """Insert a record with its links."""
    table = tx.compiled.table(object_key)
    row = _columns(tx, object_key, values)
    statement = tx.compiled.keep(
        ("insert", object_key, frozenset(row)),
        lambda: sa.insert(table.table).values({name: sa.bindparam(f"v_{name}") for name in row}),
    )
    bound = {f"v_{name}": value for name, value in row.items()}
    with _unique(table):
        tx.connection.execute(statement, bound)
    for key in table.links:
        if values.get(key):
            store_links(tx, object_key, key, record_id, values[key])


def update_row(
    tx: Transaction,
    object_key: str,
    record_id: str,
    rev: int,
    values: Mapping[str, Any],
    *,
    counted: bool = True,
) -> bool:
    """Write changed values to a record whose revision is still `rev`; tell whether it was.

    What only follows from other records (a roll-up) is not `counted` as a revision.
    """
    table = tx.compiled.table(object_key)
    row = _columns(tx, object_key, values)
    columns = table.columns
    if counted:
        row |= {"rev": rev + 1, "updated_at": tx.now, "updated_by": person(tx)}

    def make() -> sa.Update:
        condition = sa.and_(columns["id"] == sa.bindparam("k_id"),
                            columns["rev"] == sa.bindparam("k_rev"))  # fmt: skip
        return (
            sa.update(table.table)
            .where(condition)
            .values({name: sa.bindparam(f"v_{name}") for name in row})
        )

    statement = tx.compiled.keep(("update", object_key, frozenset(row)), make)
    bound = {f"v_{name}": value for name, value in row.items()} | {"k_id": record_id, "k_rev": rev}
    with _unique(table):
        done = tx.connection.execute(statement, bound).rowcount == 1
    for key in table.links:
        if done and key in values:
            store_links(tx, object_key, key, record_id, values[key] or [])
    tx.views.pop((object_key, record_id), None)
    return done


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


def add_history(
    tx: Transaction,
    object_key: str,
    record_id: str,
    seq: int,
    action: str,
    changes: Mapping[str, Any],
    *,
    transition: str | None = None,
    comment: str | None = None,
) -> None:
    """Append a row to the record's chain; its number is the record's revision."""
    row: dict[str, Any] = {
        "object_key": object_key,
        "record_id": record_id,
        "seq": seq,
        "at": tx.now,
        "actor": tx.actor.principal.id,
        "on_behalf_of": tx.actor.on_behalf_of,
        "action": action,
        "transition": transition,
        "changes": changes,
        "comment": comment,
        "source": tx.actor.source,
        "catalog_version": tx.compiled.catalog.version,
        "previous_hash": _hash_before(tx, object_key, record_id, seq) if seq > 1 else None,
    }
    row["hash"] = row_hash(row)
    tx.connection.execute(_INSERT_HISTORY, row)


_INSERT_HISTORY = sa.insert(HISTORY)
_HASH_BEFORE = sa.select(HISTORY.c.hash).where(
    HISTORY.c.object_key == sa.bindparam("object_key"),
    HISTORY.c.record_id == sa.bindparam("record_id"),
    HISTORY.c.seq == sa.bindparam("seq"),
)


def _hash_before(tx: Transaction, object_key: str, record_id: str, seq: int) -> str | None:
    key = {"object_key": object_key, "record_id": record_id, "seq": seq - 1}
    found = tx.connection.execute(_HASH_BEFORE, key).scalar()
    return None if found is None else str(found)


def change_list(
    old: Mapping[str, Any], new: Mapping[str, Any], keys: frozenset[str]
) -> dict[str, list[Any]]:
    """Return `[old, new]` by field as JSON values."""
    return {key: [as_json(old.get(key)), as_json(new.get(key))] for key in sorted(keys)}


def as_json(value: Any) -> Any:
    """Return a field's value as JSON: decimals as text, moments in ISO 8601."""
    if isinstance(value, str):
        return value if len(value) <= MAX_KEPT else value[:MAX_KEPT] + "…"
    if value is None or isinstance(value, bool | int | float | list | dict):
        return value
    for cls, writer in _WRITERS:
        if isinstance(value, cls):
            return writer(value)
    raise TypeError(f"no JSON form of {value!r}")


_WRITERS: tuple[tuple[type, Any], ...] = (
    (Decimal, str),
    (datetime, moment_text),
    (date, date.isoformat),
    (time, time.isoformat),
    (timedelta, duration_text),
)
