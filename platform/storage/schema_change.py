"""Tables of one catalog → tables of the next, as Alembic operations in the caller's transaction.

Additive only in this part: new tables, columns, link tables and indexes. A field that goes keeps
its column (retired, invisible); a field whose column type changes is refused before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine import Connection
from trellis.metadata.model.catalog import Catalog
from trellis.problems import Problem
from trellis.storage.tables import Physical, column_type, is_stored


def change_problems(old: Catalog, new: Catalog) -> Iterator[Problem]:
    """Yield a problem for each field whose stored values would have to be converted."""
    for key, item in new.objects.items():
        before = old.objects.get(key)
        for name, field in item.fields.items():
            was = before.fields.get(name) if before is not None else None
            if was is None or not (is_stored(was) and is_stored(field)):
                continue
            if repr(column_type(was)) != repr(column_type(field)):
                yield Problem(
                    field.location, "APPLY001",
                    f"`{name}` of `{key}` changes from `{was.type}` to `{field.type}`",
                    "give the new field another key and move the values",
                )  # fmt: skip


def create_missing(connection: Connection, physical: Physical) -> list[str]:
    """Create what the tables lack and return a line for each operation."""
    operations = Operations(MigrationContext.configure(connection))
    inspector = sa.inspect(connection)
    existing = set(inspector.get_table_names())
    done: list[str] = []
    tables = list(physical.metadata.tables.values())
    missing = [table for table in tables if table.name not in existing]
    physical.metadata.create_all(connection, tables=missing, checkfirst=False)
    done += [f"create table {table.name}" for table in missing]
    for table in tables:
        if table.name in existing:
            done.extend(_add_columns(operations, inspector, table))
    return done


def _add_columns(operations: Operations, inspector: sa.Inspector, table: sa.Table) -> Iterator[str]:
    columns = {column["name"] for column in inspector.get_columns(table.name)}
    for column in table.columns:
        if column.name not in columns:
            operations.add_column(table.name, column._copy())
            yield f"add column {table.name}.{column.name}"
    indexes = {index["name"] for index in inspector.get_indexes(table.name)}
    for index in sorted(table.indexes, key=lambda item: str(item.name)):
        if index.name not in indexes:
            index.create(operations.get_bind())
            yield f"create index {index.name}"
