"""Tasks, seats and approvals as rows: the `WorkStore` of a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping
from trellis.engine.approvals.board import Board
from trellis.engine.approvals.history import Entry
from trellis.engine.approvals.work import CANCELLED, DONE, OPEN, Approval, Task, TaskKind
from trellis.engine.errors import ConflictError, NotFoundError
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.flows import APPROVAL, APPROVAL_HISTORY, TASK, TASK_POOL
from trellis.storage.prepared import Kept, given

#: What a task is offered to, by the kind of row it has for it.
_OFFERED = {"pools": "role", "candidates": "user", "also": "also"}
_TASK_COLUMNS = tuple(f.name for f in fields(Task) if f.name not in _OFFERED)


def _tasks_where(*conditions: sa.ColumnElement[bool]) -> Kept:
    return Kept(sa.select(TASK).where(*conditions).order_by(TASK.c.position, TASK.c.id))


_THIS = sa.bindparam("this", type_=sa.Text())
_ONE_TASK = _tasks_where(TASK.c.id == sa.bindparam("this"))
_TASKS_OF_INSTANCE = _tasks_where(TASK.c.instance_id == _THIS)
_SEATS = _tasks_where(TASK.c.approval_id == _THIS)
_TASKS_OF_TOKENS = _tasks_where(
    TASK.c.instance_id == _THIS, TASK.c.token_id.in_(sa.bindparam("tokens", expanding=True))
)
_POOLS_OF_ONE = Kept(sa.select(TASK_POOL).where(TASK_POOL.c.task_id == _THIS))
_POOLS = Kept(
    sa.select(TASK_POOL).where(TASK_POOL.c.task_id.in_(sa.bindparam("tasks", expanding=True)))
)
_INSERT_TASK = Kept(sa.insert(TASK))
_CHANGE_TASK = Kept(
    sa.update(TASK)
    .where(TASK.c.id == sa.bindparam("id"), TASK.c.rev == sa.bindparam("old_rev"))
    .values(given(TASK, "id"))
)
_DECIDED = Kept(
    sa.select(TASK.c.node, TASK.c.decided_by).where(
        TASK.c.instance_id == _THIS,
        sa.or_(TASK.c.state == DONE, TASK.c.state == "approved"),
    )
)


@dataclass(frozen=True)
class SqlWork:
    """The work of one transaction."""

    tx: Transaction

    def task(self, task_id: str) -> Task:
        """Return a task with its pools and candidates."""
        found = self._tasks(_ONE_TASK, {"this": task_id})
        if not found:
            raise NotFoundError("task")
        return found[0]

    def tasks_of(self, instance_id: str, token_ids: Sequence[str]) -> tuple[Task, ...]:
        """Return the tasks opened by the given tokens, by position."""
        asked = {"this": instance_id, "tokens": list(token_ids)}
        return self._tasks(_TASKS_OF_TOKENS, asked)

    def _tasks(self, kept: Kept, asked: Mapping[str, Any]) -> tuple[Task, ...]:
        rows = kept.rows(self.tx.connection, asked)
        pools = self._pools([row["id"] for row in rows])
        return tuple(task_of(row, pools.get(row["id"], ())) for row in rows)

    def _pools(self, task_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        if len(task_ids) == 1:
            rows = _POOLS_OF_ONE.rows(self.tx.connection, {"this": task_ids[0]})
        else:
            rows = _POOLS.rows(self.tx.connection, {"tasks": list(task_ids)}) if task_ids else []
        for row in rows:
            found.setdefault(row["task_id"], []).append((row["kind"], row["key"]))
        return found

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """Insert tasks with their pools and candidates."""
        for task in tasks:
            _INSERT_TASK.run(self.tx.connection, _task_row(task))
            self._add_offers(task.id, _offers(task))

    def _add_offers(self, task_id: str, offers: Sequence[tuple[str, str]]) -> None:
        if offers:
            self.tx.connection.execute(
                sa.insert(TASK_POOL),
                [{"task_id": task_id, "kind": kind, "key": key} for kind, key in offers],
            )

    def change_task(self, before: Task, after: Task) -> None:
        """Write a task whose revision is still that of `before`."""
        row = {**_task_row(after), "old_rev": before.rev}
        if _CHANGE_TASK.run(self.tx.connection, row) != 1:
            raise ConflictError("REV_CONFLICT", "this work has changed since it was opened")
        if _offers(before) != _offers(after):
            self.tx.connection.execute(sa.delete(TASK_POOL).where(TASK_POOL.c.task_id == before.id))
            self._add_offers(after.id, _offers(after))

    def add_approval(self, approval: Approval) -> None:
        """Insert an approval."""
        self.tx.connection.execute(sa.insert(APPROVAL).values(**_approval_row(approval)))

    def approval(self, approval_id: str) -> Approval:
        """Return an approval."""
        row = self.tx.connection.execute(
            sa.select(APPROVAL).where(APPROVAL.c.id == approval_id)
        ).mappings().one()  # fmt: skip
        return _approval_of(row)

    def cancel_approvals(self, instance_id: str, token_ids: Sequence[str], at: datetime) -> None:
        """End the open approvals of the given tokens as cancelled."""
        self.tx.connection.execute(
            sa.update(APPROVAL)
            .where(APPROVAL.c.instance_id == instance_id, APPROVAL.c.state == OPEN,
                   APPROVAL.c.token_id.in_(token_ids))
            .values(state=CANCELLED, decided_at=at)
        )  # fmt: skip

    def approvals_of(self, instance_id: str) -> tuple[Approval, ...]:
        """Return the approvals of an instance, the oldest first."""
        statement = (
            sa.select(APPROVAL).where(APPROVAL.c.instance_id == instance_id)
            .order_by(APPROVAL.c.opened_at, APPROVAL.c.id)
        )  # fmt: skip
        return tuple(map(_approval_of, self.tx.connection.execute(statement).mappings()))

    def board(self, approval_id: str) -> Board:
        """Return an approval with its seats."""
        return Board(self.approval(approval_id), self._tasks(_SEATS, {"this": approval_id}))

    def work_of(self, instance_id: str) -> tuple[Task, ...]:
        """Return all work of an instance."""
        return self._tasks(_TASKS_OF_INSTANCE, {"this": instance_id})

    def change_approval(self, approval: Approval) -> None:
        """Write an approval's state."""
        self.tx.connection.execute(
            sa.update(APPROVAL)
            .where(APPROVAL.c.id == approval.id)
            .values(**_approval_row(approval))
        )

    def add_history(self, entries: Sequence[Entry]) -> None:
        """Append to the history of approvals."""
        rows = [{f.name: getattr(entry, f.name) for f in fields(Entry)} for entry in entries]
        if rows:
            self.tx.connection.execute(
                sa.insert(APPROVAL_HISTORY),
                [{**row, "details": dict(row["details"])} for row in rows],
            )

    def history(self, instance_id: str) -> tuple[Entry, ...]:
        """Return what people did in an instance, the oldest first."""
        statement = (
            sa.select(APPROVAL_HISTORY).where(APPROVAL_HISTORY.c.instance_id == instance_id)
            .order_by(APPROVAL_HISTORY.c.at, APPROVAL_HISTORY.c.id)
        )  # fmt: skip
        return tuple(map(_entry_of, self.tx.connection.execute(statement).mappings()))

    def request(self, instance_id: str, request_id: str) -> Entry | None:
        """Return what a request did in an instance already."""
        statement = sa.select(APPROVAL_HISTORY).where(
            APPROVAL_HISTORY.c.instance_id == instance_id,
            APPROVAL_HISTORY.c.request_id == request_id,
        )
        row = self.tx.connection.execute(statement.limit(1)).mappings().first()
        return None if row is None else _entry_of(row)

    def decided_by(self, instance_id: str) -> Mapping[str, tuple[str, ...]]:
        """Return who finished or approved which node."""
        decided = _DECIDED.of(self.tx.connection)
        found: dict[str, tuple[str, ...]] = {}
        for node, user in decided.all(self.tx.connection, {"this": instance_id}):
            if user == "system":
                continue
            found[node] = (*found.get(node, ()), str(user))
        return found


