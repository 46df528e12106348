"""Published catalogs in the database: package files kept as they came, newest version wins."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.metadata.package import Package, package_from_files
from trellis.storage.names import PhysicalNames, default_name
from trellis.storage.platform_tables.catalog import CATALOG, PHYSICAL_NAME


def pack(packages: Iterable[Package]) -> bytes:
    """Return the files of packages as one compressed text."""
    plain = {
        package.app: {name: base64.b64encode(content).decode() for name, content in
                      package.files.items()}
        for package in packages
    }  # fmt: skip
    return zlib.compress(orjson.dumps(plain), 6)


def unpack(blob: bytes) -> tuple[Package, ...]:
    """Return the packages of a compressed text."""
    plain = orjson.loads(zlib.decompress(blob))
    return tuple(
        package_from_files({name: base64.b64decode(text) for name, text in files.items()},
                           prefix=f"{app}/")
        for app, files in plain.items()
    )  # fmt: skip


def current_version(connection: Connection) -> int:
    """Return the newest published version, 0 before the first."""
    return int(connection.execute(_VERSION).scalar() or 0)


_VERSION = sa.select(sa.func.max(CATALOG.c.version))


def load_packages(connection: Connection, version: int) -> tuple[Package, ...]:
    """Return the packages of a published version; none for version 0."""
    statement = sa.select(CATALOG.c.packages).where(CATALOG.c.version == version)
    blob = connection.execute(statement).scalar()
    return () if blob is None else unpack(bytes(blob))


def store_version(
    connection: Connection,
    version: int,
    packages: Sequence[Package],
    *,
    at: datetime,
    by: str,
    summary: str,
) -> None:
    """Write a new published version."""
    digest = ":".join(package.content_hash for package in packages)
    connection.execute(
        sa.insert(CATALOG).values(
            version=version, published_at=at, published_by=by, summary=summary,
            content_hash=digest, packages=pack(packages),
        )
    )  # fmt: skip


def load_names(connection: Connection) -> PhysicalNames:
    """Return the physical names given so far."""
    rows = connection.execute(sa.select(PHYSICAL_NAME).where(PHYSICAL_NAME.c.retired == 0))
    return PhysicalNames({(row.object_key, row.field_key): row.name for row in rows})


def give_names(connection: Connection, wanted: Iterable[tuple[str, str]]) -> PhysicalNames:
    """Give a name to every object and field that has none, and return all names."""
    given = dict(load_names(connection).given)
    taken = {(object_key, name) for (object_key, _), name in given.items()}
    rows: list[dict[str, Any]] = []
    for object_key, field_key in wanted:
        if (object_key, field_key) in given:
            continue
        base = f"f_{field_key}" if field_key else f"r_{object_key}"
        name = default_name(base)
        number = 2
        while (object_key, name) in taken:
            name, number = default_name(f"{base}_{number}"), number + 1
        taken.add((object_key, name))
        given[(object_key, field_key)] = name
        rows.append({"object_key": object_key, "field_key": field_key, "name": name})
    if rows:
        connection.execute(sa.insert(PHYSICAL_NAME), rows)
    return PhysicalNames(given)
