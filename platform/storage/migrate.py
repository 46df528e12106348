"""Bring the platform's own tables to the version of this code: Alembic versions in one transaction.

The versions stand in `migrations/versions`; `tools/new_migration.py` writes the next one from what
the tables in `platform_tables` and those of an old database do not have in common.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy.engine import Connection
from trellis.storage.database import Database

FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "trellis_revision"


class NewerSchemaError(RuntimeError):
    """The database was made by a newer Trellis than this one."""


def migrate(database: Database) -> str:
    """Run the missing versions in one transaction and return the newest."""
    script = ScriptDirectory(str(FOLDER))
    newest = str(script.get_current_head())
    with database.write() as connection:
        if current_revision(connection) != newest:
            _upgrade(connection, script)
    return newest


def current_revision(connection: Connection) -> str | None:
    """Return the version that the platform's tables have, None when there are none."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _upgrade(connection: Connection, script: ScriptDirectory) -> None:
    def steps(revision: Any, _context: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)

    try:
        with EnvironmentContext(Config(), script, fn=steps) as environment:
            environment.configure(connection=connection, version_table=VERSION_TABLE)
            environment.run_migrations()
    except (CommandError, ResolutionError) as error:
        found = current_revision(connection)
        raise NewerSchemaError(f"this code does not know version {found} of the tables") from error
