"""Records loaded many at a time, so that expressions over a list ask the database no further."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from trellis.engine.transactions import Transaction
from trellis.engine.views import MAX_RELATED, RecordView, view_of
from trellis.metadata.model.fields import INVERSE_TYPES, TO_MANY_TYPES, Field
from trellis.metadata.model.objects import SYSTEM_FIELDS

Path = tuple[str, ...]


def preload(
    tx: Transaction, object_key: str, ids: Sequence[str], paths: Iterable[Path] = ()
) -> list[RecordView]:
    """Return the views of records with what the paths lead to loaded, a statement for each step.

    The views are those of the transaction, so that every expression finds what was loaded.
    """
    if object_key not in tx.compiled.catalog.objects:
        return []
    made = (view_of(tx, object_key, identity) for identity in ids)
    views = [view for view in made if view is not None]
    _load_rows(tx, object_key, [view for view in views if not view.is_loaded])
    by_step: dict[str, set[Path]] = {}
    for path in paths:
        if path:
            by_step.setdefault(path[0], set()).add(path[1:])
    for step, further in by_step.items():
        _follow(tx, object_key, views, step, further)
    return views


def _load_rows(tx: Transaction, object_key: str, views: Sequence[RecordView]) -> None:
    if not views:
        return
    columns = tx.compiled.table(object_key).columns
    statement = tx.compiled.keep(
        ("load many", object_key),
        lambda: sa.select(*columns.values()).where(
            columns["id"].in_(sa.bindparam("ids", expanding=True))
        ),
    )
    found = tx.connection.execute(statement, {"ids": [view.id for view in views]})
    rows = {row[0]: row for row in found}
    for view in views:
        row = rows.get(view.id)
        view.load({} if row is None else dict(zip(columns, row, strict=True)))


def _follow(
    tx: Transaction, object_key: str, views: Sequence[RecordView], step: str, further: set[Path]
) -> None:
    """Load what a step leads to from every view, then the steps behind it."""
    item = tx.compiled.catalog.objects[object_key]
    definition = item.fields.get(step)
    if definition is not None and definition.type in INVERSE_TYPES:
        related = load_related(tx, definition, [view.id for view in views])
        for view in views:
            view.remember(step, related[view.id])
        children = [child.id for group in related.values() for child in group]
        _load_rest(tx, definition.of, children, further)
        return
    if definition is not None and definition.type in TO_MANY_TYPES:
        linked = load_targets(tx, object_key, step, [view.id for view in views])
        targets = [target for ids in linked.values() for target in ids]
        preload(tx, definition.to or "", list(dict.fromkeys(targets)), further)
        for view in views:
            view.remember_links(step, linked[view.id])
        return
    if step == "id" or (definition is None and step not in SYSTEM_FIELDS):
        return
    target = _target_of(definition, step)
    if target is not None and any(further):
        ids = (view.stored.get(step) for view in views)
        preload(tx, target, list(dict.fromkeys(i for i in ids if isinstance(i, str))), further)


def _load_rest(
    tx: Transaction, object_key: str | None, ids: Sequence[str], further: set[Path]
) -> None:
    if any(further) and object_key is not None:
        preload(tx, object_key, list(dict.fromkeys(ids)), further)


def _target_of(definition: Field | None, step: str) -> str | None:
    if definition is not None:
        return definition.to
    return "department" if step == "owner_department" else "user"


def load_targets(
    tx: Transaction, object_key: str, field: str, ids: Sequence[str]
) -> dict[str, list[str]]:
    """Return the ids that a to-many reference of records names, in order, by record."""
    link = tx.compiled.table(object_key).links[field].table.c
    statement = tx.compiled.keep(
        ("targets of many", object_key, field),
        lambda: (
            sa.select(link.source_id, link.target_id)
            .where(link.source_id.in_(sa.bindparam("ids", expanding=True)))
            .order_by(link.source_id, link.position)
        ),
    )
    found: dict[str, list[str]] = {identity: [] for identity in ids}
    for source, target in tx.connection.execute(statement, {"ids": list(ids)}):
        found[source].append(target)
    return found


def load_related(
    tx: Transaction, definition: Field, ids: Sequence[str]
) -> dict[str, list[RecordView]]:
    """Return the records whose link points to each of the given ones, oldest first."""
    found: dict[str, list[RecordView]] = {identity: [] for identity in ids}
    if definition.of is None or definition.link is None:
        return found
    child, link = definition.of, definition.link
    columns = tx.compiled.table(child).columns
    statement = tx.compiled.keep(
        ("related of many", child, link),
        lambda: sa.select(*columns.values())
        .where(columns[link].in_(sa.bindparam("ids", expanding=True)),
               columns["deleted_at"].is_(None))
        .order_by(columns["created_at"], columns["id"]),
    )  # fmt: skip
    for row in tx.connection.execute(statement, {"ids": list(ids)}):
        values = dict(zip(columns, row, strict=True))
        group = found[values[link]]
        if len(group) < MAX_RELATED:
            group.append(_child(tx, child, values))
    return found


def _child(tx: Transaction, object_key: str, values: dict[str, object]) -> RecordView:
    """Return the view of a row, the transaction's own when it has one."""
    view = view_of(tx, object_key, values["id"])
    if view is None:
        raise LookupError(object_key)
    if not view.is_loaded:
        view.load(values)
    return view
