"""One real table per object, one typed column per field (architecture.md 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import (
    EXACT_TYPES,
    FILE_TYPES,
    TEXT_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
    has_column,
)
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.storage.names import PhysicalNames, default_name
from trellis.storage.types import ClockTime, Duration, ExactNumber, Id, Json, UtcDateTime

_JSON_TYPES = frozenset({FieldType.CHOICES, FieldType.FILES, FieldType.JSON, FieldType.ADDRESS,
                         FieldType.GEO})  # fmt: skip


@dataclass(frozen=True)
class LinkTable:
    """The pairs of a to-many reference, in the author's order."""

    field: str
    target: str
    table: sa.Table


@dataclass(frozen=True)
class ObjectTable:
    """An object's table; `columns` holds system fields too, by field key."""

    key: str
    table: sa.Table
    columns: Mapping[str, sa.Column[object]]
    fields: Mapping[str, Field]
    links: Mapping[str, LinkTable] = field(default_factory=dict)


@dataclass(frozen=True)
class Physical:
    """The tables of a catalog."""

    metadata: sa.MetaData
    objects: Mapping[str, ObjectTable]

    @classmethod
    def of(cls, catalog: Catalog, names: PhysicalNames) -> Physical:
        """Return the tables of every object of the catalog."""
        metadata = sa.MetaData()
        objects = {
            key: _object_table(item, names, metadata) for key, item in catalog.objects.items()
        }
        return cls(metadata, objects)


def is_stored(item: Field) -> bool:
    """Tell whether a field has a column of its own."""
    return has_column(item)


def _object_table(item: Object, names: PhysicalNames, metadata: sa.MetaData) -> ObjectTable:
    table_name = names.table(item.key)
    columns: dict[str, sa.Column[object]] = {key: _system_column(key) for key in SYSTEM_FIELDS}
    for key, definition in item.fields.items():
        if is_stored(definition):
            columns[key] = _column(item, definition, names)
    table = sa.Table(table_name, metadata, *columns.values(),
                     *_constraints(item, columns, names, table_name))  # fmt: skip
    links = {
        key: LinkTable(key, definition.to or "", _link_table(item, definition, names, metadata))
        for key, definition in item.fields.items()
        if definition.type in TO_MANY_TYPES
    }
    return ObjectTable(item.key, table, columns, item.fields, links)


def _system_column(key: str) -> sa.Column[object]:
    if key == "id":
        return sa.Column("id", Id(), primary_key=True)
    kinds: Mapping[FieldType, TypeEngine[Any]] = {
        FieldType.DATETIME: UtcDateTime(), FieldType.USER: Id(), FieldType.REF: Id(),
        FieldType.INTEGER: sa.Integer(), FieldType.TEXT: sa.Text(),
    }  # fmt: skip
    needed = key in ("rev", "created_at", "updated_at")
    return sa.Column(key, kinds[SYSTEM_FIELDS[key]], nullable=not needed)


def column_type(item: Field) -> TypeEngine[Any]:
    """Return the column type of a field's value."""
    kind = item.value_type
    if kind in TEXT_TYPES:
        return sa.Text(collation=None)
    if kind in EXACT_TYPES:
        return ExactNumber(item.digits, item.scale)
    if kind in TO_ONE_TYPES or kind in FILE_TYPES:
        return Id()
    return Json() if kind in _JSON_TYPES else _SIMPLE_TYPES[kind]


_SIMPLE_TYPES: Mapping[FieldType, TypeEngine[Any]] = {
    FieldType.INTEGER: sa.BigInteger(),
    FieldType.BOOLEAN: sa.Boolean(create_constraint=False),
    FieldType.DATE: sa.Date(),
    FieldType.DATETIME: UtcDateTime(),
    FieldType.TIME: ClockTime(),
    FieldType.DURATION: Duration(),
}


def _column(item: Object, definition: Field, names: PhysicalNames) -> sa.Column[object]:
    name = names.column(item.key, definition.key)
    kind = column_type(definition)
    if definition.type in TO_ONE_TYPES and definition.to is not None:
        key = sa.ForeignKey(f"{names.table(definition.to)}.id", deferrable=True,
                            initially="DEFERRED")  # fmt: skip
        return sa.Column(name, kind, key, nullable=True)
    return sa.Column(name, kind, nullable=True)


def _constraints(
    item: Object,
    columns: Mapping[str, sa.Column[object]],
    names: PhysicalNames,
    table_name: str,
) -> list[sa.Index]:
    groups: dict[tuple[str, ...], bool] = {}
    for key, definition in item.fields.items():
        if key in columns and definition.unique:
            groups[(key,)] = True
        elif key in columns and (definition.index or definition.type in TO_ONE_TYPES):
            groups[(key,)] = False
    if item.lifecycle is not None:
        groups.setdefault((item.lifecycle.field,), False)
    groups.update(dict.fromkeys(item.indexes, False))
    groups.update(dict.fromkeys(item.unique, True))
    groups.setdefault(("created_at", "id"), False)
    return [
        _index(group, [columns[key] for key in group], table_name, unique=unique)
        for group, unique in groups.items()
        if all(key in columns for key in group)
    ]


def _index(
    group: tuple[str, ...], columns: list[sa.Column[object]], table: str, *, unique: bool
) -> sa.Index:
    """Return an index; what is deleted may be made again, so uniqueness leaves it out."""
    name = default_name(f"{'u' if unique else 'i'}_{table}_" + "_".join(c.name for c in columns))
    if not unique:
        return sa.Index(name, *columns)
    alive = sa.text("deleted_at IS NULL")
    return sa.Index(name, *columns, unique=True, sqlite_where=alive, postgresql_where=alive)


def _link_table(
    item: Object, definition: Field, names: PhysicalNames, metadata: sa.MetaData
) -> sa.Table:
    name = default_name(f"l_{names.table(item.key)}_{names.column(item.key, definition.key)}")
    target = names.table(definition.to or "")
    return sa.Table(
        name,
        metadata,
        sa.Column("source_id", Id(), sa.ForeignKey(f"{names.table(item.key)}.id"),
                  primary_key=True),
        sa.Column("target_id", Id(), sa.ForeignKey(f"{target}.id"), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Index(default_name(f"i_{name}_target"), "target_id"),
    )  # fmt: skip
