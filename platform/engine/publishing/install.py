"""Install packages: checked as a whole, tables and catalog in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trellis.engine.compiled import CompiledCatalog
from trellis.engine.publishing.backfill import fill_computed
from trellis.engine.publishing.listed import listed_problems
from trellis.metadata.compile import builtin_package, compile_catalog
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.package import Package
from trellis.problems import Problem, ProblemsFoundError
from trellis.storage.altering import altering
from trellis.storage.catalogs import (
    content_hashes,
    current_version,
    give_names,
    load_names,
    load_packages,
    rename_values,
    store_version,
)
from trellis.storage.changes import change_problems, name_changes, uniqueness_problems
from trellis.storage.database import Database
from trellis.storage.migrate import migrate
from trellis.storage.schema_change import change_tables


@dataclass(frozen=True)
class Installed:
    """What an installation did."""

    version: int
    changed: bool
    operations: tuple[str, ...]


def install(
    database: Database,
    packages: Sequence[Package],
    *,
    at: datetime,
    by: str,
    notes: Mapping[str, Any] | None = None,
) -> Installed:
    """Publish `packages` beside the apps that are installed already; same app replaces.

    `notes` is what expressions need besides the record (`decide`), for values computed anew.
    Without packages, what is published is brought to this platform's own objects; it was checked
    when it was published, and is not checked again.
    Raises ProblemsFoundError, and then nothing has changed.
    """
    migrate(database)
    own = builtin_package().content_hash
    with database.read() as connection:
        version = current_version(connection)
        if not packages and version and content_hashes(connection, version)[:1] == (own,):
            return Installed(version, False, ())
    with altering(database) as connection:
        version = current_version(connection)
        present = load_packages(connection, version)
        arriving = {package.app: package for package in packages}
        merged = [arriving.pop(package.app, package) for package in present]
        merged += list(arriving.values())
        hashes = (own, *(package.content_hash for package in merged))
        if version and hashes == content_hashes(connection, version):
            return Installed(version, False, ())
        catalog = compile_catalog(merged, version=version + 1, published=not packages)
        old = compile_catalog(present, version=version, published=True)
        _stop_on(change_problems(old, catalog))
        _stop_on(listed_problems(catalog) if packages else ())
        before = CompiledCatalog(old, load_names(connection, version))
        changes = name_changes(old, catalog)
        names = give_names(connection, _wanted_names(catalog), version + 1,
                           renamed=changes.renamed, ended=changes.ended)  # fmt: skip
        compiled = CompiledCatalog(catalog, names)
        _stop_on(uniqueness_problems(connection, before.physical, compiled.physical, catalog))
        rename_values(connection, changes.renamed)
        done = change_tables(connection, compiled.physical)
        fill_computed(connection, compiled, done.columns, at=at, notes=notes or {})
        summary = ", ".join(f"{p.app} {p.version}" for p in packages) or builtin_package().app
        store_version(connection, version + 1, merged, hashes=hashes, at=at, by=by, summary=summary)
        return Installed(version + 1, True, done.operations)


def _stop_on(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise ProblemsFoundError(found)


def _wanted_names(catalog: Catalog) -> list[tuple[str, str]]:
    return [(key, field) for key, item in catalog.objects.items() for field in ("", *item.fields)]
