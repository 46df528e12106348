"""What reactions are told: a write about to happen, and a change that was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RecordChanged:
    """A record was created, updated, moved, deleted or restored; values are by field."""

    event: str  # create update transition delete restore
    object: str
    record_id: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any]
    changed: frozenset[str]
    transition: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Draft:
    """A write about to happen: the record as it will be, before it is checked."""

    event: str
    object: str
    record_id: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any]
    changed: frozenset[str]
    transition: str | None = None
