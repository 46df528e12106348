"""The flow of five durable steps written by hand: what an engine is measured against.

One instance row with an optimistic revision, a row a task, an append-only history. The service at
the end is called inline, in the step's own transaction. Nothing here could run another flow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_METADATA = sa.MetaData()
INSTANCE = sa.Table(
    "audit_instance",
    _METADATA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("rev", sa.Integer(), nullable=False),
    sa.Column("data", sa.JSON(), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)
TASK = sa.Table(
    "audit_task",
    _METADATA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("instance_id", sa.Integer(), sa.ForeignKey(INSTANCE.c.id), nullable=False),
    sa.Column("node", sa.Text(), nullable=False),
    sa.Column("state", sa.Text(), nullable=False),
    sa.Column("actor", sa.Text()),
    sa.Column("note", sa.Text()),
    sa.Index("i_audit_task_instance", "instance_id"),
)
HISTORY = sa.Table(
    "audit_history",
    _METADATA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("instance_id", sa.Integer(), nullable=False),
    sa.Column("node", sa.Text(), nullable=False),
    sa.Column("event", sa.Text(), nullable=False),
    sa.Column("actor", sa.Text()),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("i_audit_history_instance", "instance_id"),
)
_FIND = sa.select(INSTANCE).where(INSTANCE.c.id == sa.bindparam("instance"))
_FIND_TASK = sa.select(TASK).where(TASK.c.id == sa.bindparam("task"))
_STILL_OPEN = sa.select(sa.func.count()).select_from(TASK).where(
    TASK.c.instance_id == sa.bindparam("instance"), TASK.c.state == "open"
)  # fmt: skip
_DECIDE = sa.update(TASK).where(
    TASK.c.id == sa.bindparam("task"), TASK.c.state == "open"
).values(state="done", actor=sa.bindparam("by"), note=sa.bindparam("said"))  # fmt: skip
_SAVE = sa.update(INSTANCE).where(
    INSTANCE.c.id == sa.bindparam("instance"), INSTANCE.c.rev == sa.bindparam("before")
).values(state=sa.bindparam("now_is"), rev=sa.bindparam("after"), data=sa.bindparam("holds"),
         updated_at=sa.bindparam("at"))  # fmt: skip
LARGE = 1_000
#: Which tasks open when one is done; the two last ones meet in a join.
_NEXT = {"first": ("second",), "second": ("pack", "bill")}


class LostRaceError(RuntimeError):
    """Somebody else changed the instance meanwhile."""


class HandAudit:
    """Runs instances of the one flow that it knows."""

    def __init__(
        self,
        write: Callable[[], AbstractContextManager[Connection]],
        service: Callable[[Mapping[str, Any]], None],
        now: Callable[[], datetime],
    ) -> None:
        self._write, self._service, self._now = write, service, now

    def prepare(self) -> None:
        """Make the tables."""
        with self._write() as connection:
            _METADATA.create_all(connection)

    def start(self, data: Mapping[str, Any], by: str) -> int:
        """Start an instance and run it to the first approval; return its id."""
        with self._write() as connection:
            row = {"state": "running", "rev": 1, "data": dict(data), "updated_at": self._now()}
            made = connection.execute(sa.insert(INSTANCE).values(**row)).inserted_primary_key
            instance = int(made[0])
            if data["amount"] <= LARGE:
                self._note(connection, instance, by, [("start", "started"), ("done", "ended")])
                return instance
            self._open(connection, instance, ("first",))
            entries = [("start", "started"), ("large", "taken"), ("first", "opened")]
            self._note(connection, instance, by, entries)
        return instance

    def complete(self, task: int, by: str, note: str) -> None:
        """Complete a task, run to the next wait, and store."""
        with self._write() as connection:
            found = connection.execute(_FIND_TASK, {"task": task}).one()
            instance = connection.execute(_FIND, {"instance": found.instance_id}).one()
            decided = connection.execute(_DECIDE, {"task": task, "by": by, "said": note})
            if decided.rowcount != 1:
                raise LostRaceError
            self._advance(connection, instance, found.node, by)

    def _advance(self, connection: Connection, instance: Any, node: str, by: str) -> None:
        entries, state, data = [(node, "done")], "running", dict(instance.data)
        following = _NEXT.get(node, ())
        if following:
            self._open(connection, instance.id, following)
            entries += [(one, "opened") for one in following if one == "second"]
            entries += [("split", "taken")] if len(following) > 1 else []
        elif not connection.execute(_STILL_OPEN, {"instance": instance.id}).scalar():
            self._service(data)
            state, data["booked"] = "done", data["amount"]
            entries += [("both", "joined"), ("book", "called"), ("done", "ended")]
        self._note(connection, instance.id, by, entries)
        saved = connection.execute(_SAVE, {
            "instance": instance.id, "before": instance.rev, "after": instance.rev + 1,
            "now_is": state, "holds": data, "at": self._now(),
        })  # fmt: skip
        if saved.rowcount != 1:
            raise LostRaceError

    def _open(self, connection: Connection, instance: int, nodes: Sequence[str]) -> None:
        rows = [{"instance_id": instance, "node": node, "state": "open"} for node in nodes]
        connection.execute(sa.insert(TASK), rows)

    def _note(
        self, connection: Connection, instance: int, by: str, entries: Sequence[tuple[str, str]]
    ) -> None:
        connection.execute(sa.insert(HISTORY), [
            {"instance_id": instance, "node": node, "event": event, "actor": by, "at": self._now()}
            for node, event in entries
        ])  # fmt: skip
