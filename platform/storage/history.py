"""The history of records: one row a change, each hashing the one before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.problems import Location, Problem
from trellis.storage.database import whole
from trellis.storage.platform_tables.trail import HISTORY
from trellis.storage.tables import ObjectTable
from trellis.storage.types import json_text, moment_text

#: The columns that a row's hash covers, in this order.
_HASHED = ("object_key", "record_id", "seq", "at", "actor", "on_behalf_of", "action",
           "transition", "changes", "comment", "source", "catalog_version",
           "previous_hash")  # fmt: skip


def row_hash(row: Mapping[Any, Any]) -> str:
    """Return the SHA-256 over a history row and the hash of the row before it."""
    return hashlib.sha256(
        json_text([_plain(row.get(name)) for name in _HASHED]).encode()
    ).hexdigest()


def _plain(value: Any) -> Any:
    return moment_text(value) if isinstance(value, datetime) else value


def chain_problems(connection: Connection) -> Iterator[Problem]:
    """Yield a problem for each history row that was altered, removed or put in between."""
    record: tuple[str, str] | None = None
    previous: Mapping[Any, Any] | None = None
    with whole(connection) as one_state:
        for row in one_state.execute(_IN_ORDER).mappings():
            key = (row["object_key"], row["record_id"])
            if key != record:
                record, previous = key, None
            yield from _row_problems(row, previous)
            previous = row


_IN_ORDER = (
    sa.select(HISTORY)
    .order_by(HISTORY.c.object_key, HISTORY.c.record_id, HISTORY.c.seq)
    .execution_options(yield_per=2_000)
)


def _row_problems(row: Mapping[Any, Any], previous: Mapping[Any, Any] | None) -> Iterator[Problem]:
    place = Location(f"{row['object_key']}/{row['record_id']}", int(row["seq"]), 1)
    wanted_seq = 1 if previous is None else previous["seq"] + 1
    wanted_hash = None if previous is None else previous["hash"]
    if row["seq"] != wanted_seq:
        yield Problem(place, "HIST001", f"entry {wanted_seq} of the history is missing")
    elif row["previous_hash"] != wanted_hash:
        yield Problem(place, "HIST002", "the entry does not follow the one before it")
    if row["hash"] != row_hash(row):
        yield Problem(place, "HIST003", "the entry was altered after it was written")


def head_problems(connection: Connection, tables: Mapping[str, ObjectTable]) -> Iterator[Problem]:
    """Yield a problem for each record whose history does not reach to what the record is now.

    The number of an entry is the revision it made, so entries cut off at the end show too.
    """
    for key, table in tables.items():
        last = (
            sa.select(HISTORY.c.record_id, sa.func.max(HISTORY.c.seq).label("seq"))
            .where(HISTORY.c.object_key == key)
            .group_by(HISTORY.c.record_id)
            .subquery()
        )
        record, rev = table.columns["id"], table.columns["rev"]
        statement = (
            sa.select(record, rev, last.c.seq)
            .outerjoin(last, last.c.record_id == sa.cast(record, sa.Text()))
            .where(sa.or_(last.c.seq.is_(None), last.c.seq != rev))
            .order_by(record)
        )
        for record_id, revision, seq in connection.execute(statement):
            place = Location(f"{key}/{record_id}", int(seq or 0), 1)
            yield Problem(place, "HIST004", f"the record has revision {revision}, its history "
                          f"ends at {seq or 0}")  # fmt: skip
