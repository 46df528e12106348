"""Signing in with a password: throttled, equally slow for everybody, a new session each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.access.audit import write_audit
from trellis.access.credentials import replace_hash
from trellis.access.errors import SignInError, ThrottledError
from trellis.access.passwords import Passwords
from trellis.access.principals import SessionLimits
from trellis.access.secrets import hash_secret
from trellis.access.sessions import NewSession, close_session, open_session
from trellis.access.throttle import Throttle
from trellis.access.users import UserTable, login_key
from trellis.clock import Clock
from trellis.ids import IdSource
from trellis.storage.database import Database
from trellis.storage.platform_tables.access import CREDENTIAL


@dataclass(frozen=True)
class Attempt:
    """What somebody typed, and from where; `session` is the cookie they came with."""

    login: str
    password: str
    address: str
    session: str = ""


@dataclass(frozen=True)
class _Known:
    user_id: str
    auth_version: int
    password_hash: str | None


class SignIn:
    """The door with a password."""

    def __init__(
        self,
        database: Database,
        users: UserTable,
        clock: Clock,
        ids: IdSource,
        *,
        passwords: Passwords,
        throttle: Throttle,
        limits: SessionLimits,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._passwords = passwords
        self._throttle = throttle
        self._limits = limits
        self._by_login = _by_login(users)
        passwords.prepare()

    def enter(self, attempt: Attempt) -> NewSession:
        """Return a new session; SignInError or ThrottledError otherwise."""
        now = self._clock.now()
        known, number = self._verified(attempt, now)
        return self._admit(attempt, known, number, now)

    def confirm(self, login: str, password: str, address: str) -> None:
        """Raise SignInError or ThrottledError unless a user's password is right."""
        now = self._clock.now()
        _known, number = self._verified(Attempt(login, password, address), now)
        with self._database.write() as connection:
            self._throttle.record_success(connection, number, now)

    def _verified(self, attempt: Attempt, now: datetime) -> tuple[_Known, str]:
        """Return the user and the number of the attempt.

        The attempt is counted as a failure before the password is looked at, so that guesses
        sent in parallel count too.
        """
        name = login_key(attempt.login) or "?"
        known, number = self._begin(name, attempt.address, now)
        stored = None if known is None else known.password_hash
        if not self._passwords.fits(attempt.password, stored) or known is None:
            self._refuse(attempt.address, known, now)
            raise SignInError
        return known, number

    def _begin(self, name: str, address: str, now: datetime) -> tuple[_Known | None, str]:
        with self._database.write() as connection:
            wait = self._throttle.wait(connection, name, address, now)
            if wait:
                raise ThrottledError(wait)
            number = self._throttle.record(connection, self._ids, name, address, now)
            row = connection.execute(self._by_login, {"login": name}).first()
        return None if row is None else _Known(*row), number

    def _refuse(self, address: str, known: _Known | None, now: datetime) -> None:
        """Write the audit; what was typed as a name is left out, it may be a password."""
        user = None if known is None else known.user_id
        with self._database.write() as connection:
            write_audit(connection, self._ids, now, "sign_in", outcome="refused", user=user,
                        address=address)  # fmt: skip

    def _admit(self, attempt: Attempt, known: _Known, number: str, now: datetime) -> NewSession:
        stale = known.password_hash is not None and self._passwords.is_stale(known.password_hash)
        fresh = self._passwords.hash(attempt.password) if stale else None
        with self._database.write() as connection:
            self._throttle.record_success(connection, number, now)
            if fresh is not None:
                replace_hash(connection, known.user_id, fresh)
            return self.open(connection, known.user_id, known.auth_version, attempt, now)

    def open(
        self,
        connection: Connection,
        user_id: str,
        auth_version: int,
        attempt: Attempt,
        now: datetime,
    ) -> NewSession:
        """Open a session for a user who is known to be who they are; the old one ends."""
        if attempt.session:
            close_session(connection, hash_secret(attempt.session))
        write_audit(connection, self._ids, now, "sign_in", actor=user_id, user=user_id,
                    address=attempt.address)  # fmt: skip
        return open_session(connection, user_id, auth_version, now, self._limits)


def _by_login(users: UserTable) -> sa.Select[Any]:
    """Return the statement that costs the same whether the name is known or not."""
    version = sa.func.coalesce(CREDENTIAL.c.auth_version, 0)
    return (
        sa.select(users.id, version, CREDENTIAL.c.password_hash)
        .outerjoin_from(users.table, CREDENTIAL, CREDENTIAL.c.user_id == users.id)
        .where(users.login == sa.bindparam("login"), users.may_enter)
    )
