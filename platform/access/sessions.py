"""Sessions: rows whose id only the browser knows; the database holds a hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.access.principals import SessionLimits
from trellis.access.secrets import hash_secret
from trellis.ids import new_secret
from trellis.storage.platform_tables.access import SESSION

_COLUMNS = SESSION.c
_INSERT = sa.insert(SESSION)
_DELETE = sa.delete(SESSION).where(_COLUMNS.hash == sa.bindparam("which"))
_FORGET = sa.delete(SESSION).where(_COLUMNS.expires_at <= sa.bindparam("now"))
_TOUCH = (
    sa.update(SESSION)
    .where(_COLUMNS.hash == sa.bindparam("which"))
    .values(seen_at=sa.bindparam("now"))
)


@dataclass(frozen=True)
class NewSession:
    """A session just opened; `secret` goes into the cookie and nowhere else."""

    secret: str
    csrf: str
    user_id: str
    expires_at: datetime


def open_session(
    connection: Connection,
    user_id: str,
    auth_version: int,
    now: datetime,
    limits: SessionLimits,
) -> NewSession:
    """Open a session under a new id, and forget those that ended."""
    made = NewSession(new_secret(), new_secret(), user_id, now + limits.absolute)
    connection.execute(_FORGET, {"now": now})
    connection.execute(
        _INSERT,
        {"hash": hash_secret(made.secret), "user_id": user_id, "auth_version": auth_version,
         "csrf": made.csrf, "created_at": now, "seen_at": now, "expires_at": made.expires_at},
    )  # fmt: skip
    return made


def close_session(connection: Connection, session_hash: str) -> None:
    """End one session."""
    connection.execute(_DELETE, {"which": session_hash})


def touch_session(connection: Connection, session_hash: str, now: datetime) -> None:
    """Remember that a session is in use."""
    connection.execute(_TOUCH, {"which": session_hash, "now": now})
