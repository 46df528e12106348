"""Finds the principal of a request: one statement, so that every revocation works at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.access.principal import Principal, capabilities_of
from trellis.access.secrets import MAX_SECRET, TOKEN_PREFIX, hash_secret
from trellis.access.users import Directory, UserRow, UserTable
from trellis.metadata.model.catalog import Catalog
from trellis.storage.platform_tables.access import CREDENTIAL, SESSION, TOKEN
from trellis.storage.platform_tables.catalog import CATALOG
from trellis.storage.prepared import Kept
from trellis.storage.types import UtcDateTime

_MAX_KEPT = 10_000
_USED_EVERY = timedelta(hours=1)
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts: at all, and without a request."""

    absolute: timedelta = timedelta(days=7)
    idle: timedelta = timedelta(hours=12)
    #: `seen_at` is written at most this often, so that reading pages writes nothing.
    seen_every: timedelta = timedelta(minutes=5)


DEFAULT_LIMITS = SessionLimits()


@dataclass(frozen=True)
class Proof:
    """A principal with what proved them: a session (with its CSRF value) or a token."""

    principal: Principal
    csrf: str = ""
    session_hash: str = ""
    #: The session's `seen_at` or the token's `used_at` is old enough to be written again.
    is_stale: bool = False
    #: The newest published catalog when it was looked up.
    catalog_version: int = 0


@dataclass(frozen=True)
class _TokenScope:
    roles: frozenset[str] | None
    objects: frozenset[str] | None
    methods: frozenset[str] | None


class Principals:
    """Looks principals up; what a user is by (auth version, rev, catalog) is kept in memory."""

    def __init__(
        self,
        directory: Directory,
        catalog: Callable[[], Catalog],
        limits: SessionLimits = DEFAULT_LIMITS,
    ) -> None:
        self._directory = directory
        self._catalog = catalog
        self._limits = limits
        self._by_session = Kept(_session_statement(directory.users))
        self._by_token = Kept(_token_statement(directory.users))
        self._kept: dict[tuple[object, ...], Principal] = {}
        self._scopes: dict[str, _TokenScope] = {}

    def by_session(self, connection: Connection, secret: str, now: datetime) -> Proof | None:
        """Return the proof of a session id, None when it proves nobody (any more)."""
        if not 0 < len(secret) <= MAX_SECRET:
            return None
        hashed = hash_secret(secret)
        times = {
            "now": now,
            "alive": now - self._limits.idle,
            "stale": now - self._limits.seen_every,
        }
        row = self._by_session.of(connection).first(connection, {"hash": hashed, **times})
        if row is None:
            return None
        user_id, version, rev, csrf, stale, newest = row
        principal = self._principal(connection, user_id, version, rev)
        if principal is None or principal.auth_version != version:
            return None
        return Proof(principal, csrf, hashed, bool(stale), int(newest or 0))

    def by_token(self, connection: Connection, token: str, now: datetime) -> Proof | None:
        """Return the proof of an API token, None when it proves nobody (any more)."""
        if not token.startswith(TOKEN_PREFIX) or len(token) > MAX_SECRET:
            return None
        values = {"hash": hash_secret(token), "now": now, "stale": now - _USED_EVERY}
        row = self._by_token.of(connection).first(connection, values)
        if row is None:
            return None
        token_id, user_id, version, rev, stale, newest = row
        key = (token_id, version, rev, self._catalog().version)
        principal = self._kept.get(key)
        if principal is None:
            whole = self._principal(connection, user_id, version, rev)
            if whole is None:
                return None
            principal = self._scoped(connection, whole, token_id)
            if (whole.auth_version, whole.rev) == (version, rev):
                _keep(self._kept, key, principal)
        return Proof(principal, is_stale=bool(stale), catalog_version=int(newest or 0))

    def of_user(self, user: UserRow) -> Principal:
        """Return the principal of a user with everything they hold."""
        catalog = self._catalog()
        held = frozenset(role for role in user.roles if role in catalog.roles)
        return Principal(
            id=user.id,
            login=user.login,
            name=user.name,
            roles=held,
            capabilities=capabilities_of(catalog.roles, held),
            department=user.department,
            teams=user.teams,
            locale=user.locale,
            timezone=user.timezone,
            post=user.post,
            auth_version=user.auth_version,
            rev=user.rev,
        )

    def _principal(
        self, connection: Connection, user_id: str, version: int, rev: int
    ) -> Principal | None:
        """Return the user as of (version, rev), or as of later when that is what is there now."""
        catalog_version = self._catalog().version
        kept = self._kept.get((user_id, version, rev, catalog_version))
        if kept is not None:
            return kept
        user = self._directory.by_id(connection, user_id)
        if user is None or not user.active:
            return None
        principal = self.of_user(user)
        _keep(
            self._kept,
            (user_id, user.auth_version, user.rev, catalog_version),
            principal,
        )
        return principal

    def _scoped(self, connection: Connection, whole: Principal, token_id: str) -> Principal:
        scope = self._scope(connection, token_id)
        roles = whole.roles if scope.roles is None else whole.roles & scope.roles
        return replace(
            whole,
            roles=roles,
            capabilities=capabilities_of(self._catalog().roles, roles),
            objects=scope.objects,
            methods=scope.methods,
            token_id=token_id,
        )

    def _scope(self, connection: Connection, token_id: str) -> _TokenScope:
        """Return the limits of a token; they never change, so they are read once."""
        kept = self._scopes.get(token_id)
        if kept is None:
            columns = sa.select(TOKEN.c.roles, TOKEN.c.objects, TOKEN.c.methods)
            row = connection.execute(columns.where(TOKEN.c.id == token_id)).one()
            kept = _TokenScope(*(None if part is None else frozenset(part) for part in row))
            _keep(self._scopes, token_id, kept)
        return kept


