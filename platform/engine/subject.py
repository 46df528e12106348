"""An object's table in a statement, as conditions see it: joins are added when a path needs one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from trellis.engine.compiled import CompiledCatalog
from trellis.expressions.to_sql import SqlRelated, SqlSubject, SqlValue
from trellis.metadata.model.fields import (
    EXACT_TYPES,
    INVERSE_TYPES,
    NUMBER_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.storage.types import ExactNumber

_KINDS = {FieldType.BOOLEAN: "boolean", FieldType.DATE: "date", FieldType.DATETIME: "datetime",
          FieldType.DURATION: "duration", FieldType.INTEGER: "number"}  # fmt: skip


def target_of(item: Object, name: str) -> str | None:
    """Return the object a to-one field or system field leads to."""
    definition = item.fields.get(name)
    if definition is not None:
        return definition.to if definition.type in TO_ONE_TYPES else None
    kind = SYSTEM_FIELDS.get(name)
    if kind is FieldType.USER:
        return "user"
    return "department" if kind is FieldType.REF else None


def sql_value(column: ColumnElement[Any], definition: Field | None) -> SqlValue:
    """Return a column as a value of the language."""
    kind = "string"
    if definition is not None:
        kind = _kind_of(definition)
    elif not isinstance(column.type, sa.Text):
        kind = "number" if isinstance(column.type, sa.Integer) else "datetime"
    scale = column.type.scale if isinstance(column.type, ExactNumber) else None
    return SqlValue(column, kind, scale, column.type)


def _kind_of(definition: Field) -> str:
    value = definition.value_type
    if value in EXACT_TYPES or value in NUMBER_TYPES:
        return "number"
    if value in TO_ONE_TYPES:
        return "record"
    return _KINDS.get(value, "string")


def _named(compiled: CompiledCatalog, object_key: str, name: str) -> Any:
    """Return an object's table under a name; made once, because its columns are costly."""
    return compiled.keep(
        ("alias", object_key, name), lambda: compiled.table(object_key).table.alias(name)
    )


@dataclass
class Root:
    """The table a statement is about, and the joins that its paths made."""

    compiled: CompiledCatalog
    object: Object
    table: Any
    joins: dict[tuple[str, ...], tuple[Any, ColumnElement[bool]]] = field(default_factory=dict)

    @classmethod
    def of(cls, compiled: CompiledCatalog, object_key: str) -> Root:
        """Return the root of a statement about an object."""
        item = compiled.catalog.objects[object_key]
        return cls(compiled, item, _named(compiled, object_key, "t"))

    def subject(self) -> Subject:
        """Return the root as expressions see it."""
        return Subject(self, self.object, self.table, ())

    def from_clause(self) -> Any:
        """Return the table with its joins."""
        clause = self.table
        for alias, condition in self.joins.values():
            clause = clause.outerjoin(alias, condition)
        return clause


@dataclass
class Subject:
    """A table reached from the root through references: each path joins once."""

    root: Root
    object: Object
    table: Any
    path: tuple[str, ...]

    @property
    def identity(self) -> ColumnElement[Any]:
        """Return the id of the row."""
        return self.table.c.id  # type: ignore[no-any-return]

    def column(self, name: str) -> SqlValue | None:
        """Return the value of a field with a column."""
        column = self.root.compiled.table(self.object.key).columns.get(name)
        if column is None:
            return None
        return sql_value(self.table.c[column.name], self.object.fields.get(name))

    def reference(self, name: str) -> SqlSubject | None:
        """Join what a reference leads to, once per path."""
        target = target_of(self.object, name)
        if target is None or target not in self.root.compiled.catalog.objects:
            return None
        path = (*self.path, name)
        item = self.root.compiled.catalog.objects[target]
        if path not in self.root.joins:
            alias = _named(self.root.compiled, target, f"j_{len(self.root.joins)}")
            link = self.root.compiled.table(self.object.key).columns[name]
            self.root.joins[path] = (alias, alias.c.id == self.table.c[link.name])
        return Subject(self.root, item, self.root.joins[path][0], path)

    def related(self, name: str) -> SqlRelated | None:
        """Return the records behind a to-many field."""
        return related_rows(self.root.compiled, self.object, self.table, name)

    def descendants(self, roots: Any) -> Any | None:
        """Return the ids at or below some records of a tree."""
        return descendants(self.root.compiled, self.object, roots)


