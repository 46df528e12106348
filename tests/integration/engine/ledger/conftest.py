"""A ledger with people: the engine's promises one by one, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from trellis.engine import query, records
from trellis.engine.errors import EngineError
from trellis.storage.database import Database

from tests.fakes.shelf import Shelf
from tests.fakes.staffed import StaffedApp, open_staffed

APP = Path(__file__).parents[3] / "fakes" / "ledger_app"
PEOPLE = {"kit": "keeper", "cla": "clerk", "cleo": "clerk", "rea": "reader"}


class Ledger(StaffedApp):
    """Short ways to keep the books as somebody."""

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
        with self.reading(login) as tx:
            return query.get(tx, object_key, record_id)


@pytest.fixture
def ledger(shelf: Shelf, server: str | None) -> Ledger:
    return shelf.take("ledger", server, open_ledger)


def open_ledger(database: Database, folder: Path) -> Ledger:
    """Open a ledger with its people."""
    made = open_staffed(Ledger, APP, PEOPLE, database, folder)
    with made.writing("system") as tx:
        made.ids["group"] = records.create(tx, "account_group", {"name": "All"})
        for name in ("one", "two"):
            values = {"name": name, "group": made.ids["group"]}
            made.ids[name] = records.create(tx, "account", values)
    return made


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
