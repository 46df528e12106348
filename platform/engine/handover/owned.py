"""The records that a person owns: those whose `owner` they are and that are not finished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.ids import is_id
from trellis.metadata.model.objects import Object


@dataclass(frozen=True)
class OwnedRecord:
    """A record that somebody answers for."""

    object: str
    record_id: str


def count_owned(tx: Transaction, user: str) -> dict[str, int]:
    """Return how many records of which object a person owns, objects without any left out."""
    found: dict[str, int] = {}
    for item in _owned_objects(tx):
        statement = sa.select(sa.func.count()).where(*_conditions(tx, item, user))
        number = int(tx.connection.execute(statement).scalar() or 0)
        if number:
            found[item.key] = number
    return found


def owned_by(
    tx: Transaction, user: str, limit: int, objects: tuple[str, ...] = ()
) -> list[OwnedRecord]:
    """Return at most `limit` records that a person owns, of `objects` only when some are named."""
    found: list[OwnedRecord] = []
    for item in _owned_objects(tx):
        if (objects and item.key not in objects) or len(found) >= limit:
            continue
        columns = tx.compiled.table(item.key).columns
        statement = (
            sa.select(columns["id"]).where(*_conditions(tx, item, user))
            .order_by(columns["id"]).limit(limit - len(found))
        )  # fmt: skip
        rows = tx.connection.execute(statement)
        found += [OwnedRecord(item.key, str(row[0])) for row in rows]
    return found


def is_owned(tx: Transaction, user: str, record: OwnedRecord) -> bool:
    """Tell whether a person owns a record that is not finished."""
    item = tx.compiled.object(record.object)
    known = item is not None and item.key in {one.key for one in _owned_objects(tx)}
    if item is None or not known or not is_id(record.record_id):
        return False
    columns = tx.compiled.table(item.key).columns
    statement = sa.select(columns["id"]).where(
        columns["id"] == record.record_id, *_conditions(tx, item, user)
    )
    return tx.connection.execute(statement).first() is not None


def _owned_objects(tx: Transaction) -> Iterator[Object]:
    """Yield the objects whose records people answer for: no rows, no people, no settings."""
    for item in tx.compiled.catalog.objects.values():
        if not item.builtin and item.child_of is None and not item.singleton:
            yield item


def _conditions(tx: Transaction, item: Object, user: str) -> list[Any]:
    columns = tx.compiled.table(item.key).columns
    conditions: list[Any] = [columns["owner"] == user, columns["deleted_at"].is_(None)]
    if item.lifecycle is not None:
        final = [key for key, state in item.lifecycle.states.items() if state.final]
        state = columns[item.lifecycle.field]
        if final:
            conditions.append(sa.or_(state.is_(None), state.not_in(final)))
    return conditions
