"""Jobs as rows of the running transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from trellis.engine.jobs.queue import JobState
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.work import JOB
from trellis.storage.prepared import Kept

_INSERT = Kept(sa.insert(JOB))
_CANCEL = Kept(sa.delete(JOB).where(JOB.c.key == sa.bindparam("key")))
#: What a new job says where it was not told otherwise.
_NEW: dict[str, Any] = {
    **dict.fromkeys(column.name for column in JOB.c),
    "state": str(JobState.READY), "attempts": 0, "fence": 0,
}  # fmt: skip


def enqueue(
    tx: Transaction,
    kind: str,
    payload: Mapping[str, Any],
    *,
    due: datetime,
    key: str | None = None,
    times: int = 5,
) -> None:
    """Put a job into the queue; the same key again moves the one that is there."""
    if key is not None:
        cancel(tx, [key])
    tx.pending.wakes_workers |= due <= tx.now
    row = _NEW | {
        "id": tx.ids.new(), "kind": kind, "key": key, "payload": dict(payload), "due_at": due,
        "max_attempts": times, "created_at": tx.now,
    }  # fmt: skip
    _INSERT.run(tx.connection, row)


def report(tx: Transaction, kind: str, payload: Mapping[str, Any], *, key: str, error: str) -> None:
    """Put something that needs a person among the jobs; run again, it is a job of `kind`."""
    cancel(tx, [key])
    tx.connection.execute(
        sa.insert(JOB).values(
            id=tx.ids.new(), kind=kind, key=key, payload=dict(payload),
            state=str(JobState.INCIDENT), due_at=tx.now, attempts=1, max_attempts=1,
            error=error[:2_000], created_at=tx.now,
        )
    )  # fmt: skip


def exists(tx: Transaction, key: str) -> bool:
    """Tell whether there is a job with this key."""
    return tx.connection.execute(sa.select(JOB.c.id).where(JOB.c.key == key)).first() is not None


def cancel(tx: Transaction, keys: Sequence[str]) -> None:
    """Remove jobs by key."""
    if len(keys) == 1:
        _CANCEL.run(tx.connection, {"key": keys[0]})
    elif keys:
        tx.connection.execute(sa.delete(JOB).where(JOB.c.key.in_(keys)))


def cancel_prefixes(tx: Transaction, prefixes: Sequence[str]) -> None:
    """Remove jobs whose key begins with one of the prefixes."""
    if prefixes:
        begins = [JOB.c.key.startswith(prefix, autoescape=True) for prefix in prefixes]
        tx.connection.execute(sa.delete(JOB).where(sa.or_(*begins)))
