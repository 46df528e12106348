"""The platform's own tables: every version applied gives the tables the code expects."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from trellis.storage.altering import DanglingReferenceError, altering
from trellis.storage.database import Database
from trellis.storage.migrate import VERSION_TABLE, NewerSchemaError, current_revision, migrate
from trellis.storage.platform_tables import METADATA


def test_all_versions_together_make_the_tables_of_the_code(database: Database) -> None:
    migrate(database)

    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [one for one in compare_metadata(context, METADATA) if not _is_version(one)]
    # Mend with: python tools/new_migration.py "what changes"
    assert differences == []


def _is_version(difference: object) -> bool:
    return isinstance(difference, tuple) and getattr(difference[1], "name", "") == VERSION_TABLE


def test_a_second_run_changes_nothing(database: Database) -> None:
    newest = migrate(database)

    assert migrate(database) == newest
    with database.read() as connection:
        assert current_revision(connection) == newest


def test_a_version_that_fails_half_way_leaves_nothing(database: Database) -> None:
    with database.write() as connection:  # in the way of the first version
        connection.execute(sa.text("CREATE TABLE trellis_task (id TEXT)"))

    with pytest.raises(sa.exc.DBAPIError):
        migrate(database)

    with database.read() as connection:
        assert sa.inspect(connection).get_table_names() == ["trellis_task"]


def test_tables_of_a_newer_trellis_are_left_alone(database: Database) -> None:
    migrate(database)
    with database.write() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))

    with pytest.raises(NewerSchemaError, match="9999"):
        migrate(database)


def _family(connection: sa.Connection) -> None:
    connection.execute(sa.text("CREATE TABLE parent (id TEXT PRIMARY KEY, name TEXT)"))
    connection.execute(
        sa.text(
            "CREATE TABLE child (id TEXT PRIMARY KEY,"
            " parent_id TEXT REFERENCES parent (id) ON DELETE CASCADE)"
        )
    )
    connection.execute(sa.text("INSERT INTO parent VALUES ('p', 'one')"))
    connection.execute(sa.text("INSERT INTO child VALUES ('c', 'p')"))


def test_rebuilding_a_table_that_others_refer_to_keeps_their_rows(database: Database) -> None:
    with database.write() as connection:
        _family(connection)

    with altering(database) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("parent", recreate="auto") as batch:
            batch.alter_column("name", type_=sa.String(50), existing_type=sa.Text())

    with database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM child")).scalar() == 1


def test_a_change_that_leaves_a_reference_to_nothing_is_undone(database: Database) -> None:
    with database.write() as connection:
        _family(connection)

    with (
        pytest.raises((DanglingReferenceError, sa.exc.DBAPIError)),
        altering(database) as connection,
    ):
        connection.execute(sa.text("UPDATE child SET parent_id = 'nobody'"))

    with database.write() as connection:
        assert connection.execute(sa.text("SELECT parent_id FROM child")).scalar() == "p"
        if database.is_sqlite:  # and the pragma is on again
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
