"""Whether the records that references name are there, asked for all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.storage.prepared import Prepared

#: Targets asked about in one statement; more of them are asked for in several.
_AT_ONCE = 16


def missing_targets(tx: Transaction, named: Sequence[tuple[str, RecordView]]) -> Iterator[str]:
    """Yield the fields, in order, whose target does not exist or is deleted."""
    unknown = [view for _, view in named if not view.is_loaded]
    alive: dict[tuple[str, str], bool] = {}
    for start in range(0, len(unknown), _AT_ONCE):
        alive |= _alive(tx, unknown[start : start + _AT_ONCE])
    for key, view in named:
        there = alive.get((view.object.key, view.id))
        if there is None:
            there = view.exists and view.stored.get("deleted_at") is None
        if not there:
            yield key


def _alive(tx: Transaction, views: Sequence[RecordView]) -> dict[tuple[str, str], bool]:
    """Return by record whether it lives."""
    objects = tuple(view.object.key for view in views)
    statement = tx.compiled.keep(("targets", objects), lambda: _statement(tx, objects))
    bound = {f"id_{number}": view.id for number, view in enumerate(views)}
    row = statement.first(tx.connection, bound) or ()
    return {(view.object.key, view.id): found is not None
            for view, found in zip(views, row, strict=True)}  # fmt: skip


def _statement(tx: Transaction, objects: Sequence[str]) -> Prepared:
    asked = []
    for number, object_key in enumerate(objects):
        columns = tx.compiled.table(object_key).columns
        one = sa.select(columns["rev"]).where(
            columns["id"] == sa.bindparam(f"id_{number}"), columns["deleted_at"].is_(None)
        )
        asked.append(one.scalar_subquery().label(f"found_{number}"))
    return Prepared(sa.select(*asked), tx.connection.dialect)
