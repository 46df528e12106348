"""A database with the built-in objects and people in it: for tests of access, API and pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from argon2 import PasswordHasher
from trellis.access.passwords import Passwords
from trellis.access.principal import SYSTEM
from trellis.access.room import AccessRoom, AccessRules
from trellis.access.throttle import Throttle
from trellis.clock import SetClock
from trellis.ids import TimeOrderedIds
from trellis.metadata.compile import compile_catalog
from trellis.metadata.model.access import Capability, Role, Separation
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.texts import EMPTY_LABEL
from trellis.problems import Location
from trellis.storage.database import Database
from trellis.storage.migrate import migrate
from trellis.storage.names import PhysicalNames
from trellis.storage.schema_change import change_tables
from trellis.storage.tables import Physical

HERE = Location("tests")
PASSWORD = "three green horses"


def cheap_passwords() -> Passwords:
    """Return argon2id that costs next to nothing."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def role(key: str, *capabilities: Capability) -> Role:
    """Return a role with administrative rights only."""
    return Role(key, EMPTY_LABEL, HERE, can=frozenset(capabilities))


def office_catalog() -> Catalog:
    """Return the built-in catalog with a few roles, two of which exclude each other."""
    built = compile_catalog(())
    extra = (
        role("clerk"),
        role("payer"),
        role("approver"),
        role("designer", Capability.PACKAGES, Capability.DESIGN),
        role("people_desk", Capability.USERS),
    )
    return replace(
        built,
        version=1,
        roles={**built.roles, **{one.key: one for one in extra}},
        separations=(Separation(("payer", "approver"), HERE),),
    )


@dataclass
class Gatehouse:
    """The room of access over a real database, with a clock one can set."""

    database: Database
    catalog: Catalog = field(default_factory=office_catalog)
    clock: SetClock = field(default_factory=SetClock)

    def __post_init__(self) -> None:
        migrate(self.database)
        physical = Physical.of(self.catalog, PhysicalNames())
        with self.database.write() as connection:
            change_tables(connection, physical)
        self.users = physical.objects["user"]
        self.ids = TimeOrderedIds(self.clock)
        self.room = self.another_process()

    def another_process(self) -> AccessRoom:
        """Return a room with empty memory over the same database."""
        rules = AccessRules(cheap_passwords(), Throttle())
        return AccessRoom(
            self.database, self.users, lambda: self.catalog, self.clock, self.ids, rules
        )

    def add_user(
        self,
        login: str,
        *roles: str,
        password: str | None = PASSWORD,
        active: bool = True,
    ) -> str:
        """Add a user with roles and a password, and return the id."""
        user_id, now = self.ids.new(), self.clock.now()
        with self.database.write() as connection:
            connection.execute(
                sa.insert(self.users.table),
                {
                    "id": user_id, "rev": 1, "created_at": now, "updated_at": now,
                    **self._columns(login=login, name=login.title(), active=active,
                                    language="en", timezone="UTC"),
                },
            )  # fmt: skip
            self.room.roles.change(connection, SYSTEM, user_id, roles, now)
            if password is not None:
                self.room.set_password(connection, SYSTEM, user_id, password)
        return user_id

    def change_user(self, user_id: str, **values: object) -> None:
        """Change fields of a user behind the engine's back, as the engine would."""
        table = self.users.table
        with self.database.write() as connection:
            connection.execute(
                sa.update(table)
                .where(table.c.id == user_id)
                .values(rev=table.c.rev + 1, **self._columns(**values))
            )

    def set_roles(self, user_id: str, roles: Iterable[str]) -> None:
        """Change the roles of a user as the platform."""
        with self.database.write() as connection:
            self.room.roles.change(connection, SYSTEM, user_id, roles, self.clock.now())

    def count(self, table: sa.Table) -> int:
        """Return how many rows a table has."""
        with self.database.read() as connection:
            return int(
                connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            )

    def _columns(self, **values: object) -> dict[str, object]:
        return {self.users.columns[key].name: value for key, value in values.items()}