def task_of(row: RowMapping | Mapping[str, Any], offered: Sequence[tuple[str, str]]) -> Task:
    """Return a task of its row and what it is offered to."""
    values = {name: row[name] for name in _TASK_COLUMNS}
    values["kind"] = TaskKind(row["kind"])
    values["changed"] = row["changed"] or {}
    for name, kind in _OFFERED.items():
        values[name] = tuple(key for one, key in offered if one == kind)
    return Task(**values)


def _offers(task: Task) -> list[tuple[str, str]]:
    return [(kind, key) for name, kind in _OFFERED.items() for key in getattr(task, name)]


def _task_row(task: Task) -> dict[str, Any]:
    row = {name: getattr(task, name) for name in _TASK_COLUMNS} | {"kind": str(task.kind)}
    return {**row, "changed": dict(task.changed) or None}


def _approval_row(approval: Approval) -> dict[str, Any]:
    row = {f.name: getattr(approval, f.name) for f in fields(Approval)}
    groups = [dict(group) for group in approval.groups]
    return {**row, "rule": dict(approval.rule), "groups": groups or None}


def _approval_of(row: RowMapping) -> Approval:
    values = {f.name: row[f.name] for f in fields(Approval)}
    return Approval(**{**values, "groups": tuple(row["groups"] or ())})


def _entry_of(row: RowMapping) -> Entry:
    values = {f.name: row[f.name] for f in fields(Entry)}
    return Entry(**{**values, "details": row["details"] or {}})
