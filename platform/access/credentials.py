"""The stored part of a user's credentials: password hash and auth version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.storage.platform_tables.access import CREDENTIAL, SESSION
from trellis.storage.types import Id, UtcDateTime

_BUMP = sa.text(
    "INSERT INTO trellis_credential (user_id, auth_version) VALUES (:user, 1)"
    " ON CONFLICT (user_id) DO UPDATE SET auth_version = trellis_credential.auth_version + 1"
).bindparams(sa.bindparam("user", type_=Id()))
_STORE = sa.text(
    "INSERT INTO trellis_credential (user_id, password_hash, changed_at, auth_version)"
    " VALUES (:user, :hash, :now, 1) ON CONFLICT (user_id) DO UPDATE SET"
    " password_hash = :hash, changed_at = :now,"
    " auth_version = trellis_credential.auth_version + 1"
).bindparams(sa.bindparam("user", type_=Id()), sa.bindparam("now", type_=UtcDateTime()))
_REHASH = (
    sa.update(CREDENTIAL)
    .where(CREDENTIAL.c.user_id == sa.bindparam("user"))
    .values(password_hash=sa.bindparam("hash"))
)
_VERSION = sa.select(CREDENTIAL.c.auth_version).where(CREDENTIAL.c.user_id == sa.bindparam("user"))
_END_SESSIONS = sa.delete(SESSION).where(SESSION.c.user_id == sa.bindparam("user"))


def sign_out_everywhere(connection: Connection, user_id: str) -> int:
    """Raise the auth version and delete the sessions; return the new version."""
    connection.execute(_BUMP, {"user": user_id})
    connection.execute(_END_SESSIONS, {"user": user_id})
    return auth_version(connection, user_id)


def store_password(connection: Connection, user_id: str, hashed: str, now: datetime) -> int:
    """Store a password hash, end every session, and return the new auth version."""
    values: dict[str, Any] = {"user": user_id, "hash": hashed, "now": now}
    connection.execute(_STORE, values)
    connection.execute(_END_SESSIONS, {"user": user_id})
    return auth_version(connection, user_id)


def replace_hash(connection: Connection, user_id: str, hashed: str) -> None:
    """Store the same password hashed with newer parameters; nobody is signed out."""
    connection.execute(_REHASH, {"user": user_id, "hash": hashed})


def auth_version(connection: Connection, user_id: str) -> int:
    """Return the auth version of a user, 0 before the first credential."""
    return int(connection.execute(_VERSION, {"user": user_id}).scalar() or 0)
