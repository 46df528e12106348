"""Comments on records: rows of their own, so that saying something changes no revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from trellis.engine.errors import InvalidError, NotFoundError, problem
from trellis.engine.query.pages import may_read
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.storage.platform_tables.talk import COMMENT

MAX_TEXT = 20_000
MAX_FILES = 20
MOST = 500


@dataclass(frozen=True)
class Comment:
    """A comment; `author` is a user id, `files` are ids of stored files."""

    id: str
    author: str
    at: datetime
    text: str
    files: tuple[str, ...] = ()


def add(
    tx: Transaction, object_key: str, record_id: str, text: str, files: Sequence[str] = ()
) -> Comment:
    """Add a comment to a record that the actor may read; NotFoundError for any other."""
    item = tx.compiled.object(object_key)
    if item is None or not may_read(tx, RecordView(tx, object_key, record_id)):
        raise NotFoundError
    said = text.strip()
    if not item.comments:
        raise InvalidError([problem(None, "NO_COMMENTS", f"`{object_key}` takes no comments")])
    if not said and not files:
        raise InvalidError([problem("text", "REQUIRED", "is required")])
    if len(said) > MAX_TEXT:
        message = f"has {len(said)} characters, at most {MAX_TEXT} fit"
        raise InvalidError([problem("text", "TYPE", message)])
    if len(files) > MAX_FILES:
        raise InvalidError([problem("files", "TYPE", f"has more than {MAX_FILES} entries")])
    made = Comment(tx.ids.new(), tx.actor.principal.id, tx.now, said, tuple(files))
    values = {
        "id": made.id,
        "object_key": object_key,
        "record_id": record_id,
        "author": made.author,
        "at": made.at,
        "text": made.text,
        "files": list(made.files) or None,
    }
    tx.connection.execute(sa.insert(COMMENT), values)
    return made


def of_record(tx: Transaction, object_key: str, record_id: str, limit: int = 100) -> list[Comment]:
    """Return the comments of a record that the actor may read, the newest first."""
    if tx.compiled.object(object_key) is None:
        raise NotFoundError("object")
    if not may_read(tx, RecordView(tx, object_key, record_id)):
        raise NotFoundError
    columns = COMMENT.c
    statement = (
        sa.select(columns.id, columns.author, columns.at, columns.text, columns.files)
        .where(columns.object_key == object_key, columns.record_id == record_id)
        .order_by(columns.at.desc(), columns.id.desc())
        .limit(max(1, min(limit, MOST)))
    )
    return [
        Comment(row[0], row[1], row[2], row[3] or "", tuple(row[4] or ()))
        for row in tx.connection.execute(statement)
    ]
