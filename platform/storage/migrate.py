"""Bring the platform's own tables to the version of this code, through Alembic operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine import Connection
from trellis.storage.database import Database
from trellis.storage.platform_tables import METADATA

_VERSION = sa.Table(
    "trellis_schema_version", sa.MetaData(), sa.Column("version", sa.Integer(), primary_key=True)
)


class NewerSchemaError(RuntimeError):
    """The database was made by a newer Trellis than this one."""


def _baseline(operations: Operations) -> None:
    for table in METADATA.sorted_tables:
        operations.create_table(table.name, *(column._copy() for column in table.columns))
        for index in sorted(table.indexes, key=lambda item: str(item.name)):
            names = [column.name for column in index.columns]
            operations.create_index(str(index.name), table.name, names, unique=index.unique)


MIGRATIONS: Mapping[int, Callable[[Operations], None]] = {1: _baseline}


def migrate(database: Database) -> int:
    """Run the missing migrations in one transaction and return the version."""
    newest = max(MIGRATIONS)
    with database.write() as connection:
        _VERSION.create(connection, checkfirst=True)
        current = _current(connection)
        if current > newest:
            raise NewerSchemaError(f"the database has version {current}, this code {newest}")
        operations = Operations(MigrationContext.configure(connection))
        for version in range(current + 1, newest + 1):
            MIGRATIONS[version](operations)
            connection.execute(sa.insert(_VERSION).values(version=version))
    return newest


def _current(connection: Connection) -> int:
    found = connection.execute(sa.select(sa.func.max(_VERSION.c.version))).scalar()
    return int(found or 0)
