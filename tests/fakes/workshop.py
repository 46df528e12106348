"""A workspace on an empty database into which a test installs small apps, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from trellis.clock import SetClock
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM
from trellis.engine.publishing.install import Installed
from trellis.engine.query import PageRequest
from trellis.metadata.package import package_from_files
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.storage.tables import ObjectTable
from trellis.wiring import Application, open_application

HEAD = "app: {app}\nversion: {version}\nlabel: App\n"


class Workshop:
    """A workspace, and short ways to change and to use it as the platform itself."""

    def __init__(self, database: Database, folder: Path) -> None:
        url = database.url.render_as_string(hide_password=False)
        self.clock = SetClock()
        settings = Settings(folder, url, "k" * 40, folder / "files")
        self.app: Application = open_application(settings, self.clock)
        self.releases = 0

    def close(self) -> None:
        """Let go of the database."""
        self.app.database.dispose()

    def install(self, objects: str, *, app: str = "shop", **files: str) -> Installed:
        """Install an app with these objects, in place of what it was before."""
        self.releases += 1
        whole = {"app.yaml": HEAD.format(app=app, version=f"1.0.{self.releases}"),
                 "objects.yaml": f"objects:\n{objects}",
                 **{f"{name}.yaml": text for name, text in files.items()}}  # fmt: skip
        package = package_from_files({name: text.encode() for name, text in whole.items()})
        return self.app.install([package])

    def create(self, object_key: str, **values: Any) -> str:
        """Create a record and return its id."""
        with self.app.workspace.transaction(SYSTEM) as tx:
            return records.create(tx, object_key, values)

    def update(self, object_key: str, record_id: str, **values: Any) -> None:
        """Change a record."""
        with self.app.workspace.transaction(SYSTEM) as tx:
            records.update(tx, object_key, record_id, values)

    def delete(self, object_key: str, record_id: str) -> None:
        """Delete a record."""
        with self.app.workspace.transaction(SYSTEM) as tx:
            records.delete(tx, object_key, record_id)

    def get(self, object_key: str, record_id: str) -> Mapping[str, Any]:
        """Return a record."""
        with self.app.workspace.reading(SYSTEM) as tx:
            return query.get(tx, object_key, record_id)

    def values(self, object_key: str, field: str, **request: Any) -> list[Any]:
        """Return a field of the records of a page."""
        with self.app.workspace.reading(SYSTEM) as tx:
            page = query.page(tx, object_key, PageRequest(**request))
        return [item[field] for item in page.items]

    def table(self, object_key: str) -> ObjectTable:
        """Return an object's table as it is now."""
        with self.app.workspace.reading(SYSTEM) as tx:
            return tx.compiled.table(object_key)

    def column(self, object_key: str, field: str) -> str:
        """Return the name of a field's column."""
        return str(self.table(object_key).columns[field].name)

    def sql(self, statement: str) -> list[Any]:
        """Run a statement beside the engine and return its rows."""
        with self.app.database.write() as connection:
            found = connection.execute(sa.text(statement))
            return [row[0] for row in found] if found.returns_rows else []

    def inspect(self) -> sa.Inspector:
        """Return what the database says of its tables."""
        return sa.inspect(self.app.database.engine)
