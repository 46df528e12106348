"""Clocks as rows: one a round, and their ledger, to which is only added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from trellis.engine.clocks.state import Clock, ClockState, Interval
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.clocks import CLOCK, CLOCK_ENTRY
from trellis.storage.prepared import Kept, given

_MICRO = timedelta(microseconds=1)
_ONE = Kept(sa.select(CLOCK).where(CLOCK.c.id == sa.bindparam("id")))
_OF_RECORD = Kept(
    sa.select(CLOCK)
    .where(CLOCK.c.object == sa.bindparam("object"), CLOCK.c.record_id == sa.bindparam("record_id"))
    .order_by(CLOCK.c.round)
)
_INSERT = Kept(sa.insert(CLOCK))
_UPDATE = Kept(sa.update(CLOCK).where(CLOCK.c.id == sa.bindparam("id")).values(given(CLOCK, "id")))
#: An entry of the ledger, with the number behind that of the clock's last one.
_NOTE = Kept(
    sa.insert(CLOCK_ENTRY).values(
        **given(CLOCK_ENTRY, "seq"),
        seq=sa.select(sa.func.coalesce(sa.func.max(CLOCK_ENTRY.c.seq), 0) + 1)
        .where(CLOCK_ENTRY.c.clock_id == sa.bindparam("clock_id"))
        .scalar_subquery(),
    )
)


def clocks_of(tx: Transaction, object_key: str, record_id: str) -> dict[str, Clock]:
    """Return the newest round of each clock of a record."""
    rows = _OF_RECORD.rows(tx.connection, {"object": object_key, "record_id": record_id})
    return {row["clock"]: _clock(row) for row in rows}


def rounds_of(
    tx: Transaction, object_key: str, record_ids: Sequence[str]
) -> dict[str, list[Clock]]:
    """Return every round of every clock of some records, by record, oldest first."""
    found: dict[str, list[Clock]] = {}
    if not record_ids:
        return found
    rows = tx.connection.execute(
        sa.select(CLOCK)
        .where(CLOCK.c.object == object_key, CLOCK.c.record_id.in_(record_ids))
        .order_by(CLOCK.c.started_at, CLOCK.c.round, CLOCK.c.id)
    ).mappings()
    for row in rows:
        found.setdefault(row["record_id"], []).append(_clock(dict(row)))
    return found


def load(tx: Transaction, clock_id: str) -> Clock | None:
    """Return a clock by its id."""
    row = _ONE.first(tx.connection, {"id": clock_id})
    return None if row is None else _clock(row)


def open_clocks(
    tx: Transaction, calendar: str | None, after: str | None, limit: int
) -> list[Clock]:
    """Return open clocks of a calendar, of every calendar when None, behind an id."""
    wanted = sa.select(CLOCK).where(CLOCK.c.ended_at.is_(None))
    if after is not None:
        wanted = wanted.where(CLOCK.c.id > after)
    if calendar is None:
        wanted = wanted.where(CLOCK.c.calendar.is_not(None))
    else:
        wanted = wanted.where(CLOCK.c.calendar == calendar)
    rows = tx.connection.execute(wanted.order_by(CLOCK.c.id).limit(limit)).mappings()
    return [_clock(dict(row)) for row in rows]


def save(tx: Transaction, clock: Clock, *, new: bool) -> Clock:
    """Write a clock and return it as written."""
    saved = clock if new else replace(clock, rev=clock.rev + 1)
    (_INSERT if new else _UPDATE).run(tx.connection, _values(saved))
    return saved


def note(
    tx: Transaction,
    clock: Clock,
    kind: str,
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append what happened to a clock to its ledger."""
    actor = tx.actor.on_behalf_of or tx.actor.principal.id
    facts = {"state": str(clock.state), "target": clock.target // _MICRO,
             "calendar": clock.calendar, **(details or {})}  # fmt: skip
    _NOTE.run(tx.connection, {"clock_id": clock.id, "at": tx.now, "kind": str(kind),
                              "actor": actor, "reason": reason, "due_at": clock.due_at,
                              "details": facts})  # fmt: skip


def ledger(tx: Transaction, clock_id: str) -> list[Mapping[str, Any]]:
    """Return what happened to a clock, oldest first."""
    rows = tx.connection.execute(
        sa.select(CLOCK_ENTRY).where(CLOCK_ENTRY.c.clock_id == clock_id).order_by(CLOCK_ENTRY.c.seq)
    ).mappings()
    return [dict(row) for row in rows]


def _values(clock: Clock) -> dict[str, Any]:
    return {
        "id": clock.id, "clock": clock.key, "object": clock.object, "record_id": clock.record_id,
        "round": clock.round, "state": str(clock.state), "started_at": clock.started_at,
        "target": clock.target // _MICRO, "calendar": clock.calendar, "due_at": clock.due_at,
        "ended_at": clock.ended_at, "breached_at": clock.breached_at, "mirror": clock.mirror,
        "intervals": [[_text(one.start), _text(one.end), one.running] for one in clock.intervals],
        "fired": list(clock.fired), "rev": clock.rev,
    }  # fmt: skip


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _clock(row: Mapping[str, Any]) -> Clock:
    intervals = tuple(
        Interval(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None,
                 running)
        for start, end, running in row["intervals"] or ()
    )  # fmt: skip
    return Clock(
        id=row["id"], key=row["clock"], object=row["object"], record_id=row["record_id"],
        round=row["round"], state=ClockState(row["state"]), started_at=row["started_at"],
        target=row["target"] * _MICRO, intervals=intervals, calendar=row["calendar"],
        due_at=row["due_at"], ended_at=row["ended_at"], breached_at=row["breached_at"],
        fired=tuple(row["fired"] or ()), mirror=row["mirror"], rev=row["rev"],
    )  # fmt: skip
