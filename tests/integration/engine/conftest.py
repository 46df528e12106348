"""A small application with people, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from trellis.access.principal import Principal
from trellis.access.room import AccessRoom
from trellis.clock import SetClock
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.flows import inbox
from trellis.engine.flows.running import person_of
from trellis.engine.flows.state import Case
from trellis.engine.flows.work import Answer, Task
from trellis.engine.query import Page, PageRequest
from trellis.engine.workspace import Workspace
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.storage.platform_tables.access import USER_ROLE
from trellis.wiring import Application, open_application

from tests.fakes.shelf import Shelf

APP = Path(__file__).parents[2] / "fakes" / "cases_app"
PEOPLE = {"li": "worker", "wu": "worker", "cy": "clerk", "bo": "boss", "bea": "boss"}


@dataclass
class House:
    """The application, its people, and short ways to act as them."""

    app: Application
    clock: SetClock
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
        """Return somebody as an actor."""
        if login == "system":
            return SYSTEM
        role = PEOPLE[login]
        return Actor(Principal(self.ids[login], login, login.title(), frozenset({role})))

    def create(self, login: str, object_key: str, values: Mapping[str, Any]) -> str:
        """Create a record as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return records.create(tx, object_key, values)

    def update(
        self, login: str, object_key: str, record_id: str, values: Mapping[str, Any],
        rev: int | None = None,
    ) -> int:  # fmt: skip
        """Change a record as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return records.update(tx, object_key, record_id, values, rev=rev)

    def move(
        self, login: str, record_id: str, name: str, values: Mapping[str, Any] | None = None,
        comment: str | None = None,
    ) -> int:  # fmt: skip
        """Run a transition of a case as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return records.transition(tx, "case", record_id, name, values, comment=comment)

    def delete(self, login: str, object_key: str, record_id: str) -> None:
        """Delete a record as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            records.delete(tx, object_key, record_id)

    def get(self, login: str, object_key: str, record_id: str) -> dict[str, Any]:
        """Return a record as somebody sees it."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return query.get(tx, object_key, record_id)

    def page(self, login: str, object_key: str = "case", **request: Any) -> Page:
        """Return a page as somebody sees it."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return query.page(tx, object_key, PageRequest(**request))

    def titles(self, login: str, **request: Any) -> list[str]:
        """Return the titles of the cases on a page."""
        return [str(item["title"]) for item in self.page(login, **request).items]

    def mine(self, login: str) -> list[Task]:
        """Return the open work that somebody holds."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return inbox.mine(tx)

    def claimable(self, login: str) -> list[Task]:
        """Return the open work that somebody may claim."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return inbox.claimable(tx)

    def answer(self, login: str, task: Task, action: str, **more: Any) -> Case:
        """Answer a task as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return self.app.flows.runner(tx).act(task.id, person_of(tx), Answer(action, **more))

    def rows(self, statement: str) -> list[Any]:
        """Return rows of the database."""
        with self.app.database.read() as connection:
            return list(connection.execute(sa.text(statement)))


@pytest.fixture
def house(shelf: Shelf, server: str | None) -> House:
    return shelf.take("house", server, open_house)


def open_house(database: Database, folder: Path) -> House:
    """Open a house with its people."""
    clock = SetClock()
    url = database.url.render_as_string(hide_password=False)
    settings = Settings(folder, url, "k" * 40, folder / "files")
    app = open_application(settings, clock)
    app.install_folder(APP)
    ids: dict[str, str] = {}
    with app.workspace.transaction(SYSTEM) as tx:
        zone = records.create(tx, "zone", {"name": "CN"})
        city = records.create(tx, "zone", {"name": "SH", "parent": zone})
        abroad = records.create(tx, "zone", {"name": "DE"})
        ids |= {"zone": zone, "city": city, "abroad": abroad}
        for login, role in PEOPLE.items():
            values = {"login": login, "name": login.title(), "home_zone": zone}
            ids[login] = records.create(tx, "user", values)
            tx.connection.execute(sa.insert(USER_ROLE).values(user_id=ids[login], role=role))
        ids["acme"] = records.create(tx, "client", {"name": "Acme", "region": city})
        ids["bond"] = records.create(tx, "client", {"name": "Bond", "region": abroad})
    return House(app, clock, ids)
