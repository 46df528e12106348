"""Reading work: what waits for a person, what they may claim, what they have done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from trellis.engine.approvals.board import Board
from trellis.engine.approvals.history import Entry
from trellis.engine.approvals.rows import task_of
from trellis.engine.approvals.work import OPEN, Task, TaskKind
from trellis.engine.errors import NotFoundError
from trellis.engine.flows.approving.acting import offered
from trellis.engine.flows.store import SqlFlowStore
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.flows import TASK, TASK_POOL
from trellis.storage.platform_tables.trail import EVENT


def mine(tx: Transaction, limit: int = 100) -> list[Task]:
    """Return the open work that the person holds or does for somebody, the most urgent first."""
    return _tasks(tx, _mine(tx), limit)


def copies(tx: Transaction, limit: int = 100) -> list[Task]:
    """Return what the person is given to read and has not put aside."""
    held = [TASK.c.state == OPEN, TASK.c.holder == tx.actor.principal.id]
    return _tasks(tx, [*held, TASK.c.kind == str(TaskKind.COPY)], limit)


def claimable(tx: Transaction, limit: int = 100) -> list[Task]:
    """Return open work that nobody holds and the person may claim."""
    return _tasks(tx, [TASK.c.state == OPEN, TASK.c.holder.is_(None), _offered(tx)], limit)


def finished(tx: Transaction, limit: int = 100) -> list[Task]:
    """Return what the person has decided, the newest first."""
    conditions = [TASK.c.decided_by == tx.actor.principal.id]
    statement = sa.select(TASK).where(*conditions).order_by(TASK.c.decided_at.desc()).limit(limit)
    return _read(tx, statement)


def count_open(tx: Transaction) -> int:
    """Return how much open work the person holds."""
    statement = sa.select(sa.func.count()).where(*_mine(tx))
    return int(tx.connection.execute(statement).scalar() or 0)


def of_record(tx: Transaction, object_key: str, record_id: str, limit: int = 20) -> list[Task]:
    """Return the open work about a record, whoever holds it, for readers of the record."""
    about = [TASK.c.object == object_key, TASK.c.record_id == record_id, TASK.c.state == OPEN,
             TASK.c.kind.in_([str(TaskKind.TASK), str(TaskKind.SEAT)])]  # fmt: skip
    return _tasks(tx, about, limit)


def one(tx: Transaction, task_id: str) -> Task:
    """Return a task that concerns the person; NotFoundError for every other."""
    task = SqlFlowStore(tx).task(task_id)
    person = tx.actor.principal
    concerned = (
        tx.actor.is_system
        or person.id in (task.holder, task.principal, task.decided_by, task.added_by, *task.also)
        or task.offered_to(person.id, person.roles)
    )
    if not concerned:
        raise NotFoundError("task")
    return task


def seat_actions(tx: Transaction, tasks: Sequence[Task]) -> dict[str, tuple[str, ...]]:
    """Return what the holders of open seats may do with them, by task id."""
    store = SqlFlowStore(tx)
    found: dict[str, tuple[str, ...]] = {}
    boards: dict[str, Board] = {}
    for task in tasks:
        if task.approval_id is None or task.state != OPEN:
            continue
        if task.approval_id not in boards:
            boards[task.approval_id] = store.board(task.approval_id)
        found[task.id] = offered(boards[task.approval_id], task, tx.actor.principal.id)
    return found


def course(tx: Transaction, instance_id: str, limit: int = 100) -> Sequence[dict[str, Any]]:
    """Return what happened in an instance, the newest first."""
    statement = (
        sa.select(EVENT).where(EVENT.c.instance_id == instance_id)
        .order_by(EVENT.c.end_at.desc(), EVENT.c.id.desc()).limit(limit)
    )  # fmt: skip
    return [dict(row) for row in tx.connection.execute(statement).mappings()]


def acts(tx: Transaction, instance_id: str) -> tuple[Entry, ...]:
    """Return what people did with the approvals of an instance, the oldest first."""
    return SqlFlowStore(tx).history(instance_id)


def _mine(tx: Transaction) -> list[Any]:
    return [TASK.c.state == OPEN, _held(tx), TASK.c.kind != str(TaskKind.COPY)]


def _held(tx: Transaction) -> Any:
    """Return the condition of work that the person holds, or may do beside its holder."""
    me = tx.actor.principal.id
    beside = sa.select(sa.cast(TASK_POOL.c.task_id, TASK.c.id.type)).where(
        TASK_POOL.c.kind == "also", TASK_POOL.c.key == me
    )
    return sa.or_(TASK.c.holder == me, TASK.c.id.in_(beside))


def _offered(tx: Transaction) -> Any:
    person = tx.actor.principal
    pool = sa.select(TASK_POOL.c.task_id).where(
        sa.or_(
            sa.and_(TASK_POOL.c.kind == "user", TASK_POOL.c.key == person.id),
            sa.and_(TASK_POOL.c.kind == "role", TASK_POOL.c.key.in_(sorted(person.roles))),
        )
    )
    return sa.cast(TASK.c.id, sa.Text()).in_(pool)


def _tasks(tx: Transaction, conditions: Sequence[Any], limit: int) -> list[Task]:
    statement = (
        sa.select(TASK).where(*conditions)
        .order_by(TASK.c.due_at.asc().nulls_last(), TASK.c.opened_at).limit(limit)
    )  # fmt: skip
    return _read(tx, statement)


def _read(tx: Transaction, statement: sa.Select[Any]) -> list[Task]:
    rows = tx.connection.execute(statement).mappings().all()
    offered: dict[str, list[tuple[str, str]]] = {}
    if rows:
        pools = sa.select(TASK_POOL).where(TASK_POOL.c.task_id.in_([row["id"] for row in rows]))
        for pool in tx.connection.execute(pools):
            offered.setdefault(pool.task_id, []).append((pool.kind, pool.key))
    return [task_of(row, offered.get(row["id"], ())) for row in rows]
