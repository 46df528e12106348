"""A ledger with people: the engine's promises one by one, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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
from trellis.engine.errors import EngineError
from trellis.engine.transactions import Transaction
from trellis.engine.workspace import Workspace
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.storage.platform_tables.access import USER_ROLE
from trellis.wiring import Application, open_application

from tests.fakes.shelf import Shelf

APP = Path(__file__).parents[3] / "fakes" / "ledger_app"
PEOPLE = {"kit": "keeper", "cla": "clerk", "cleo": "clerk", "rea": "reader"}


@dataclass
class Ledger:
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

    @contextmanager
    def writing(self, login: str) -> Iterator[Transaction]:
        """Give a transaction of somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            yield tx

    def create(self, login: str, object_key: str, /, **values: Any) -> str:
        """Create a record as somebody."""
        with self.writing(login) as tx:
            return records.create(tx, object_key, values)

    def entry(self, login: str = "kit", /, **values: Any) -> str:
        """Create an entry of the first account."""
        return self.create(login, "entry", **{"account": self.ids["one"], **values})

    def update(self, login: str, object_key: str, record_id: str, /, **values: Any) -> int:
        """Change a record as somebody."""
        with self.writing(login) as tx:
            return records.update(tx, object_key, record_id, values)

    def move(
        self, login: str, record_id: str, name: str, values: Mapping[str, Any] | None = None,
        comment: str | None = None,
    ) -> int:  # fmt: skip
        """Run a transition of an entry as somebody."""
        with self.writing(login) as tx:
            return records.transition(tx, "entry", record_id, name, values, comment=comment)

    def delete(self, object_key: str, record_id: str, login: str = "kit") -> None:
        """Delete a record."""
        with self.writing(login) as tx:
            records.delete(tx, object_key, record_id)

    def restore(self, object_key: str, record_id: str, login: str = "kit") -> None:
        """Restore a record."""
        with self.writing(login) as tx:
            records.restore(tx, object_key, record_id)

    def get(self, object_key: str, record_id: str, login: str = "system") -> dict[str, Any]:
        """Return a record as somebody sees it."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return query.get(tx, object_key, record_id)

    def rows(self, statement: str, **bound: Any) -> list[tuple[Any, ...]]:
        """Return rows of the database."""
        with self.app.database.read() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement), bound)]


@pytest.fixture
def ledger(shelf: Shelf, server: str | None) -> Ledger:
    return shelf.take("ledger", server, open_ledger)


def open_ledger(database: Database, folder: Path) -> Ledger:
    """Open a ledger with its people."""
    clock = SetClock()
    url = database.url.render_as_string(hide_password=False)
    app = open_application(Settings(folder, url, "k" * 40, folder / "files"), clock)
    app.install_folder(APP)
    ids: dict[str, str] = {}
    with app.workspace.transaction(SYSTEM) as tx:
        for login, role in PEOPLE.items():
            ids[login] = records.create(tx, "user", {"login": login, "name": login.title()})
            tx.connection.execute(sa.insert(USER_ROLE).values(user_id=ids[login], role=role))
        ids["group"] = records.create(tx, "account_group", {"name": "All"})
        for name in ("one", "two"):
            values = {"name": name, "group": ids["group"]}
            ids[name] = records.create(tx, "account", values)
    return Ledger(app, clock, ids)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run every work in a thread of its own, begun together; return results or refusals."""
    gate = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            answers[place] = work()
        except EngineError as error:
            answers[place] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers
