"""What was handed over, as rows: the report of an absence, and what goes back at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.people import HANDOVER

#: Why something was handed over.
DELEGATION, ABSENCE, LEFT, BY_HAND = "delegation", "absence", "left", "by_hand"


@dataclass(frozen=True)
class Piece:
    """What can be handed over: a task, a seat, or the ownership of a record."""

    kind: str  # task seat record
    object: str | None = None
    record_id: str | None = None
    task_id: str | None = None


@dataclass(frozen=True)
class Cause:
    """Why and by whom something goes over."""

    kind: str
    actor: str | None = None
    delegation: str | None = None
    note: str = ""


@dataclass(frozen=True)
class HandedOver:
    """One piece that went from `giver` to `taker` (nobody: back to those it was offered to)."""

    id: str
    at: datetime
    giver: str
    taker: str | None
    piece: Piece
    cause: Cause
    returned_at: datetime | None = None


def note(tx: Transaction, piece: Piece, giver: str, taker: str | None, cause: Cause) -> None:
    """Write down that a piece went over."""
    tx.connection.execute(
        sa.insert(HANDOVER).values(
            id=tx.ids.new(), at=tx.now, actor=cause.actor, giver=giver, taker=taker,
            kind=piece.kind, object=piece.object, record_id=piece.record_id,
            task_id=piece.task_id, cause=cause.kind, delegation_id=cause.delegation,
            note=cause.note or None,
        )
    )  # fmt: skip


def of_giver(tx: Transaction, user: str, limit: int = 500) -> list[HandedOver]:
    """Return what went away from somebody, the newest first."""
    return _found(tx, [HANDOVER.c.giver == user], limit)


def records_to_return(tx: Transaction, delegation_id: str, limit: int) -> list[HandedOver]:
    """Return the records that a delegation took over and that have not come back."""
    conditions = [
        HANDOVER.c.delegation_id == delegation_id,
        HANDOVER.c.kind == "record",
        HANDOVER.c.returned_at.is_(None),
    ]
    return _found(tx, conditions, limit)


def mark_returned(tx: Transaction, ids: Sequence[str]) -> None:
    """Note that pieces have come back, or that nobody has to bring them back."""
    if ids:
        tx.connection.execute(
            sa.update(HANDOVER).where(HANDOVER.c.id.in_(ids)).values(returned_at=tx.now)
        )


def _found(tx: Transaction, conditions: Sequence[Any], limit: int) -> list[HandedOver]:
    statement = (
        sa.select(HANDOVER).where(*conditions)
        .order_by(HANDOVER.c.at.desc(), HANDOVER.c.id.desc()).limit(limit)
    )  # fmt: skip
    return [
        HandedOver(
            row["id"], row["at"], row["giver"], row["taker"],
            Piece(row["kind"], row["object"], row["record_id"], row["task_id"]),
            Cause(row["cause"], row["actor"], row["delegation_id"], row["note"] or ""),
            row["returned_at"],
        )
        for row in tx.connection.execute(statement).mappings()
    ]  # fmt: skip
