"""What a person may name in a write: records they see, files that are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from trellis.engine.errors import InvalidError, problem
from trellis.engine.records.checks import rows_allow
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, view_of
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import FILE_TYPES, TO_MANY_TYPES, TO_ONE_TYPES, FieldType
from trellis.metadata.model.objects import Object
from trellis.storage.platform_tables.talk import FILE

_REFERENCES = TO_ONE_TYPES | TO_MANY_TYPES
_FILES = FILE_TYPES | {FieldType.FILES}


def check_named(tx: Transaction, item: Object, record_id: str, values: Mapping[str, Any]) -> None:
    """Raise InvalidError for references and files that are none to whoever sent them.

    What may not be seen gets the answer of what is not there.
    """
    if tx.actor.is_system:
        return
    problems = [
        *_reference_problems(tx, item, values),
        *_file_problems(tx, item, record_id, values),
    ]
    if problems:
        raise InvalidError(problems)


def _reference_problems(
    tx: Transaction, item: Object, values: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for key, value in values.items():
        definition = item.fields.get(key)
        if definition is None or definition.type not in _REFERENCES:
            continue
        for identity in _ids(value):
            view = view_of(tx, definition.to or "", identity)
            if view is not None and not _may_name(tx, view):
                yield problem(key, "NO_RECORD", "names a record that does not exist")


def _may_name(tx: Transaction, view: RecordView) -> bool:
    """Tell whether a record may be named: it is seen, or nothing of its kind ever is."""
    rows = tx.rights(view.object.key).may(Action.READ)
    return not rows or rows_allow(tx, rows, view)


def _file_problems(
    tx: Transaction, item: Object, record_id: str, values: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    named = dict(_files_in(item, values))
    wanted = {identity for ids in named.values() for identity in ids}
    if not wanted:
        return
    columns, me = FILE.c, tx.actor.principal.id
    own = sa.and_(columns.record_id.is_(None), columns.uploaded_by == me)
    here = sa.and_(columns.object_key == item.key, columns.record_id == record_id)
    statement = sa.select(columns.id).where(columns.id.in_(wanted), sa.or_(own, here))
    usable = set(tx.connection.execute(statement).scalars())
    for key, ids in named.items():
        if not usable.issuperset(ids):
            yield problem(key, "NO_FILE", "names a file that does not exist")


def take_files(tx: Transaction, item: Object, record_id: str, values: Mapping[str, Any]) -> None:
    """Give the files that a write names to its record."""
    for key, ids in _files_in(item, values):
        if ids:
            attach(tx, item.key, record_id, key, ids)


def attach(
    tx: Transaction, object_key: str, record_id: str, field_key: str | None, ids: list[str]
) -> None:
    """Give files of the actor to a record; files of others and attached ones stay as they are."""
    columns = FILE.c
    tx.connection.execute(
        sa.update(FILE)
        .where(
            columns.id.in_(sorted(set(ids))),
            columns.record_id.is_(None),
            columns.uploaded_by == tx.actor.principal.id,
        )
        .values(object_key=object_key, record_id=record_id, field_key=field_key)
    )


def _files_in(item: Object, values: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for key, value in values.items():
        definition = item.fields.get(key)
        if definition is not None and definition.type in _FILES:
            yield key, _ids(value)


def _ids(value: Any) -> list[str]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
