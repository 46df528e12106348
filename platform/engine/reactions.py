"""What reacts to a change of a record, inside the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from trellis.engine.transactions import Transaction


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


class Reaction(Protocol):
    """Something that has a say before a write, and acts after it."""

    def before(self, tx: Transaction, draft: Draft) -> Mapping[str, Any]:
        """Return fields to set with the write; raise InvalidError to refuse it."""
        ...

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Act on what was written."""
        ...
