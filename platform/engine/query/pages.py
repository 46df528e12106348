"""One record, and pages of records with the labels of their references, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trellis.engine.errors import NotFoundError
from trellis.engine.query.behind import title_of
from trellis.engine.query.columns import MOST_SORTS
from trellis.engine.query.cursor import read_cursor, typed_place, write_cursor
from trellis.engine.query.plan import (
    EMPTY,
    PagePlan,
    PageRequest,
    bound_values,
    count_plan,
    first_part,
    page_plan,
    record_plan,
)
from trellis.engine.records.checks import rows_allow
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.ids import is_id
from trellis.metadata.model.access import Action

__all__ = ["MOST_ROWS", "MOST_SORTS", "Page", "PageRequest", "get", "may_read", "page", "title_of"]
MOST_ROWS = 500


@dataclass(frozen=True)
class Page:
    """Records as field values by path; references are `{id, title}`."""

    items: tuple[dict[str, Any], ...]
    next_cursor: str | None = None
    total: int | None = None


def page(tx: Transaction, object_key: str, request: PageRequest) -> Page:
    """Return a page of the records that the actor may read."""
    limit = max(1, min(request.limit, MOST_ROWS))
    question, place = "", None
    if request.cursor:
        question = _question(tx, object_key, request)
        place = read_cursor(tx.secret, question, request.cursor)
    plan = page_plan(tx, object_key, request, limit + 1, place)
    bound = bound_values(tx, request, plan.conditions)
    if place is not None:
        bound |= typed_place(plan.keys, place)
    total = _count(tx, object_key, request) if request.count else None
    rows = plan.statement.raw(tx.connection, bound)
    if len(rows) <= limit and _has_more_parts(tx, plan, place):
        rest = page_plan(tx, object_key, request, limit + 1, place, EMPTY)
        rows += rest.statement.raw(tx.connection, bound)
    items = tuple(plan.reader.read(tx, rows[:limit]))
    following = None
    if len(rows) > limit:
        values = plan.reader.last_values(rows[limit - 1], len(plan.keys))
        following = write_cursor(tx.secret, question or _question(tx, object_key, request), values)
    return Page(items, following, total)


def _has_more_parts(tx: Transaction, plan: PagePlan, place: Sequence[Any] | None) -> bool:
    nulls = None if place is None else tuple(value is None for value in place)
    return first_part(tx, plan.keys, nulls) == "filled"


def get(
    tx: Transaction, object_key: str, record_id: str, fields: Sequence[str] = ()
) -> dict[str, Any]:
    """Return one record; NotFoundError when there is none or the actor may not see it."""
    plan = record_plan(tx, object_key, tuple(fields))
    if not is_id(record_id):
        raise NotFoundError
    values = plan.conditions.values(tx)
    values["record_id"] = record_id
    rows = plan.statement.raw(tx.connection, values)
    if not rows:
        raise NotFoundError
    return plan.reader.read(tx, rows)[0]


def may_read(tx: Transaction, view: RecordView) -> bool:
    """Tell whether the actor may see a record."""
    rights = tx.rights(view.object.key)
    alive = view.exists and view.stored.get("deleted_at") is None
    return alive and rows_allow(tx, rights.may(Action.READ), view)


def _count(tx: Transaction, object_key: str, request: PageRequest) -> int:
    plan = count_plan(tx, object_key, request)
    bound = bound_values(tx, request, plan.conditions)
    row = plan.statement.first(tx.connection, bound)
    return 0 if row is None else int(row[0])


def _question(tx: Transaction, object_key: str, request: PageRequest) -> str:
    equals = str(sorted(request.equals.items()))
    parts = (tx.actor.principal.id, object_key, request.filter or "", request.view or "",
             ",".join(request.sort), request.search or "", equals)  # fmt: skip
    return "\0".join(parts)
