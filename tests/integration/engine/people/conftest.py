"""An application whose flows differ in whom they ask, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from trellis.engine import query, records
from trellis.engine.approvals.work import Answer, Task
from trellis.engine.flows.running import person_of
from trellis.engine.handover.delegating import DelegationWish, delegate
from trellis.storage.database import Database

from tests.fakes.shelf import Shelf
from tests.fakes.staffed import StaffedApp, open_staffed

APP = Path(__file__).parents[3] / "fakes" / "people_app"
#: li reports to bo, bo to bea, wu to bea; adm is the flow administrator.
PEOPLE = {"li": "worker", "wu": "worker", "cy": "clerk", "bo": "boss", "bea": "boss",
          "adm": "flow_admin", "root": "workspace_admin"}  # fmt: skip
MANAGERS = {"li": "bo", "bo": "bea", "wu": "bea"}


class Firm(StaffedApp):
    """Short ways to ask for something, and to see who has the work."""

    def ask(self, login: str, kind: str, **values: Any) -> str:
        """Create a request of a kind, which starts the flow of that name."""
        with self.writing(login) as tx:
            return records.create(tx, "request", {"title": kind, "kind": kind, **values})

    def holders(self, node: str = "do") -> list[str]:
        """Return who holds open work at a node."""
        names = {value: key for key, value in self.ids.items()}
        found = self.rows("SELECT holder FROM trellis_task WHERE state = 'open' AND node = :node"
                          " ORDER BY position", node=node)  # fmt: skip
        return [names.get(str(row[0]), "-") for row in found]

    def only(self, login: str) -> Task:
        """Return the one piece of work that somebody has."""
        (task,) = self.mine(login)
        return task

    def change(self, object_key: str, record_id: str, **values: Any) -> None:
        """Change a record as the platform."""
        with self.writing("system") as tx:
            records.update(tx, object_key, record_id, values)

    def delegates(self, giver: str, taker: str, by: str | None = None, **more: Any) -> str:
        """Make a delegation from now on for three days."""
        wish: Mapping[str, Any] = {"start": self.clock.now(), **more}
        with self.writing(by or giver) as tx:
            return delegate(tx, DelegationWish(self.ids[giver], self.ids[taker], **wish)).id

    def ring(self) -> None:
        """Do the jobs that are due."""
        self.app.worker("test").run_due(100)

    def get(self, record_id: str) -> Mapping[str, Any]:
        """Return a request."""
        with self.reading("bo") as tx:
            return query.get(tx, "request", record_id)

    def owner(self, record_id: str) -> str:
        """Return who owns a request."""
        names = {value: key for key, value in self.ids.items()}
        with self.reading("system") as tx:
            table = tx.compiled.table("request")
            statement = table.table.select().where(table.columns["id"] == record_id)
            row = tx.connection.execute(statement).mappings().one()
        return names[str(row[table.columns["owner"].name])]

    def answer_claim(self, login: str) -> None:
        """Claim everything that somebody may claim."""
        for task in self.claimable(login):
            with self.writing(login) as tx:
                self.app.flows.runner(tx).claim(task.id, person_of(tx), Answer("claim"))

    def act_on(self, login: str, verb: str) -> None:
        """Give back what somebody has claimed."""
        with self.writing(login) as tx:
            runner = self.app.flows.runner(tx)
            getattr(runner, verb)(self.only(login).id, person_of(tx), Answer(verb))

    def change_state(self, record_id: str) -> None:
        """Grant a request, which is final."""
        with self.writing("bo") as tx:
            records.transition(tx, "request", record_id, "grant")

    def states(self) -> list[str]:
        """Return the states of all instances."""
        return [str(row[0]) for row in self.rows("SELECT state FROM trellis_flow_instance")]


@pytest.fixture
def firm(shelf: Shelf, server: str | None) -> Firm:
    return shelf.take("firm", server, open_firm)


def open_firm(database: Database, folder: Path) -> Firm:
    """Open a firm with its people."""
    made = open_staffed(Firm, APP, PEOPLE, database, folder)
    with made.writing("system") as tx:
        for login, boss in MANAGERS.items():
            records.update(tx, "user", made.ids[login], {"manager": made.ids[boss]})
        records.update(tx, "user", made.ids["bo"], {"approval_limit": "1000"})
        records.update(tx, "user", made.ids["bea"], {"approval_limit": "9000"})
        hq = records.create(tx, "department", {"code": "HQ", "name": "HQ", "head": made.ids["bea"]})
        made.ids["hq"] = hq
        made.ids["shop"] = records.create(
            tx, "department", {"code": "SHOP", "name": "Shop", "parent": hq}
        )
    return made
