"""The users: what this room reads of the records of the built-in object `user`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.storage.platform_tables.access import CREDENTIAL, USER_ROLE
from trellis.storage.tables import ObjectTable

USER = "user"


@dataclass(frozen=True)
class UserTable:
    """The columns of users that access depends on; apps may add fields but not take these."""

    table: sa.Table
    id: sa.Column[Any]
    rev: sa.Column[Any]
    login: sa.Column[Any]
    name: sa.Column[Any]
    email: sa.Column[Any]
    title: sa.Column[Any]
    department: sa.Column[Any]
    manager: sa.Column[Any]
    language: sa.Column[Any]
    timezone: sa.Column[Any]
    active: sa.Column[Any]
    deleted_at: sa.Column[Any]
    teams: sa.Table

    @classmethod
    def of(cls, users: ObjectTable) -> UserTable:
        """Return the columns out of the table of the object `user`."""
        names = ("id", "rev", "login", "name", "email", "title", "department", "manager",
                 "language", "timezone", "active", "deleted_at")  # fmt: skip
        columns: dict[str, Any] = {name: users.columns[name] for name in names}
        return cls(table=users.table, teams=users.links["teams"].table, **columns)

    @property
    def may_enter(self) -> sa.ColumnElement[bool]:
        """Return the condition that a user is active and not deleted."""
        return sa.and_(self.active.is_(sa.true()), self.deleted_at.is_(None))


@dataclass(frozen=True)
class UserRow:
    """A user as access sees them."""

    id: str
    rev: int
    login: str
    name: str
    email: str
    post: str
    department: str | None
    manager: str | None
    locale: str
    timezone: str
    active: bool
    auth_version: int
    password_hash: str | None
    roles: frozenset[str]
    teams: frozenset[str]


@dataclass(frozen=True)
class Listed:
    """A user in a list."""

    id: str
    login: str
    name: str
    active: bool


@dataclass(frozen=True)
class Directory:
    """Reads users, with their roles and teams, in a bounded number of statements."""

    users: UserTable

    def by_login(self, connection: Connection, login: str) -> UserRow | None:
        """Return the user with a sign-in name, in whatever case it was typed."""
        key = login_key(login)
        return self._one(connection, self.users.login == key) if key else None

    def by_id(self, connection: Connection, user_id: str) -> UserRow | None:
        """Return a user by id."""
        return self._one(connection, self.users.id == user_id)

    def everybody(self, connection: Connection) -> Sequence[Listed]:
        """Return all users that are not deleted, by sign-in name."""
        users = self.users
        statement = (
            sa.select(users.id, users.login, users.name, users.active)
            .where(users.deleted_at.is_(None))
            .order_by(users.login)
        )
        return [
            Listed(row[0], row[1], row[2] or "", bool(row[3]))
            for row in connection.execute(statement)
        ]

    def with_role(self, connection: Connection, role: str) -> Sequence[str]:
        """Return the ids of active users who hold a role."""
        statement = (
            sa.select(USER_ROLE.c.user_id)
            .join(self.users.table, self.users.id == USER_ROLE.c.user_id)
            .where(USER_ROLE.c.role == role, self.users.may_enter)
            .order_by(USER_ROLE.c.user_id)
        )
        return [str(row[0]) for row in connection.execute(statement)]

    def roles_of(self, connection: Connection, user_ids: Iterable[str]) -> dict[str, set[str]]:
        """Return the roles of several users at once."""
        ids = list(user_ids)
        found: dict[str, set[str]] = {user_id: set() for user_id in ids}
        statement = sa.select(USER_ROLE.c.user_id, USER_ROLE.c.role).where(
            USER_ROLE.c.user_id.in_(ids)
        )
        for user_id, role in connection.execute(statement):
            found[user_id].add(role)
        return found

    def _one(self, connection: Connection, condition: sa.ColumnElement[bool]) -> UserRow | None:
        users = self.users
        statement = (
            sa.select(
                users.id, users.rev, users.login, users.name, users.email, users.title,
                users.department, users.manager, users.language, users.timezone, users.active,
                CREDENTIAL.c.auth_version, CREDENTIAL.c.password_hash,
            )
            .outerjoin_from(users.table, CREDENTIAL, CREDENTIAL.c.user_id == users.id)
            .where(condition, users.deleted_at.is_(None))
        )  # fmt: skip
        row = connection.execute(statement).first()
        if row is None:
            return None
        (user_id, rev, login, name, email, title, department, manager, locale, zone, active,
         version, stored) = row  # fmt: skip
        return UserRow(
            id=user_id, rev=rev, login=login, name=name or "", email=email or "",
            post=title or "", department=department, manager=manager, locale=locale or "en",
            timezone=zone or "UTC", active=bool(active), auth_version=version or 0,
            password_hash=stored, roles=self._roles(connection, user_id),
            teams=self._teams(connection, user_id),
        )  # fmt: skip

    def _roles(self, connection: Connection, user_id: str) -> frozenset[str]:
        statement = sa.select(USER_ROLE.c.role).where(USER_ROLE.c.user_id == user_id)
        return frozenset(connection.execute(statement).scalars())

    def _teams(self, connection: Connection, user_id: str) -> frozenset[str]:
        teams = self.users.teams.c
        statement = sa.select(teams.target_id).where(teams.source_id == user_id)
        return frozenset(connection.execute(statement).scalars())


def login_key(text: str) -> str:
    """Return a sign-in name as it is stored: lower case, no surrounding blanks.

    Empty when no such name can be stored.
    """
    key = text.strip().lower()
    return key if 0 < len(key) <= 80 and key.isprintable() and key.isascii() else ""
