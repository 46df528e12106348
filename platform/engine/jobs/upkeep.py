"""Work that comes round by itself: sealing the history once an hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from trellis.engine.jobs.rows import enqueue
from trellis.engine.transactions import Transaction
from trellis.storage.anchors import seal
from trellis.storage.platform_tables.work import JOB

SEAL_JOB = "history.seal"
SEAL_EVERY = timedelta(hours=1)


def seal_history(tx: Transaction, payload: Mapping[str, Any]) -> None:
    """Seal what the history has gained, and come again in an hour."""
    seal(tx.connection, tx.now)
    enqueue(tx, SEAL_JOB, {}, due=tx.now + SEAL_EVERY, key=SEAL_JOB)


def ensure_upkeep(tx: Transaction) -> None:
    """Put the recurring jobs into the queue unless they are there."""
    if tx.connection.execute(sa.select(JOB.c.id).where(JOB.c.key == SEAL_JOB)).first() is None:
        enqueue(tx, SEAL_JOB, {}, due=tx.now + SEAL_EVERY, key=SEAL_JOB)
