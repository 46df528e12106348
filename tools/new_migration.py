"""Write the next version of the platform's tables from what `platform_tables` changed.

python tools/new_migration.py "what changes"
"""

from __future__ import annotations

import sys
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from trellis.storage.database import Database
from trellis.storage.migrate import FOLDER, current_revision, migrate
from trellis.storage.platform_tables import METADATA

_TEMPLATE = '''"""{about}."""

import sqlalchemy as sa
from alembic import op
from trellis.storage import types

revision = {revision!r}
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    {body}


def downgrade() -> None:
    """Undo the change."""
    {undo}
'''


def main(about: str) -> int:
    """Write the file and say where it is."""
    database = Database("sqlite://")
    versions = FOLDER / "versions"
    if any(versions.glob("v*.py")):
        migrate(database)
    with database.write() as connection:
        before = current_revision(connection)
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "user_module_prefix": "types.", "include_object": _is_ours},
        )
        script: MigrationScript = produce_migrations(context, METADATA)
    if script.upgrade_ops is None or script.downgrade_ops is None or script.upgrade_ops.is_empty():
        print("nothing has changed")
        return 1
    revision = f"{int(before or 0) + 1:04d}"
    name = "_".join(about.lower().split())[:40]
    path = versions / f"v{revision}_{name}.py"
    parts = [render_python_code(ops, user_module_prefix="types.", migration_context=context)
             for ops in (script.upgrade_ops, script.downgrade_ops)]  # fmt: skip
    body, undo = ("\n".join(line for line in part.splitlines() if "###" not in line).strip()
                  for part in parts)  # fmt: skip
    path.write_text(_TEMPLATE.format(about=about, revision=revision, before=before, body=body,
                                     undo=undo))  # fmt: skip
    print(Path(path).relative_to(Path.cwd()))
    return 0


def _is_ours(_item: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    return kind != "table" or ((name or "").startswith("trellis_") and name != "trellis_revision")


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:]) or "change"))
