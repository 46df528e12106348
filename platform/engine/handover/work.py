"""The open work of one person: what they hold, what is theirs, what they are offered."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from trellis.engine.approvals.rows import task_of
from trellis.engine.approvals.work import OPEN, WAITING, Task
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.flows import TASK, TASK_POOL

_OPEN = (OPEN, WAITING)
#: Work that asks somebody to decide or to do; copies and questions go with the person.
_KINDS = ("task", "seat")


def work_of(tx: Transaction, user: str) -> list[Task]:
    """Return the open and waiting work that a person holds, or that is theirs."""
    theirs = sa.or_(TASK.c.holder == user, TASK.c.principal == user)
    return _tasks(tx, theirs)


def delegated_work(tx: Transaction, giver: str) -> list[Task]:
    """Return the open work of a person that they hold themselves or somebody holds for them."""
    mine = sa.and_(
        TASK.c.principal == giver, sa.or_(TASK.c.holder == giver, TASK.c.via == "delegation")
    )
    return _tasks(tx, mine)


def offered_to(tx: Transaction, user: str) -> list[Task]:
    """Return the open work that is offered to a person by name, or that they may do beside."""
    return _tasks(tx, _in_pool(TASK_POOL.c.kind.in_(("user", "also")), TASK_POOL.c.key == user))


def pooled(tx: Transaction, role: str) -> list[Task]:
    """Return the open work that nobody holds and that a role may claim."""
    offered = _in_pool(TASK_POOL.c.kind == "role", TASK_POOL.c.key == role)
    return _tasks(tx, sa.and_(TASK.c.holder.is_(None), offered))


def _in_pool(*conditions: Any) -> Any:
    ids = sa.select(sa.cast(TASK_POOL.c.task_id, TASK.c.id.type)).where(*conditions)
    return TASK.c.id.in_(ids)


def _tasks(tx: Transaction, condition: Any) -> list[Task]:
    statement = (
        sa.select(TASK)
        .where(TASK.c.state.in_(_OPEN), TASK.c.kind.in_(_KINDS), condition)
        .order_by(TASK.c.instance_id, TASK.c.position, TASK.c.id)
    )
    rows = tx.connection.execute(statement).mappings().all()
    ids = [str(row["id"]) for row in rows]
    offers: dict[str, list[tuple[str, str]]] = {}
    if ids:
        for offer in tx.connection.execute(
            sa.select(TASK_POOL).where(TASK_POOL.c.task_id.in_(ids))
        ):
            offers.setdefault(offer.task_id, []).append((offer.kind, offer.key))
    return [task_of(row, offers.get(str(row["id"]), ())) for row in rows]
