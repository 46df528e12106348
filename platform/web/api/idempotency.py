"""Requests that are sent twice: the second gets the first one's answer and changes nothing.

The key is claimed in the same transaction as the work: either both are there or neither is, and
of two at once one waits for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Response, request
from trellis.engine.errors import ConflictError, InvalidError, problem
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.access import IDEMPOTENCY
from trellis.storage.types import Id, UtcDateTime

KEPT_FOR = timedelta(days=7)
MAX_KEY = 200
_COLUMNS = IDEMPOTENCY.c
_CLAIM = sa.text(
    "INSERT INTO trellis_idempotency (user_id, key, request_hash, status, at)"
    " VALUES (:user, :key, :hash, 0, :at) ON CONFLICT (user_id, key) DO NOTHING"
).bindparams(sa.bindparam("user", type_=Id()), sa.bindparam("at", type_=UtcDateTime()))
_FIND = sa.select(_COLUMNS.request_hash, _COLUMNS.status, _COLUMNS.body, _COLUMNS.etag).where(
    _COLUMNS.user_id == sa.bindparam("user"), _COLUMNS.key == sa.bindparam("key")
)
_KEEP = (
    sa.update(IDEMPOTENCY)
    .where(_COLUMNS.user_id == sa.bindparam("user"), _COLUMNS.key == sa.bindparam("which"))
    .values(
        status=sa.bindparam("status_"),
        body=sa.bindparam("body_"),
        etag=sa.bindparam("etag_"),
    )
)
_FORGET = sa.delete(IDEMPOTENCY).where(
    _COLUMNS.user_id == sa.bindparam("user"), _COLUMNS.at < sa.bindparam("before")
)


def request_key(*, required: bool = False) -> str | None:
    """Return the request's `Idempotency-Key`; InvalidError for one that cannot be kept."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        if required:
            raise InvalidError([problem("Idempotency-Key", "REQUIRED", "is required here")],
                               hint="send a new id with each decision")  # fmt: skip
        return None
    if not 0 < len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise InvalidError([problem("Idempotency-Key", "TYPE",
                                    f"is 1 to {MAX_KEY} printable ASCII characters")])  # fmt: skip
    return key


def once(tx: Transaction, key: str | None, body: bytes, work: Callable[[], Response]) -> Response:
    """Return what `work` answers, or what it answered when this key came first."""
    if key is None:
        return work()
    user = tx.actor.principal.id
    digest = _digest(body)
    claimed = tx.connection.execute(
        _CLAIM, {"user": user, "key": key, "hash": digest, "at": tx.now}
    )
    if claimed.rowcount == 0:
        return _replay(tx, user, key, digest)
    _forget(tx, user, tx.now)
    made = work()
    values: dict[str, Any] = {
        "user": user, "which": key, "status_": made.status_code,
        "body_": made.get_data(as_text=True), "etag_": made.headers.get("ETag"),
    }  # fmt: skip
    tx.connection.execute(_KEEP, values)
    return made


def _replay(tx: Transaction, user: str, key: str, digest: str) -> Response:
    row = tx.connection.execute(_FIND, {"user": user, "key": key}).one()
    if row.request_hash != digest:
        raise ConflictError("KEY_REUSED", "this `Idempotency-Key` came with another request before",
                            hint="make a new key for each request")  # fmt: skip
    made = Response(row.body or "", status=row.status, mimetype="application/json")
    if row.etag is not None:
        made.headers["ETag"] = row.etag
    made.headers["Idempotency-Replayed"] = "true"
    return made


def _forget(tx: Transaction, user: str, now: datetime) -> None:
    tx.connection.execute(_FORGET, {"user": user, "before": now - KEPT_FOR})


def _digest(body: bytes) -> str:
    """Return what makes a request the same request."""
    parts = (request.method, request.path, request.headers.get("If-Match", ""))
    return hashlib.sha256("\x00".join(parts).encode() + b"\x00" + body).hexdigest()
