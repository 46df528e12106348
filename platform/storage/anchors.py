"""Seals over the history: segments of rows, counted and hashed into one chain per workspace.

A record's own chain shows what was altered, put in or taken out between two of its rows. A seal
shows the rest: a history whose last rows, or all rows, are gone, and one that was written anew with
new hashes. Rows of open transactions are not waited for: they come into the next segment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.problems import Location, Problem
from trellis.storage.database import whole
from trellis.storage.platform_tables.trail import ANCHOR, HISTORY
from trellis.storage.types import json_text, moment_text

_HASHED = ("number", "at", "records", "rows", "root", "previous_hash")
_CHUNK = 2_000


def seal(connection: Connection, at: datetime) -> int | None:
    """Seal the rows that no segment holds yet; return the segment's number, None for no rows.

    Two sealers at once: the second one's number is taken, and its transaction fails.
    """
    last = connection.execute(
        sa.select(ANCHOR.c.number, ANCHOR.c.hash).order_by(ANCHOR.c.number.desc()).limit(1)
    ).first()
    number = 1 if last is None else int(last.number) + 1
    taken = connection.execute(
        sa.update(HISTORY).where(HISTORY.c.segment.is_(None)).values(segment=number)
    )
    if not taken.rowcount:
        return None
    records, rows, root = _sums(connection, number)
    anchor = {
        "number": number, "at": at, "records": records, "rows": rows, "root": root,
        "previous_hash": None if last is None else last.hash,
    }  # fmt: skip
    connection.execute(sa.insert(ANCHOR).values(**anchor, hash=_hash(anchor)))
    return number


def anchor_problems(connection: Connection) -> Iterator[Problem]:
    """Yield a problem for each seal that does not hold, and for each that is missing."""
    with whole(connection) as one_state:
        yield from _anchor_problems(one_state)


def _anchor_problems(connection: Connection) -> Iterator[Problem]:
    found = connection.execute(sa.select(ANCHOR).order_by(ANCHOR.c.number)).mappings().all()
    previous: Mapping[str, Any] = {"number": 0, "hash": None}
    for row in found:
        anchor: dict[str, Any] = {str(key): value for key, value in row.items()}
        number = int(anchor["number"])
        place = Location("history seals", number, 1)
        if number != previous["number"] + 1:
            yield Problem(place, "HIST010", f"seal {previous['number'] + 1} is missing")
        elif anchor["previous_hash"] != previous["hash"]:
            yield Problem(place, "HIST011", f"seal {number} does not follow the one before it")
        if anchor["hash"] != _hash(anchor):
            yield Problem(place, "HIST012", f"seal {number} was altered after it was made")
        yield from _segment_problems(connection, anchor, place)
        previous = anchor
    strange = connection.execute(
        sa.select(sa.func.count()).where(HISTORY.c.segment > previous["number"])
    ).scalar()
    if strange:
        yield Problem(Location("history seals"), "HIST010",
                      f"{strange} rows belong to seals that are missing")  # fmt: skip


def _segment_problems(
    connection: Connection, anchor: Mapping[str, Any], place: Location
) -> Iterator[Problem]:
    records, rows, root = _sums(connection, int(anchor["number"]))
    if (records, rows) != (anchor["records"], anchor["rows"]):
        yield Problem(
            place, "HIST013",
            f"seal {anchor['number']} was made over {anchor['rows']} rows of {anchor['records']} "
            f"records, there are {rows} of {records}",
        )  # fmt: skip
    elif root != anchor["root"]:
        yield Problem(place, "HIST014", f"rows under seal {anchor['number']} are not those it was "
                      "made over")  # fmt: skip


def _sums(connection: Connection, number: int) -> tuple[int, int, str]:
    """Return how many records and rows a segment holds, and the hash over the rows' hashes."""
    found = connection.execute(
        sa.select(HISTORY.c.object_key, HISTORY.c.record_id, HISTORY.c.hash)
        .where(HISTORY.c.segment == number)
        .order_by(HISTORY.c.object_key, HISTORY.c.record_id, HISTORY.c.seq)
        .execution_options(yield_per=_CHUNK)
    )
    total = hashlib.sha256()
    rows = records = 0
    record: tuple[str, str] | None = None
    for object_key, record_id, row_hash in found:
        total.update(f"{object_key}\0{record_id}\0{row_hash}\n".encode())
        rows += 1
        if (object_key, record_id) != record:
            record = (object_key, record_id)
            records += 1
    return records, rows, total.hexdigest()


def _hash(anchor: Mapping[str, Any]) -> str:
    values = [anchor[name] for name in _HASHED]
    plain = [moment_text(one) if isinstance(one, datetime) else one for one in values]
    return hashlib.sha256(json_text(plain).encode()).hexdigest()
