"""Stored files: whose they are, which record they belong to, and who may read them.

A file belongs to whoever sent it until it is attached to a record; from then on, who may read
the record may read the file.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from trellis.engine.errors import InvalidError, NotFoundError, problem
from trellis.engine.query.pages import may_read
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.ids import is_id
from trellis.metadata.model.fields import Field
from trellis.storage.files import Blob
from trellis.storage.platform_tables.talk import FILE

MAX_BYTES = 25 * 1024 * 1024
MAX_NAME = 200
MOST = 500


@dataclass(frozen=True)
class File:
    """A stored file."""

    id: str
    name: str
    size: int
    media_type: str
    sha256: str


def check(data: bytes, name: str, media_type: str, field: Field | None = None) -> None:
    """Raise InvalidError when a file is too large for its field, or not of an accepted type."""
    key = field.key if field is not None else "files"
    most = field.max_bytes if field is not None and field.max_bytes else MAX_BYTES
    if len(data) > most:
        text = f"has {len(data)} bytes, at most {most} fit"
        raise InvalidError([problem(key, "FILE_SIZE", text)])
    accepted = field.accept if field is not None else ()
    if accepted and not any(_fits(pattern, name, media_type) for pattern in accepted):
        raise InvalidError([problem(key, "FILE_TYPE", f"must be one of {', '.join(accepted)}")])


def _fits(pattern: str, name: str, media_type: str) -> bool:
    wanted = pattern.strip().lower()
    if wanted.startswith("."):
        return name.lower().endswith(wanted)
    if wanted.endswith("/*"):
        return media_type.startswith(wanted[:-1])
    return media_type == wanted


def add(tx: Transaction, blob: Blob, name: str) -> str:
    """Enter a file that was just stored, and return its id."""
    file_id = tx.ids.new()
    tx.connection.execute(
        sa.insert(FILE),
        {
            "id": file_id,
            "name": clean_name(name),
            "media_type": blob.media_type,
            "size": blob.size,
            "sha256": blob.sha256,
            "object_key": None,
            "record_id": None,
            "field_key": None,
            "uploaded_by": tx.actor.principal.id,
            "uploaded_at": tx.now,
        },
    )
    return file_id


def clean_name(name: str) -> str:
    """Return a name for people: no folder, no sign that does not print, not endless."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    return printable[-MAX_NAME:] or "file"


def get(tx: Transaction, file_id: str) -> File:
    """Return a file that the actor may read; NotFoundError for every other."""
    row = None
    if is_id(file_id):
        row = tx.connection.execute(sa.select(FILE).where(FILE.c.id == file_id)).mappings().first()
    if row is None:
        raise NotFoundError("file")
    if row["record_id"] is None:
        allowed = row["uploaded_by"] == tx.actor.principal.id or tx.actor.is_system
    else:
        allowed = _may_read_on(tx, row["object_key"], row["record_id"], row["field_key"])
    if not allowed:
        raise NotFoundError("file")
    return File(row["id"], row["name"], row["size"], row["media_type"], row["sha256"])


def of_record(tx: Transaction, object_key: str, record_id: str) -> list[File]:
    """Return the files of a record that the actor may read, the newest first."""
    stop_unless_readable(tx, object_key, record_id)
    columns, hidden = FILE.c, tx.rights(object_key).masked
    statement = (
        sa.select(columns.id, columns.name, columns.size, columns.media_type, columns.sha256,
                  columns.field_key)
        .where(columns.object_key == object_key, columns.record_id == record_id)
        .order_by(columns.uploaded_at.desc(), columns.id.desc())
        .limit(MOST)
    )  # fmt: skip
    rows = tx.connection.execute(statement)
    return [File(*row[:5]) for row in rows if row.field_key not in hidden]


def stop_unless_readable(tx: Transaction, object_key: str, record_id: str) -> None:
    """Raise NotFoundError unless the actor may read a record."""
    if tx.compiled.object(object_key) is None:
        raise NotFoundError("object")
    if not may_read(tx, RecordView(tx, object_key, record_id)):
        raise NotFoundError


def _may_read_on(tx: Transaction, object_key: str, record_id: str, field_key: str | None) -> bool:
    if tx.compiled.object(object_key) is None:
        return False
    if field_key is not None and field_key in tx.rights(object_key).masked:
        return False
    return may_read(tx, RecordView(tx, object_key, record_id))
