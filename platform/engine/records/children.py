"""Rows owned by a record, written with it: what is sent is what there will be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from trellis.engine.errors import InvalidError, problem
from trellis.engine.records.draft import add_defaults, add_empty
from trellis.engine.records.values import read_sent
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, related_views
from trellis.metadata.model.objects import Object


@dataclass(frozen=True)
class Verbs:
    """How child records are written: through the same door as every other."""

    create: Callable[..., str]
    update: Callable[..., int]
    delete: Callable[..., None]


def write(
    tx: Transaction,
    item: Object,
    record_id: str,
    rows: Mapping[str, list[Mapping[str, Any]]],
    verbs: Verbs,
) -> None:
    """Create, change and delete child records so that each field has just the rows sent."""
    for key, sent in rows.items():
        field = item.fields[key]
        if field.of is None or field.link is None:
            continue
        present = {view.id for view in related_views(tx, field, record_id)}
        kept: set[str] = set()
        for position, row in enumerate(sent):
            parent = (field.link, record_id)
            kept.add(_write_row(tx, field.of, parent, row, present, (key, position), verbs))
        for gone in sorted(present - kept):
            verbs.delete(tx, field.of, gone, with_parent=True)


def drafts(
    tx: Transaction, item: Object, record_id: str, rows: Mapping[str, list[Mapping[str, Any]]]
) -> dict[str, list[RecordView]]:
    """Return the rows as they will be, so that what is checked of the record sees them."""
    found: dict[str, list[RecordView]] = {}
    for key, sent in rows.items():
        field = item.fields[key]
        if field.of is None or field.link is None:
            continue
        stored = {view.id: view.stored for view in related_views(tx, field, record_id)}
        found[key] = [
            _draft(tx, field.of, (field.link, record_id), row, stored, (key, position))
            for position, row in enumerate(sent)
        ]
    return found


def _draft(
    tx: Transaction,
    child: str,
    parent: tuple[str, str],
    row: Mapping[str, Any],
    stored: Mapping[str, Mapping[str, Any]],
    place: tuple[str, int],
) -> RecordView:
    link, record_id = parent
    item = tx.compiled.catalog.objects[child]
    identity = row.get("id")
    raw = {key: value for key, value in row.items() if key not in ("id", link)}
    with _named(place):
        values = {**read_sent(tx, item, raw, creating=identity is None).values, link: record_id}
        if identity is None:
            add_defaults(tx, item, "", values)
            add_empty(item, values)
    return RecordView(tx, child, str(identity or ""), stored.get(str(identity), {}), values)


def _write_row(
    tx: Transaction,
    child: str,
    parent: tuple[str, str],
    row: Mapping[str, Any],
    present: set[str],
    place: tuple[str, int],
    verbs: Verbs,
) -> str:
    link, record_id = parent
    values = {key: value for key, value in row.items() if key not in ("id", link)}
    identity = row.get("id")
    with _named(place):
        if identity is None:
            return verbs.create(tx, child, {**values, link: record_id}, with_parent=True)
        if identity not in present:
            raise InvalidError([problem(None, "NO_RECORD", "is no row of this record")])
        verbs.update(tx, child, str(identity), values, with_parent=True)
    return str(identity)


@contextmanager
def _named(place: tuple[str, int]) -> Iterator[None]:
    """Let refusals name the row: its field and position."""
    key, position = place
    try:
        yield
    except InvalidError as error:
        raise InvalidError(
            [{**detail, "field": f"{key}[{position}].{detail.get('field') or ''}".rstrip(".")}
             for detail in error.details]
        ) from None  # fmt: skip
