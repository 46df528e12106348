"""The people of a workspace, asked from its tables: the `Organisation` of a transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.ids import is_id
from trellis.storage.platform_tables.access import USER_ROLE


@dataclass(frozen=True)
class SqlOrganisation:
    """Answers from users, departments, teams and role assignments."""

    tx: Transaction

    def _column(self, object_key: str, field: str) -> Any:
        return self.tx.compiled.table(object_key).columns[field]

    def _living_users(self) -> Any:
        return sa.and_(self._column("user", "active").is_(sa.true()),
                       self._column("user", "deleted_at").is_(None))  # fmt: skip

    def known(self, users: Iterable[str]) -> frozenset[str]:
        """Return those of `users` who are users at all, active or not."""
        identity = self._column("user", "id")
        statement = sa.select(identity).where(
            identity.in_(_ids(users)), self._column("user", "deleted_at").is_(None)
        )
        return frozenset(str(row[0]) for row in self.tx.connection.execute(statement))

    def active(self, users: Iterable[str]) -> frozenset[str]:
        """Return those of `users` who may sign in."""
        identity = self._column("user", "id")
        asked: sa.BindParameter[Any] = sa.bindparam("users", expanding=True)
        statement = self.tx.compiled.keep(
            "active users",
            lambda: sa.select(identity).where(identity.in_(asked), self._living_users()),
        )
        given = {"users": _ids(users)}
        return frozenset(str(row[0]) for row in self.tx.connection.execute(statement, given))

    def members_of_role(self, role: str) -> tuple[str, ...]:
        """Return the active users with the role, by name."""
        identity = self._column("user", "id")
        held = sa.select(sa.cast(USER_ROLE.c.user_id, identity.type)).where(
            USER_ROLE.c.role == sa.bindparam("role")
        )
        statement = self.tx.compiled.keep(
            "members of a role",
            lambda: sa.select(identity).where(identity.in_(held), self._living_users())
            .order_by(self._column("user", "name")),
        )  # fmt: skip
        rows = self.tx.connection.execute(statement, {"role": role})
        return tuple(str(row[0]) for row in rows)

    def members_of_team(self, team: str) -> tuple[str, ...]:
        """Return the active members of the team (its code or id), by name."""
        links = self.tx.compiled.table("user").links["teams"].table
        named = sa.or_(self._column("team", "code") == team,
                       sa.cast(self._column("team", "id"), sa.Text()) == team)  # fmt: skip
        teams = sa.select(self._column("team", "id")).where(named)
        identity = self._column("user", "id")
        members = sa.select(links.c.source_id).where(links.c.target_id.in_(teams))
        statement = (
            sa.select(identity).where(identity.in_(members), self._living_users())
            .order_by(self._column("user", "name"))
        )  # fmt: skip
        return tuple(str(row[0]) for row in self.tx.connection.execute(statement))

    def manager_of(self, user: str) -> str | None:
        """Return the manager named on the user's record."""
        return self._value("user", "manager", user)

    def title_of(self, user: str) -> str | None:
        """Return the user's post."""
        return self._value("user", "title", user)

    def limit_of(self, user: str) -> Decimal | None:
        """Return the amount up to which the user may approve, None for nothing."""
        limit: Decimal | None = self._of_record("user", "approval_limit", user)
        return limit

    def department_of(self, user: str) -> str | None:
        """Return the user's department."""
        return self._value("user", "department", user)

    def head_of(self, department: str) -> str | None:
        """Return the department's head."""
        return self._value("department", "head", department)

    def parent_of(self, department: str) -> str | None:
        """Return the department above."""
        return self._value("department", "parent", department)

    def user_of_login(self, login: str) -> str | None:
        """Return the id of the user with this login."""
        statement = sa.select(self._column("user", "id")).where(
            self._column("user", "login") == login, self._column("user", "deleted_at").is_(None)
        )
        found = self.tx.connection.execute(statement).scalar()
        return None if found is None else str(found)

    def _value(self, object_key: str, field: str, record_id: str) -> str | None:
        found = self._of_record(object_key, field, record_id)
        return None if found is None else str(found)

    def _of_record(self, object_key: str, field: str, record_id: str) -> Any:
        statement = sa.select(self._column(object_key, field)).where(
            self._column(object_key, "id") == record_id
        )
        return self.tx.connection.execute(statement).scalar()


def _ids(users: Iterable[str]) -> list[str]:
    """Return those that can be ids at all: a database would choke on others."""
    return [user for user in users if is_id(user)]
