"""Flows by pattern: an app with a small flow for each, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from trellis.engine import records
from trellis.engine.approvals.work import Task
from trellis.engine.flows.messages import Message, Receipt
from trellis.engine.flows.running import person_of
from trellis.engine.flows.state import Case
from trellis.engine.flows.store import SqlFlowStore
from trellis.storage.database import Database

from tests.fakes.shelf import Shelf
from tests.fakes.staffed import StaffedApp, open_staffed

FAKES = Path(__file__).parents[3] / "fakes"
PEOPLE = {"hana": "hand", "hugo": "hand", "hedy": "head", "fay": "flow_admin"}


class Patterns(StaffedApp):
    """Short ways to run a flow about a parcel."""

    def parcel(self, **values: Any) -> str:
        """Create a parcel."""
        with self.writing("hana") as tx:
            return records.create(tx, "parcel", {"name": "p", **values})

    def lines(self, parcel: str, *names: str) -> None:
        """Give a parcel lines."""
        for name in names:
            with self.writing("hana") as tx:
                records.create(tx, "line", {"name": name, "parcel": parcel, "size": len(name)})

    def run(self, flow: str, lines: int = 0, variables: Any = None, **values: Any) -> str:
        """Start a flow on a new parcel and return the instance."""
        parcel = self.parcel(**values)
        self.lines(parcel, *(f"line{i}" for i in range(lines)))
        return self.run_on(flow, parcel, variables)

    def run_on(self, flow: str, parcel: str, variables: Any = None) -> str:
        """Start a flow on a parcel."""
        with self.writing("hana") as tx:
            return self.app.flows.start(tx, flow, "parcel", parcel, variables or {})

    def case(self, instance: str) -> Case:
        """Return an instance."""
        with self.reading("system") as tx:
            return SqlFlowStore(tx).read(instance)

    def open(self, instance: str) -> list[Task]:
        """Return the open tasks of an instance in the order of its tokens."""
        with self.reading("system") as tx:
            tokens = [token.id for token in SqlFlowStore(tx).read(instance).tokens]
            found = SqlFlowStore(tx).tasks_of(instance, tokens)
            return sorted((t for t in found if t.state == "open"),
                          key=lambda t: tokens.index(t.token_id))  # fmt: skip

    def at(self, instance: str) -> list[str]:
        """Return the nodes with an open task."""
        return sorted(task.node for task in self.open(instance))

    def do(self, instance: str, node: str | None = None, action: str = "complete") -> Case:
        """Complete the first open task (of a node)."""
        task = next(t for t in self.open(instance) if node is None or t.node == node)
        login = "hedy" if "head" in task.pools else "hana"
        return self.answer(login, task, action)

    def say(self, name: str, key: str | None = None, **more: Any) -> Receipt:
        """Send a message."""
        options = {k: more.pop(k) for k in ("dedupe", "ttl") if k in more}
        with self.writing("system") as tx:
            return self.app.flows.messages(tx).send(Message(name, more, key, **options))

    def signal(self, name: str) -> None:
        """Send a signal, and let it arrive."""
        with self.writing("system") as tx:
            self.app.flows.messages(tx).signal(name, {})
        self.work()

    def cancel(self, instance: str, *, undo: bool = False) -> Case:
        """Cancel an instance."""
        with self.writing("fay") as tx:
            return self.app.flows.runner(tx).cancel(instance, person_of(tx), undo=undo)

    def work(self) -> None:
        """Do the jobs that are due."""
        while self.app.worker().run_due():
            pass


def open_patterns(database: Database, folder: Path) -> Patterns:
    """Open the app of patterns with its people."""
    return open_staffed(Patterns, FAKES / "patterns_app", PEOPLE, database, folder)


@pytest.fixture
def patterns(shelf: Shelf, server: str | None) -> Patterns:
    return shelf.take("patterns", server, open_patterns)