@dataclass
class Inner:
    """A row inside a sub-query: its references are scalar sub-queries, so nulls stay nulls."""

    compiled: CompiledCatalog
    object: Object
    table: Any

    @property
    def identity(self) -> ColumnElement[Any]:
        """Return the id of the row."""
        return self.table.c.id  # type: ignore[no-any-return]

    def column(self, name: str) -> SqlValue | None:
        """Return the value of a field with a column."""
        column = self.compiled.table(self.object.key).columns.get(name)
        if column is None:
            return None
        return sql_value(self.table.c[column.name], self.object.fields.get(name))

    def reference(self, name: str) -> SqlSubject | None:
        """Follow a reference by a scalar sub-query per column."""
        target = target_of(self.object, name)
        if target is None or target not in self.compiled.catalog.objects:
            return None
        link = self.compiled.table(self.object.key).columns[name]
        return Scalar(self.compiled, self.compiled.catalog.objects[target],
                      self.table.c[link.name])  # fmt: skip

    def related(self, name: str) -> SqlRelated | None:
        """Return the records behind a to-many field."""
        return related_rows(self.compiled, self.object, self.table, name)

    def descendants(self, roots: Any) -> Any | None:
        """Return the ids at or below some records of a tree."""
        return descendants(self.compiled, self.object, roots)


@dataclass
class Scalar:
    """The record that an id names, read column by column."""

    compiled: CompiledCatalog
    object: Object
    link: ColumnElement[Any]

    @property
    def identity(self) -> ColumnElement[Any]:
        """Return the id of the record."""
        return self.link

    def column(self, name: str) -> SqlValue | None:
        """Return a field of the record."""
        table = self.compiled.table(self.object.key)
        column = table.columns.get(name)
        if column is None:
            return None
        alias = table.table.alias()
        named = sa.select(alias.c[column.name]).where(alias.c.id == self.link)
        found = named.correlate_except(alias).scalar_subquery()
        value = sql_value(alias.c[column.name], self.object.fields.get(name))
        return SqlValue(found, value.kind, value.scale, value.type)

    def reference(self, name: str) -> SqlSubject | None:
        """Follow a further reference."""
        target = target_of(self.object, name)
        value = self.column(name)
        if target is None or value is None:
            return None
        return Scalar(self.compiled, self.compiled.catalog.objects[target], value.element)

    def related(self, name: str) -> SqlRelated | None:
        """Lists behind a reference inside a sub-query are not followed."""
        return None

    def descendants(self, roots: Any) -> Any | None:
        """Return the ids at or below some records of a tree."""
        return descendants(self.compiled, self.object, roots)


def related_rows(
    compiled: CompiledCatalog, item: Object, table: Any, name: str
) -> SqlRelated | None:
    """Return the rows behind a to-many field of the row in `table`."""
    definition = item.fields.get(name)
    if definition is None:
        return None
    if definition.type in INVERSE_TYPES and definition.of and definition.link:
        other = compiled.table(definition.of)
        alias = other.table.alias()
        link = other.columns[definition.link]
        tie = sa.and_(alias.c[link.name] == table.c.id, alias.c.deleted_at.is_(None))
        return SqlRelated(
            (alias,), tie, Inner(compiled, compiled.catalog.objects[definition.of], alias)
        )
    if definition.type in TO_MANY_TYPES and definition.to:
        other = compiled.table(definition.to)
        alias = other.table.alias()
        links = compiled.table(item.key).links[name].table.alias()
        tie = sa.and_(alias.c.id == links.c.target_id, links.c.source_id == table.c.id)
        target = compiled.catalog.objects[definition.to]
        return SqlRelated((alias, links), tie, Inner(compiled, target, alias))
    return None


def descendants(compiled: CompiledCatalog, item: Object, roots: Any) -> Any | None:
    """Return a select of the ids at or below `roots`, None when the object is no tree."""
    if item.tree is None:
        return None
    table = compiled.table(item.key)
    first = table.table.alias()
    below = sa.select(first.c.id).where(first.c.id.in_(roots)).cte(recursive=True)
    child = table.table.alias()
    parent = child.c[table.columns[item.tree].name]
    # UNION, not UNION ALL: a circle in the data ends the recursion.
    below = below.union(sa.select(child.c.id).join_from(below, child, parent == below.c.id))
    return sa.select(below.c.id)