def _keep(kept: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(kept) >= _MAX_KEPT:
        kept.clear()
    kept[key] = value


def _session_statement(users: UserTable) -> sa.Select[Any]:
    session, version = SESSION.c, _version()
    return (
        sa.select(
            users.id, version, users.rev, session.csrf,
            sa.case((session.seen_at < sa.bindparam("stale", type_=UtcDateTime()), 1), else_=0),
            _NEWEST,
        )
        .join_from(SESSION, users.table, users.id == session.user_id)
        .outerjoin(CREDENTIAL, CREDENTIAL.c.user_id == users.id)
        .where(
            session.hash == sa.bindparam("hash", type_=sa.Text()),
            session.expires_at > sa.bindparam("now", type_=UtcDateTime()),
            session.seen_at > sa.bindparam("alive", type_=UtcDateTime()),
            session.auth_version == version,
            users.may_enter,
        )
    )  # fmt: skip


def _token_statement(users: UserTable) -> sa.Select[Any]:
    token = TOKEN.c
    unused = sa.or_(
        token.used_at.is_(None), token.used_at < sa.bindparam("stale", type_=UtcDateTime())
    )
    return (
        sa.select(token.id, users.id, _version(), users.rev, sa.case((unused, 1), else_=0), _NEWEST)
        .join_from(TOKEN, users.table, users.id == token.user_id)
        .outerjoin(CREDENTIAL, CREDENTIAL.c.user_id == users.id)
        .where(
            token.hash == sa.bindparam("hash", type_=sa.Text()),
            token.revoked_at.is_(None),
            sa.or_(
                token.expires_at.is_(None),
                token.expires_at > sa.bindparam("now", type_=UtcDateTime()),
            ),
            users.may_enter,
        )
    )


#: Asked for in passing, so that the request's own transaction need not ask.
_NEWEST = sa.select(sa.func.max(CATALOG.c.version)).scalar_subquery()


def _version() -> sa.ColumnElement[Any]:
    """Return the auth version; a user without password and roles has no credential row yet."""
    return sa.func.coalesce(CREDENTIAL.c.auth_version, 0)
