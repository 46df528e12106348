"""Tables of one catalog → tables of the next, as Alembic operations in the caller's transaction.

Additive: new tables, columns, link tables and indexes, and more digits. What goes keeps its column
under a name that is never given again; indexes that nobody wants any more are dropped. A field
whose stored values would have to be converted is refused before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine import Connection
from trellis.storage.tables import Physical
from trellis.storage.types import ExactNumber

#: Every index that definitions make begins with one of these; others are left alone.
_MANAGED = ("u_", "i_")


@dataclass(frozen=True)
class Changed:
    """What was done: a line for each operation, and the columns that are new to old tables."""

    operations: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


@dataclass
class _Change:
    connection: Connection
    physical: Physical
    lines: list[str] = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.operations = Operations(MigrationContext.configure(self.connection))
        self.sqlite = self.connection.dialect.name == "sqlite"
        self.inspector = sa.inspect(self.connection)
        self.existing = set(self.inspector.get_table_names())


def change_tables(connection: Connection, physical: Physical) -> Changed:
    """Create what the tables lack, drop the indexes nobody wants, and tell what was done."""
    change = _Change(connection, physical)
    tables = list(physical.metadata.tables.values())
    new = [table for table in tables if table.name not in change.existing]
    for table in new:
        _create_table(change, table)
    for table in tables:
        if table.name in change.existing:
            _change_table(change, table)
    if not change.sqlite:  # there a table is made with its references, whatever the order
        for table in new:
            _add_references(change, table, table.columns)
    return Changed(tuple(change.lines), tuple(change.columns))


def _create_table(change: _Change, table: sa.Table) -> None:
    columns = [_plain(column, keep_reference=change.sqlite) for column in table.columns]
    change.operations.create_table(table.name, *columns)
    change.lines.append(f"create table {table.name}")
    for index in _sorted(table.indexes):
        index.create(change.connection)


def _plain(column: sa.Column[object], *, keep_reference: bool) -> sa.Column[object]:
    """Return a column that belongs to no table, with its reference where it can be made at once."""
    keys = [
        sa.ForeignKey(key.target_fullname, deferrable=key.deferrable, initially=key.initially)
        for key in column.foreign_keys
        if keep_reference
    ]
    return sa.Column(column.name, column.type, *keys, primary_key=column.primary_key,
                     nullable=column.nullable, autoincrement=False)  # fmt: skip


def _change_table(change: _Change, table: sa.Table) -> None:
    present = {column["name"]: column for column in change.inspector.get_columns(table.name)}
    added = [column for column in table.columns if column.name not in present]
    for column in added:
        _add_column(change, table, column)
    if not change.sqlite:
        _add_references(change, table, added)
        for column in table.columns:
            if column.name in present:
                _widen(change, table, column, present[column.name]["type"])
    _change_indexes(change, table)


def _add_column(change: _Change, table: sa.Table, column: sa.Column[object]) -> None:
    if change.sqlite and column.foreign_keys:
        # Alembic leaves the reference out, for SQLite cannot add one to a column that is there.
        key = next(iter(column.foreign_keys))
        target, _, of = key.target_fullname.rpartition(".")
        written = sa.schema.CreateColumn(column).compile(dialect=change.connection.dialect)
        late = " DEFERRABLE INITIALLY DEFERRED" if key.deferrable else ""
        change.operations.execute(
            sa.text(
                f"ALTER TABLE {table.name} ADD COLUMN {written} REFERENCES {target} ({of}){late}"
            )
        )
    else:
        change.operations.add_column(table.name, _plain(column, keep_reference=False))
    change.columns.append((table.name, column.name))
    change.lines.append(f"add column {table.name}.{column.name}")


def _add_references(change: _Change, table: sa.Table, columns: Iterable[sa.Column[object]]) -> None:
    for column in columns:
        for key in column.foreign_keys:
            target, _, of = key.target_fullname.rpartition(".")
            change.operations.create_foreign_key(
                None, table.name, target, [column.name], [of],
                deferrable=key.deferrable, initially=key.initially,
            )  # fmt: skip


def _widen(
    change: _Change,
    table: sa.Table,
    column: sa.Column[object],
    present: sa.types.TypeEngine[object],
) -> None:
    """Give a number more digits; on SQLite a scaled integer has room for all of them."""
    wanted = column.type
    if not isinstance(wanted, ExactNumber) or not isinstance(present, sa.Numeric):
        return
    if present.precision is not None and present.precision < wanted.digits:
        change.operations.alter_column(table.name, column.name, type_=wanted)
        change.lines.append(f"widen column {table.name}.{column.name}")


def _change_indexes(change: _Change, table: sa.Table) -> None:
    present = {str(index["name"]) for index in change.inspector.get_indexes(table.name)}
    wanted = {str(index.name) for index in table.indexes}
    for name in sorted(present - wanted):
        if name.startswith(_MANAGED):
            change.operations.drop_index(name, table.name)
            change.lines.append(f"drop index {name}")
    for index in _sorted(table.indexes):
        if str(index.name) not in present:
            index.create(change.connection)
            change.lines.append(f"create index {index.name}")


def _sorted(indexes: Iterable[sa.Index]) -> Iterator[sa.Index]:
    yield from sorted(indexes, key=lambda index: str(index.name))
