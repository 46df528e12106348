"""The engines that `bench.flows` asks in turn, each over a database of its own."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from trellis.access.principal import Principal
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.approvals.work import Answer
from trellis.engine.flows.runner import Person
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.storage.platform_tables.access import CREDENTIAL, USER_ROLE
from trellis.storage.platform_tables.flows import INSTANCE, TASK
from trellis.wiring import Application, open_application

from bench.baseline import hand_audit
from bench.baseline.hand_audit import HandAudit

PACKAGE = Path(__file__).parent / "flow_package"
#: About 450 bytes, as a request for a purchase has.
DATA = {"amount": 5_000, "booked": None, "title": "Twelve pumps for the north line",
        "reason": "The old ones leak after every cold start. " * 7, "cost_centre": "4711-20",
        "currency": "EUR", "urgent": False}  # fmt: skip
NOTE = "Checked against the offer of last week; delivery in two weeks."
STEPS = ("first", "second", "pack", "bill")


class Engine(ABC):
    """One engine: `start` and `complete` are each what one web request does."""

    name: str

    def __init__(self, url: str) -> None:
        self.database = self.open(url)

    @abstractmethod
    def open(self, url: str) -> Database:
        """Make the tables and return the database."""

    @abstractmethod
    def start(self, data: Mapping[str, Any]) -> Any:
        """Start an instance; return its id."""

    @abstractmethod
    def tasks(self, instance: Any) -> Mapping[str, Any]:
        """Return the open tasks by node; not part of what is measured."""

    @abstractmethod
    def complete(self, task: Any) -> None:
        """Complete a task as one request."""

    @abstractmethod
    def mistakes(self, instances: list[Any]) -> list[str]:
        """Return what is wrong with the final data, nothing when all is right."""

    @contextmanager
    def counted(self) -> Iterator[list[int]]:
        """Count the statements that are sent meanwhile, a BEGIN of SQLite included."""
        found = [0]

        def count(*_arguments: Any) -> None:
            found[0] += 1

        sa.event.listen(self.database.engine, "before_cursor_execute", count)
        try:
            yield found
        finally:
            sa.event.remove(self.database.engine, "before_cursor_execute", count)

    def size(self) -> int:
        """Return the bytes of the tables, packed."""
        with self.database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            if self.database.is_sqlite:
                raw.execute("VACUUM")
                pages = raw.execute("PRAGMA page_count").fetchone()[0]
                return int(pages) * int(raw.execute("PRAGMA page_size").fetchone()[0])
            raw.autocommit = True
            raw.execute("VACUUM FULL")
            found = raw.execute(
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            ).fetchone()[0]  # fmt: skip
            raw.autocommit = False
            return int(found)


class HandAuditEngine(Engine):
    """The flow written by hand."""

    name = "hand_audit"

    def open(self, url: str) -> Database:
        """Make the tables."""
        database = Database(url)
        self.calls = 0
        self._flow = HandAudit(database.write, self._serve, lambda: datetime.now(UTC))
        self._flow.prepare()
        return database

    def _serve(self, _data: Mapping[str, Any]) -> None:
        self.calls += 1

    def start(self, data: Mapping[str, Any]) -> int:
        """Start an instance."""
        return self._flow.start(data, "anna")

    def tasks(self, instance: int) -> Mapping[str, int]:
        """Return the open tasks."""
        table = hand_audit.TASK
        found = sa.select(table.c.node, table.c.id).where(
            table.c.instance_id == instance, table.c.state == "open"
        )
        with self.database.read() as connection:
            return dict(connection.execute(found).tuples().all())

    def complete(self, task: int) -> None:
        """Complete a task."""
        self._flow.complete(task, "anna", NOTE)

    def mistakes(self, instances: list[int]) -> list[str]:
        """Compare the instances' data."""
        table = hand_audit.INSTANCE
        with self.database.read() as connection:
            rows = connection.execute(sa.select(table.c.state, table.c.data)).all()
        wrong = [f"{state} {data}" for state, data in rows
                 if state != "done" or data["booked"] != data["amount"]]  # fmt: skip
        return wrong + ([] if self.calls == len(instances) else [f"{self.calls} calls"])


class TrellisEngine(Engine):
    """The platform's engine, through the doors that the web pages use."""

    name = "trellis"

    def open(self, url: str) -> Database:
        """Install the package and its one clerk."""
        folder = Path(tempfile.mkdtemp())
        self.application = open_application(Settings(folder, url, "k" * 40, folder))
        self.application.install_folder(PACKAGE)
        self.clerk = _clerk(self.application)
        self._person = Person(self.clerk.principal.id, self.clerk.principal.roles)
        return self.application.database

    def start(self, data: Mapping[str, Any]) -> str:
        """Start an instance."""
        with self.application.workspace.transaction(self.clerk) as tx:
            return self.application.flows.start(tx, "order", None, None, data)

    def tasks(self, instance: str) -> Mapping[str, str]:
        """Return the open tasks."""
        found = sa.select(TASK.c.node, TASK.c.id).where(
            TASK.c.instance_id == instance, TASK.c.state == "open"
        )
        with self.database.read() as connection:
            return dict(connection.execute(found).tuples().all())

    def complete(self, task: str) -> None:
        """Complete a task or decide a seat."""
        with self.application.workspace.transaction(self.clerk) as tx:
            runner = self.application.flows.runner(tx)
            kind = runner.store.task(task).kind
            action = "approve" if kind == "seat" else "complete"
            runner.act(task, self._person, Answer(action, comment=NOTE))

    def mistakes(self, instances: list[str]) -> list[str]:
        """Compare the instances' data."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(INSTANCE.c.state, INSTANCE.c.vars)).all()
        return [f"{state} {data}" for state, data in rows
                if state != "done" or data["booked"] != data["amount"]]  # fmt: skip


def _clerk(application: Application) -> Actor:
    """Return the one person of the workspace, who does everything."""
    with application.workspace.transaction(SYSTEM) as tx:
        identity, now = tx.ids.new(), tx.now
        table = tx.compiled.table("user")
        names = {field: column.name for field, column in table.columns.items()}
        whole = {"login": "anna", "name": "Anna", "language": "en", "timezone": "UTC",
                 "active": True, "id": identity, "rev": 1, "created_at": now, "updated_at": now,
                 "source": "import"}  # fmt: skip
        row = {names[field]: value for field, value in whole.items()}
        tx.connection.execute(sa.insert(table.table).values(**row))
        tx.connection.execute(sa.insert(CREDENTIAL).values(user_id=identity, auth_version=1))
        tx.connection.execute(sa.insert(USER_ROLE).values(
            user_id=identity, role="clerk", given_at=now - timedelta(days=1), given_by="system"
        ))  # fmt: skip
    return Actor(Principal(identity, "anna", "Anna", frozenset({"clerk"})), "api")


ENGINES: Mapping[str, type[Engine]] = {"hand_audit": HandAuditEngine, "trellis": TrellisEngine}
