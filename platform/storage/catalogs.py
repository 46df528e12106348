"""Published catalogs in the database: package files kept as they came, newest version wins."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.metadata.package import Package, package_from_files
from trellis.storage.names import PhysicalNames, default_name
from trellis.storage.platform_tables.catalog import CATALOG, PHYSICAL_NAME, SEQUENCE
from trellis.storage.platform_tables.talk import FILE
from trellis.storage.prepared import Kept

#: An object's key and a field's; of the object itself the field's is empty.
FieldName = tuple[str, str]


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
                           prefix=f"{app}/", published=True)
        for app, files in plain.items()
    )  # fmt: skip


def current_version(connection: Connection) -> int:
    """Return the newest published version, 0 before the first."""
    row = _VERSION.of(connection).first(connection, {})
    return 0 if row is None else int(row[0] or 0)


_VERSION = Kept(sa.select(sa.func.max(CATALOG.c.version)))


def content_hashes(connection: Connection, version: int) -> tuple[str, ...]:
    """Return what a published version was made of: the platform's own package, then the others."""
    statement = sa.select(CATALOG.c.content_hash).where(CATALOG.c.version == version)
    found = connection.execute(statement).scalar()
    return () if found is None else tuple(str(found).split(":"))


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
    hashes: Sequence[str],
    at: datetime,
    by: str,
    summary: str,
) -> None:
    """Write a new published version; `hashes` are of the platform's own package, then of these."""
    connection.execute(
        sa.insert(CATALOG).values(
            version=version, published_at=at, published_by=by, summary=summary,
            content_hash=":".join(hashes), packages=pack(packages),
        )
    )  # fmt: skip


def load_names(connection: Connection, version: int) -> PhysicalNames:
    """Return the physical names as they were at a version of the catalog."""
    c = PHYSICAL_NAME.c
    statement = sa.select(c.object_key, c.field_key, c.name).where(
        c.since <= version, sa.or_(c.until.is_(None), c.until > version)
    )
    rows = connection.execute(statement)
    return PhysicalNames({(row.object_key, row.field_key): row.name for row in rows})


def give_names(
    connection: Connection,
    wanted: Iterable[FieldName],
    version: int,
    *,
    renamed: Mapping[FieldName, FieldName],
    ended: Collection[FieldName],
) -> PhysicalNames:
    """Give a name to every object and field that has none, and return those of `version`.

    A renamed field keeps its name; a name that ended is never given again.
    """
    given = dict(load_names(connection, version).given)
    _end(connection, version, [*(key for key in ended if key in given), *renamed])
    moved = {new: given.pop(old) for old, new in renamed.items() if old in given}
    for key in ended:
        given.pop(key, None)
    taken = _taken(connection)
    rows: list[dict[str, Any]] = []
    for key in wanted:
        if key not in given:
            given[key] = moved.get(key) or _free_name(key, taken)
            taken.add(_owner(key, given[key]))
            rows.append({"object_key": key[0], "field_key": key[1], "since": version,
                         "name": given[key]})  # fmt: skip
    if rows:
        connection.execute(sa.insert(PHYSICAL_NAME), rows)
    return PhysicalNames(given)


def _end(connection: Connection, version: int, keys: Iterable[FieldName]) -> None:
    c = PHYSICAL_NAME.c
    for object_key, field_key in keys:
        connection.execute(
            sa.update(PHYSICAL_NAME)
            .where(c.object_key == object_key, c.field_key == field_key, c.until.is_(None))
            .values(until=version)
        )


def _taken(connection: Connection) -> set[FieldName]:
    c = PHYSICAL_NAME.c
    rows = connection.execute(sa.select(c.object_key, c.field_key, c.name))
    return {_owner((row.object_key, row.field_key), row.name) for row in rows}


def _owner(key: FieldName, name: str) -> FieldName:
    """Return what a name must be unique in: columns in their object, tables in the database."""
    return (key[0] if key[1] else "", name)


def _free_name(key: FieldName, taken: Collection[FieldName]) -> str:
    base = f"f_{key[1]}" if key[1] else f"r_{key[0]}"
    name = default_name(base)
    number = 2
    while _owner(key, name) in taken:
        name, number = default_name(f"{base}_{number}"), number + 1
    return name


def rename_values(connection: Connection, renamed: Mapping[FieldName, FieldName]) -> None:
    """Let what is kept by field key outside of the tables go on under the new key."""
    for (object_key, old), (_, new) in renamed.items():
        connection.execute(
            sa.update(SEQUENCE)
            .where(SEQUENCE.c.object_key == object_key, SEQUENCE.c.field_key == old)
            .values(field_key=new)
        )
        connection.execute(
            sa.update(FILE)
            .where(FILE.c.object_key == object_key, FILE.c.field_key == old)
            .values(field_key=new)
        )
