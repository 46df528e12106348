"""An application of tests with people in roles, and short ways to act as them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from trellis.access.principal import Principal
from trellis.access.room import AccessRoom
from trellis.clock import SetClock
from trellis.engine import records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.approvals.work import Answer, Task
from trellis.engine.flows import inbox
from trellis.engine.flows.running import person_of
from trellis.engine.flows.state import Case
from trellis.engine.transactions import Transaction
from trellis.engine.workspace import Workspace
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.storage.platform_tables.access import USER_ROLE
from trellis.wiring import Application, open_application

Kind = TypeVar("Kind", bound="StaffedApp")


@dataclass
class StaffedApp:
    """The application, its people with their roles, and the ids of what it began with."""

    app: Application
    clock: SetClock
    people: Mapping[str, str]
    ids: dict[str, str]

    @property
    def database(self) -> Database:
        """Return the database."""
        return self.app.database

    @property
    def workspace(self) -> Workspace:
        """Return the workspace."""
        return self.app.workspace

    @property
    def access(self) -> AccessRoom:
        """Return the room of access."""
        return self.app.access

    def who(self, login: str) -> Actor:
        """Return somebody as an actor; `system` is the platform itself."""
        if login == "system":
            return SYSTEM
        role = self.people[login]
        return Actor(Principal(self.ids[login], login, login.title(), frozenset({role})))

    @contextmanager
    def writing(self, login: str) -> Iterator[Transaction]:
        """Give a transaction of somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            yield tx

    @contextmanager
    def reading(self, login: str) -> Iterator[Transaction]:
        """Give a transaction of somebody that writes nothing."""
        with self.app.workspace.reading(self.who(login)) as tx:
            yield tx

    def mine(self, login: str) -> list[Task]:
        """Return the open work that somebody holds."""
        with self.reading(login) as tx:
            return inbox.mine(tx)

    def claimable(self, login: str) -> list[Task]:
        """Return the open work that somebody may claim."""
        with self.reading(login) as tx:
            return inbox.claimable(tx)

    def answer(self, login: str, task: Task, action: str, **more: Any) -> Case:
        """Answer a task as somebody."""
        with self.writing(login) as tx:
            return self.app.flows.runner(tx).act(task.id, person_of(tx), Answer(action, **more))

    def rows(self, statement: str, **bound: Any) -> list[tuple[Any, ...]]:
        """Return rows of the database."""
        with self.app.database.read() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement), bound)]


def open_staffed(
    kind: type[Kind], source: Path, people: Mapping[str, str], database: Database, folder: Path
) -> Kind:
    """Open the app in a folder with one user for each of the people (login → role)."""
    clock = SetClock()
    url = database.url.render_as_string(hide_password=False)
    app = open_application(Settings(folder, url, "k" * 40, folder / "files"), clock)
    app.install_folder(source)
    ids: dict[str, str] = {}
    with app.workspace.transaction(SYSTEM) as tx:
        for login, role in people.items():
            ids[login] = records.create(tx, "user", {"login": login, "name": login.title()})
            tx.connection.execute(sa.insert(USER_ROLE).values(user_id=ids[login], role=role))
    return kind(app, clock, people, ids)
