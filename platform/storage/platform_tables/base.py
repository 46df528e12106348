"""The metadata that all platform tables share, and short ways to write columns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from trellis.storage.types import Id, Json, UtcDateTime

METADATA = sa.MetaData()


def identity() -> sa.Column[Any]:
    """Return the primary key `id`."""
    return sa.Column("id", Id(), primary_key=True)


def moment(name: str, *, needed: bool = False) -> sa.Column[Any]:
    """Return a column for a moment."""
    return sa.Column(name, UtcDateTime(), nullable=not needed)


def text(name: str, *, needed: bool = False, default: str | None = None) -> sa.Column[Any]:
    """Return a column for a text."""
    return sa.Column(name, sa.Text(), nullable=not needed, server_default=default)


def reference(name: str, *, needed: bool = False) -> sa.Column[Any]:
    """Return a column for an id."""
    return sa.Column(name, Id(), nullable=not needed)


def whole(name: str, default: int = 0) -> sa.Column[Any]:
    """Return a column for a whole number."""
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=str(default))


def json(name: str) -> sa.Column[Any]:
    """Return a column for JSON."""
    return sa.Column(name, Json())
