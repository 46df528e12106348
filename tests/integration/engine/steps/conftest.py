"""Flows with people: votes, clocks, faults and races, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from trellis.engine import query, records
from trellis.engine.approvals.work import Answer, Task
from trellis.engine.flows.running import person_of
from trellis.storage.database import Database

from tests.fakes.shelf import Shelf
from tests.fakes.staffed import StaffedApp, open_staffed

APP = Path(__file__).parents[3] / "fakes" / "steps_app"
PEOPLE = {"hana": "hand", "hugo": "hand", "hedy": "head", "hal": "head", "fay": "flow_admin"}


class Steps(StaffedApp):
    """Short ways to do chores as somebody."""

    def chore(self, login: str = "hana", /, **values: Any) -> str:
        """Create a job as somebody."""
        with self.writing(login) as tx:
            return records.create(tx, "chore", {"name": "j", **values})

    def get(self, record_id: str) -> dict[str, Any]:
        """Return a job."""
        with self.reading("system") as tx:
            return query.get(tx, "chore", record_id)

    def claim(self, login: str, task: Task) -> Task:
        """Claim a task as somebody."""
        with self.writing(login) as tx:
            return self.app.flows.runner(tx).claim(task.id, person_of(tx), Answer("claim"))

    def give_back(self, login: str, task: Task) -> Task:
        """Give a task back as somebody."""
        with self.writing(login) as tx:
            return self.app.flows.runner(tx).give_back(task.id, person_of(tx), Answer("give_back"))

    def work(self) -> None:
        """Do the jobs that are due."""
        while self.app.worker().run_due():
            pass

    def states(self) -> list[str]:
        """Return the states of all instances, the oldest first."""
        found = self.rows("SELECT state FROM trellis_flow_instance ORDER BY id")
        return [row[0] for row in found]


@pytest.fixture
def steps(shelf: Shelf, server: str | None) -> Steps:
    return shelf.take("steps", server, open_steps)


def open_steps(database: Database, folder: Path) -> Steps:
    """Open the steps with their people."""
    made = open_staffed(Steps, APP, PEOPLE, database, folder)
    with made.writing("system") as tx:
        records.update(tx, "user", made.ids["hedy"], {"manager": made.ids["hal"]})
    return made
