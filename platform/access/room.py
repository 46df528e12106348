"""The room put together: everything that web and commands ask of access."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.engine import Connection
from trellis.access.audit import write_audit
from trellis.access.credentials import store_password
from trellis.access.errors import AccessInvalidError, AccessNotFoundError, SignInError
from trellis.access.passwords import Passwords, password_mistake
from trellis.access.principal import SYSTEM_ID, Principal
from trellis.access.principals import DEFAULT_LIMITS, Principals, Proof, SessionLimits
from trellis.access.roles import Roles
from trellis.access.sessions import (
    NewSession,
    close_session,
    open_session,
    touch_session,
)
from trellis.access.sign_in import Attempt, SignIn
from trellis.access.throttle import Throttle
from trellis.access.tokens import revoke_all_tokens, touch_token
from trellis.access.users import Directory, UserRow, UserTable
from trellis.access.watch import UserWatch
from trellis.clock import Clock
from trellis.ids import IdSource
from trellis.metadata.model.catalog import Catalog
from trellis.storage.database import Database
from trellis.storage.tables import ObjectTable


@dataclass(frozen=True)
class AccessRules:
    """What an operator may tune, and tests make cheap."""

    passwords: Passwords
    throttle: Throttle
    limits: SessionLimits = DEFAULT_LIMITS


def usual_rules() -> AccessRules:
    """Return the rules of a real workspace."""
    return AccessRules(Passwords(), Throttle())


class AccessRoom:
    """Sign-in, sessions, passwords and principals of one workspace."""

    def __init__(
        self,
        database: Database,
        users: ObjectTable,
        catalog: Callable[[], Catalog],
        clock: Clock,
        ids: IdSource,
        rules: AccessRules | None = None,
    ) -> None:
        self.database = database
        self.clock = clock
        self.ids = ids
        self.rules = rules or usual_rules()
        table = UserTable.of(users)
        self.directory = Directory(table)
        self.principals = Principals(self.directory, catalog, self.rules.limits)
        self.roles = Roles(self.directory, catalog, ids)
        self.watch = UserWatch(self.directory, self.roles)
        self.sign_in = SignIn(
            database, table, clock, ids,
            passwords=self.rules.passwords, throttle=self.rules.throttle, limits=self.rules.limits,
        )  # fmt: skip

    def proof_of_session(self, secret: str) -> Proof | None:
        """Return who a session cookie stands for."""
        now = self.clock.now()
        with self.database.look() as connection:
            proof = self.principals.by_session(connection, secret, now)
        if proof is not None and proof.is_stale:
            with self.database.write() as connection:
                touch_session(connection, proof.session_hash, now)
        return proof

    def proof_of_token(self, token: str) -> Proof | None:
        """Return who an API token stands for."""
        now = self.clock.now()
        with self.database.look() as connection:
            proof = self.principals.by_token(connection, token, now)
        if proof is not None and proof.is_stale and proof.principal.token_id is not None:
            with self.database.write() as connection:
                touch_token(connection, proof.principal.token_id, now)
        return proof

    def enter(self, attempt: Attempt) -> NewSession:
        """Sign in with a password; SignInError or ThrottledError."""
        return self.sign_in.enter(attempt)

    def enter_as(self, login: str, attempt: Attempt) -> NewSession:
        """Sign in without a password: the demo's people only, which the caller must make sure."""
        with self.database.write() as connection:
            user = self.directory.by_login(connection, login)
            if user is None or not user.active:
                raise SignInError
            return self.sign_in.open(
                connection, user.id, user.auth_version, attempt, self.clock.now()
            )

    def leave(self, session_hash: str) -> None:
        """Sign out."""
        with self.database.write() as connection:
            close_session(connection, session_hash)

    def set_password(
        self, connection: Connection, by: Principal, user_id: str, password: str
    ) -> None:
        """Set somebody's password; ends their sessions and revokes their tokens."""
        user = self._user(connection, user_id)
        if by.id not in (SYSTEM_ID, user.id):
            self.roles.stop_unless_over(by, user)
        self._store(connection, by, user, password)

    def change_own_password(self, proof: Proof, old: str, new: str, address: str) -> NewSession:
        """Change one's password, knowing the old one; other sessions and all tokens end.

        Wrong old passwords are throttled like those at the door.
        """
        me = proof.principal
        self.sign_in.confirm(me.login, old, address)
        with self.database.write() as connection:
            version = self._store(connection, me, self._user(connection, me.id), new)
            now = self.clock.now()
            return open_session(connection, me.id, version, now, self.rules.limits)

    def _store(self, connection: Connection, by: Principal, user: UserRow, password: str) -> int:
        mistake = password_mistake(password, login=user.login, name=user.name)
        if mistake is not None:
            raise AccessInvalidError("PASSWORD_WEAK", mistake,
                                     "take three or four words that nobody would guess",
                                     [{"field": "password", "code": "PASSWORD_WEAK",
                                       "message": mistake}])  # fmt: skip
        now = self.clock.now()
        version = store_password(connection, user.id, self.rules.passwords.hash(password), now)
        revoke_all_tokens(connection, user.id, now)
        write_audit(connection, self.ids, now, "password_change", actor=by.id, user=user.id)
        return version

    def user_named(self, connection: Connection, login: str) -> UserRow:
        """Return the user with a sign-in name; AccessNotFoundError when there is none."""
        user = self.directory.by_login(connection, login)
        if user is None:
            raise AccessNotFoundError("NOT_FOUND", f"there is no user `{login[:80]}`")
        return user

    def _user(self, connection: Connection, user_id: str) -> UserRow:
        user = self.directory.by_id(connection, user_id)
        if user is None:
            raise AccessNotFoundError("NOT_FOUND", "there is no such user")
        return user
