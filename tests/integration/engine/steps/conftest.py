"""Flows with people: votes, clocks, faults and races, on both databases."""

from __future__ import annotations

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
from trellis.engine.workspace import Workspace
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.storage.platform_tables.access import USER_ROLE
from trellis.wiring import Application, open_application

from tests.fakes.shelf import Shelf

APP = Path(__file__).parents[3] / "fakes" / "steps_app"
PEOPLE = {"hana": "hand", "hugo": "hand", "hedy": "head", "hal": "head", "fay": "flow_admin"}


@dataclass
class Steps:
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
        return Actor(Principal(self.ids[login], login, login.title(), frozenset({PEOPLE[login]})))

    def chore(self, login: str = "hana", /, **values: Any) -> str:
        """Create a job as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return records.create(tx, "chore", {"name": "j", **values})

    def get(self, record_id: str) -> dict[str, Any]:
        """Return a job."""
        with self.app.workspace.reading(SYSTEM) as tx:
            return query.get(tx, "chore", record_id)

    def mine(self, login: str) -> list[Task]:
        """Return the open work that somebody holds."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return inbox.mine(tx)

    def pool(self, login: str) -> list[Task]:
        """Return the open work that somebody may claim."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return inbox.claimable(tx)

    def act(self, login: str, task: Task, action: str, **more: Any) -> Case:
        """Answer a task as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return self.app.flows.runner(tx).act(task.id, person_of(tx), Answer(action, **more))

    def claim(self, login: str, task: Task) -> Task:
        """Claim a task as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return self.app.flows.runner(tx).claim(task.id, person_of(tx), Answer("claim"))

    def give_back(self, login: str, task: Task) -> Task:
        """Give a task back as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return self.app.flows.runner(tx).give_back(task.id, person_of(tx), Answer("give_back"))

    def work(self) -> None:
        """Do the jobs that are due."""
        while self.app.worker().run_due():
            pass

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return rows of the database."""
        with self.app.database.read() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

    def states(self) -> list[str]:
        """Return the states of all instances, the oldest first."""
        found = self.rows("SELECT state FROM trellis_flow_instance ORDER BY id")
        return [row[0] for row in found]


@pytest.fixture
def steps(shelf: Shelf, server: str | None) -> Steps:
    return shelf.take("steps", server, open_steps)


def open_steps(database: Database, folder: Path) -> Steps:
    """Open the steps with their people."""
    clock = SetClock()
    url = database.url.render_as_string(hide_password=False)
    app = open_application(Settings(folder, url, "k" * 40, folder / "files"), clock)
    app.install_folder(APP)
    ids: dict[str, str] = {}
    with app.workspace.transaction(SYSTEM) as tx:
        for login, role in PEOPLE.items():
            ids[login] = records.create(tx, "user", {"login": login, "name": login.title()})
            tx.connection.execute(sa.insert(USER_ROLE).values(user_id=ids[login], role=role))
        records.update(tx, "user", ids["hedy"], {"manager": ids["hal"]})
    return Steps(app, clock, ids)
