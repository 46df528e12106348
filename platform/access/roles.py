"""Who holds which role: given and taken by administrators, never to oneself, always audited."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.access.audit import write_audit
from trellis.access.credentials import sign_out_everywhere
from trellis.access.errors import (
    AccessDeniedError,
    AccessInvalidError,
    AccessNotFoundError,
)
from trellis.access.principal import Principal, capabilities_of
from trellis.access.users import Directory, UserRow
from trellis.ids import IdSource
from trellis.metadata.model.access import Capability
from trellis.metadata.model.catalog import Catalog
from trellis.problems import suggest
from trellis.storage.platform_tables.access import USER_ROLE


class Roles:
    """Gives and takes roles.

    Who holds the capability `users` may give every role whose administrative rights they hold
    themselves: no one hands out more power over the platform than they have. Nobody changes
    their own roles, and duties that `separate:` keeps apart do not meet in one person.
    """

    def __init__(self, directory: Directory, catalog: Callable[[], Catalog], ids: IdSource) -> None:
        self._directory = directory
        self._catalog = catalog
        self._ids = ids

    def give(
        self,
        connection: Connection,
        by: Principal,
        user_id: str,
        role: str,
        now: datetime,
    ) -> None:
        """Give a role; giving what is held already does nothing."""
        user = self._user(connection, user_id)
        self.change(connection, by, user_id, user.roles | {role}, now)

    def take(
        self,
        connection: Connection,
        by: Principal,
        user_id: str,
        role: str,
        now: datetime,
    ) -> None:
        """Take a role; taking what is not held does nothing."""
        user = self._user(connection, user_id)
        self.change(connection, by, user_id, user.roles - {role}, now)

    def change(
        self,
        connection: Connection,
        by: Principal,
        user_id: str,
        roles: Iterable[str],
        now: datetime,
    ) -> None:
        """Make `roles` the roles of a user and sign them out, when that changes anything."""
        user = self._user(connection, user_id)
        wanted = frozenset(roles)
        given, taken = wanted - user.roles, user.roles - wanted
        if not given and not taken:
            return
        self._stop_unknown(given)
        self._stop_unless_allowed(by, user, given | taken)
        self._stop_joined_duties(wanted)
        if taken:
            self._stop_without_administrator(connection, user, wanted)
        for role in sorted(given):
            connection.execute(
                sa.insert(USER_ROLE),
                {"user_id": user.id, "role": role, "given_at": now, "given_by": by.id},
            )
        if taken:
            columns = USER_ROLE.c
            connection.execute(
                sa.delete(USER_ROLE).where(columns.user_id == user.id, columns.role.in_(taken))
            )
        sign_out_everywhere(connection, user.id)
        details = {"given": sorted(given), "taken": sorted(taken)}
        write_audit(connection, self._ids, now, "roles_change", actor=by.id, user=user.id,
                    details=details)  # fmt: skip

    def stop_unless_over(self, by: Principal, user: UserRow) -> None:
        """Raise AccessDeniedError unless `by` administers users and is not below this one."""
        if not by.can(Capability.USERS):
            raise AccessDeniedError("FORBIDDEN", "only who administers users may do this",
                                    "ask somebody with the right `users`")  # fmt: skip
        held = capabilities_of(self._catalog().roles, user.roles)
        text = f"`{user.login}` has administrative rights that you do not have"
        self._stop_above(by, held, text)

    def stop_without_administrator(self, connection: Connection, user: UserRow) -> None:
        """Raise AccessDeniedError when nobody could administer users without this one."""
        self._stop_without_administrator(connection, user, frozenset())

    def _user(self, connection: Connection, user_id: str) -> UserRow:
        user = self._directory.by_id(connection, user_id)
        if user is None:
            raise AccessNotFoundError("NOT_FOUND", "there is no such user")
        return user

    def _stop_unknown(self, roles: frozenset[str]) -> None:
        known = self._catalog().roles
        for role in sorted(roles):
            if role not in known:
                raise AccessInvalidError("ROLE_UNKNOWN", f"there is no role `{role}`",
                                         suggest(role, known))  # fmt: skip

    def _stop_unless_allowed(self, by: Principal, user: UserRow, changed: frozenset[str]) -> None:
        if by.id == user.id:
            raise AccessDeniedError("OWN_ROLES", "nobody changes their own roles",
                                    "ask another administrator")  # fmt: skip
        self.stop_unless_over(by, user)
        needed = capabilities_of(self._catalog().roles, changed)
        self._stop_above(by, needed, "a role has administrative rights that you do not have")

    @staticmethod
    def _stop_above(by: Principal, needed: frozenset[Capability], message: str) -> None:
        missing = needed - by.capabilities
        if missing:
            names = ", ".join(f"`{name}`" for name in sorted(missing))
            raise AccessDeniedError("ROLE_ABOVE_OWN", message, f"you lack {names}")

    def _stop_joined_duties(self, roles: frozenset[str]) -> None:
        for separation in self._catalog().separations:
            joined = [duty for duty in separation.duties if duty in roles]
            if len(joined) > 1:
                names = " and ".join(f"`{duty}`" for duty in joined)
                raise AccessDeniedError("DUTIES_JOINED", f"one person may not hold {names}",
                                        "give one of them to somebody else")  # fmt: skip

    def _stop_without_administrator(
        self, connection: Connection, user: UserRow, left: frozenset[str]
    ) -> None:
        """Refuse when the user administers users today, would not, and nobody else does."""
        known = self._catalog().roles
        if Capability.USERS not in capabilities_of(known, user.roles):
            return
        if Capability.USERS in capabilities_of(known, left):
            return
        administering = [key for key, role in known.items() if Capability.USERS in role.can]
        for role in administering:
            if any(other != user.id for other in self._directory.with_role(connection, role)):
                return
        raise AccessDeniedError("LAST_ADMINISTRATOR",
                                "nobody would be left who administers users",
                                "make somebody else an administrator first")  # fmt: skip
