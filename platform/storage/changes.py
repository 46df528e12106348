"""What a change of definitions means for stored values: kept, moved, computed again, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import (
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
    has_column,
)
from trellis.metadata.model.objects import Object
from trellis.problems import Location, Problem
from trellis.storage.tables import ObjectTable, Physical, column_type
from trellis.storage.types import ExactNumber

FieldName = tuple[str, str]
_COMPUTED = frozenset({FieldType.FORMULA, FieldType.ROLLUP})


@dataclass(frozen=True)
class NameChanges:
    """Fields with a new key, and fields whose place in the tables is given up."""

    renamed: Mapping[FieldName, FieldName]
    ended: frozenset[FieldName]


def name_changes(old: Catalog, new: Catalog) -> NameChanges:
    """Return which fields go on under another key, and which names are not used again."""
    renamed: dict[FieldName, FieldName] = {}
    for key, item in new.objects.items():
        before = old.objects.get(key)
        for name, field in item.fields.items():
            was = field.was
            if before is not None and was in before.fields and name not in before.fields:
                renamed[key, str(was)] = (key, name)
    ended = {
        (key, name)
        for key, item in old.objects.items()
        for name, field in item.fields.items()
        if (key, name) not in renamed and _is_given_up(new.objects.get(key), field)
    }
    objects = {(key, "") for key in old.objects if key not in new.objects}
    return NameChanges(renamed, frozenset(ended | objects))


def _is_given_up(item: Object | None, was: Field) -> bool:
    """Tell whether the place of a field's values is not this field's any more."""
    field = item.fields.get(was.key) if item is not None else None
    if field is None:
        return True
    if _form(was) is None:
        return False
    if _form(field) is None:
        return True
    return was.type in _COMPUTED and field.type in _COMPUTED and _form(was) != _form(field)


def _form(field: Field) -> tuple[str, ...] | None:
    """Return how and where values are stored, None when they are not."""
    if field.type in TO_MANY_TYPES:
        return ("links", field.to or "")
    if not has_column(field):
        return None
    kind = column_type(field)
    # More digits need no conversion, another scale does.
    shape = f"number of scale {kind.scale}" if isinstance(kind, ExactNumber) else repr(kind)
    group = field.type.value if shape.startswith("Id") else ""
    return (shape, field.to or "" if field.type in TO_ONE_TYPES else "", group)


def change_problems(old: Catalog, new: Catalog) -> Iterator[Problem]:
    """Yield a problem for each field whose stored values would have to be converted."""
    renamed = {after: before for before, after in name_changes(old, new).renamed.items()}
    for key, item in new.objects.items():
        before = old.objects.get(key)
        for name, field in item.fields.items():
            _, old_name = renamed.get((key, name), (key, name))
            was = before.fields.get(old_name) if before is not None else None
            if was is not None:
                yield from _conversion_problems(item, field, was)


def _conversion_problems(item: Object, field: Field, was: Field) -> Iterator[Problem]:
    if was.type in _COMPUTED and field.type in _COMPUTED:
        return  # its values are computed again
    old, new = _form(was), _form(field)
    place = field.location if field.place is None else field.place.at("type")
    if old is not None and new is not None and old != new:
        yield Problem(place, "APPLY001",
                      f"`{field.key}` of `{item.key}` holds `{_words(was)}`, which do not become "
                      f"`{_words(field)}` by themselves",
                      "give the new field another key and move the values")  # fmt: skip
    elif _digits(field) < _digits(was):
        yield Problem(place, "APPLY002",
                      f"`{field.key}` of `{item.key}` may hold numbers of {was.digits} digits, "
                      f"{field.digits} are too few for them",
                      f"write `digits: {was.digits}` or more")  # fmt: skip


def _words(field: Field) -> str:
    text = str(field.type)
    return f"{text} to {field.to}" if field.to is not None else text


def _digits(field: Field) -> int:
    return field.digits if has_column(field) and _is_exact(field) else 0


def _is_exact(field: Field) -> bool:
    return isinstance(column_type(field), ExactNumber)


def uniqueness_problems(
    connection: Connection, old: Physical, new: Physical, catalog: Catalog
) -> Iterator[Problem]:
    """Yield a problem for each new promise of uniqueness that stored records break already."""
    for key, table in new.objects.items():
        before = old.objects.get(key)
        if before is None or before.table.name != table.table.name:
            continue
        known = {index.name for index in before.table.indexes}
        for index in sorted(table.table.indexes, key=lambda one: str(one.name)):
            columns = [before.table.c.get(column.name) for column in index.columns]
            fresh = any(column is None for column in columns)
            if not index.unique or index.name in known or fresh:
                continue
            shared = connection.execute(_shared_values(before, index)).scalar()
            if shared:
                names = [_field_of(table, column.name) for column in index.columns]
                text = " and ".join(f"`{name}`" for name in names)
                yield Problem(_place(catalog.objects[key], names), "APPLY003",
                              f"{text} of `{key}` cannot be unique: {shared} values are shared by "
                              "several records", "make the values different first")  # fmt: skip


def _shared_values(table: ObjectTable, index: sa.Index) -> sa.Select[Any]:
    columns = [table.table.c[column.name] for column in index.columns]
    groups = (
        sa.select(*columns)
        .where(table.table.c.deleted_at.is_(None), *(column.is_not(None) for column in columns))
        .group_by(*columns)
        .having(sa.func.count() > 1)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(groups)


def _field_of(table: ObjectTable, column: str) -> str:
    return next((key for key, one in table.columns.items() if one.name == column), column)


def _place(item: Object, names: list[str]) -> Location:
    field = item.fields.get(names[0])
    if len(names) > 1 or field is None:
        return item.location if item.place is None else item.place.at("unique")
    return field.location if field.place is None else field.place.at("unique")
