"""Approvals with people, on both databases, and a short way to write what they do.

A step is a line: `v1 add_before people=v4,v5 mode=any advise !DUPLICATE_SEAT` (who, what, with
what, and the refusal it meets).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from trellis.engine import query, records
from trellis.engine.approvals.work import Answer, Task
from trellis.engine.errors import EngineError
from trellis.engine.flows.running import person_of
from trellis.engine.flows.state import Case
from trellis.engine.flows.store import SqlFlowStore
from trellis.storage.database import Database

from tests.fakes.shelf import Shelf
from tests.fakes.staffed import StaffedApp, open_staffed

APP = Path(__file__).parents[3] / "fakes" / "votes_app"
VOTERS = ("v1", "v2", "v3", "v4", "v5", "v6")
PEOPLE = dict.fromkeys(("ann", "bob", *VOTERS), "voter") | {"fay": "flow_admin"}
_WITHOUT_SEAT = frozenset({"take_back", "remove_added", "comment", "ask", "cc"})


class Votes(StaffedApp):
    """Short ways to ask and to decide."""

    def claim(self, kind: str, people: str = "", **values: Any) -> str:
        """Let Ann ask something of people, by login."""
        named = [self.ids[login] for login in people.split()]
        with self.writing("ann") as tx:
            made = records.create(
                tx, "claim", {"name": "c", "kind": kind, "people": named, **values}
            )
        self.ids["claim"] = made
        return made

    def edit(self, login: str, **values: Any) -> None:
        """Change the record as somebody."""
        with self.writing(login) as tx:
            records.update(tx, "claim", self.ids["claim"], values)

    def record(self) -> dict[str, Any]:
        """Return the record."""
        with self.reading("system") as tx:
            return query.get(tx, "claim", self.ids["claim"])

    def case(self) -> Case:
        """Return the newest instance."""
        ((found,),) = self.rows("SELECT id FROM trellis_flow_instance ORDER BY id DESC LIMIT 1")
        with self.reading("system") as tx:
            return SqlFlowStore(tx).read(str(found))

    def work(self) -> tuple[Task, ...]:
        """Return all work of the newest instance, by position."""
        with self.reading("system") as tx:
            return SqlFlowStore(tx).work_of(self.case().id)

    def open(self) -> str:
        """Return who may act now, as `login` or `login@node` where it is not `ask`."""
        names = {identity: login for login, identity in self.ids.items()}
        return " ".join(
            names[str(task.holder)] + ("" if task.node == "ask" else f"@{task.node}")
            for task in self.work() if task.state == "open"
        )  # fmt: skip

    def history(self) -> list[tuple[str, str]]:
        """Return what was done by whom, the oldest first."""
        names = {identity: login for login, identity in self.ids.items()}
        with self.reading("system") as tx:
            found = SqlFlowStore(tx).history(self.case().id)
        return [(names.get(entry.actor, entry.actor), entry.action) for entry in found]

    def do(self, *lines: str) -> None:
        """Do the steps, each with the refusal that it expects."""
        for line in lines:
            self.clock.advance(timedelta(seconds=1))
            step, _, refusal = line.partition(" !")
            if not refusal:
                self._step(step)
                continue
            with pytest.raises(EngineError) as caught:
                self._step(step)
            codes = {caught.value.code, *(one.get("code") for one in caught.value.details)}
            assert refusal in codes, (line, caught.value)

    def _step(self, step: str) -> None:
        login, action, *words = step.split()
        given: dict[str, Any] = {"comment": "because"}
        for word in words:
            name, _, value = word.partition("=")
            if name == "people":
                given["people"] = tuple(self.ids[one] for one in value.split(","))
            elif name == "values":
                given["values"] = {"note": value}
            else:
                given[name] = True if name == "advise" else value or None
        answer = Answer(action, **given)
        with self.writing(login) as tx:
            self.app.flows.runner(tx).act(self._seat(login, action).id, person_of(tx), answer)

    def _seat(self, login: str, action: str) -> Task:
        mine = self.ids[login]
        work = [task for task in self.work() if mine in (task.holder, task.decided_by)]
        open_work = [task for task in work if task.state == "open"]
        if action in _WITHOUT_SEAT and (action == "take_back" or not open_work):
            return max(work, key=lambda task: (task.decided_by == mine, str(task.decided_at)))
        return (open_work or work)[-1]


@pytest.fixture
def votes(shelf: Shelf, server: str | None) -> Votes:
    return shelf.take("votes", server, open_votes)


def open_votes(database: Database, folder: Path) -> Votes:
    """Open the votes with their people; Bob stands above Ann."""
    made = open_staffed(Votes, APP, PEOPLE, database, folder)
    with made.writing("system") as tx:
        records.update(tx, "user", made.ids["ann"], {"manager": made.ids["bob"]})
    return made
