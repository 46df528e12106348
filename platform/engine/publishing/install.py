"""Install packages: checked as a whole, tables and catalog in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from trellis.engine.publishing.listed import listed_problems
from trellis.metadata.compile import builtin_package, compile_catalog
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.package import Package
from trellis.problems import ProblemsFoundError
from trellis.storage.catalogs import (
    current_version,
    give_names,
    load_packages,
    store_version,
)
from trellis.storage.database import Database
from trellis.storage.migrate import migrate
from trellis.storage.schema_change import change_problems, create_missing
from trellis.storage.tables import Physical


@dataclass(frozen=True)
class Installed:
    """What an installation did."""

    version: int
    changed: bool
    operations: tuple[str, ...]


def install(database: Database, packages: Sequence[Package], *, at: datetime, by: str) -> Installed:
    """Publish `packages` beside the apps that are installed already; same app replaces.

    Raises ProblemsFoundError, and then nothing has changed.
    """
    migrate(database)
    with database.write() as connection:
        version = current_version(connection)
        present = load_packages(connection, version)
        arriving = {package.app: package for package in packages}
        merged = [arriving.pop(package.app, package) for package in present]
        merged += list(arriving.values())
        if version and [p.content_hash for p in merged] == [p.content_hash for p in present]:
            return Installed(version, False, ())
        catalog = compile_catalog(merged, version=version + 1)
        old = compile_catalog(present, version=version)
        problems = [*change_problems(old, catalog), *listed_problems(catalog)]
        if problems:
            raise ProblemsFoundError(problems)
        names = give_names(connection, _wanted_names(catalog))
        operations = create_missing(connection, Physical.of(catalog, names))
        summary = ", ".join(f"{p.app} {p.version}" for p in packages) or builtin_package().app
        store_version(connection, version + 1, merged, at=at, by=by, summary=summary)
        return Installed(version + 1, True, tuple(operations))


def _wanted_names(catalog: Catalog) -> list[tuple[str, str]]:
    return [(key, field) for key, item in catalog.objects.items() for field in ("", *item.fields)]
