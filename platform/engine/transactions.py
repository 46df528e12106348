"""One database transaction with everything a step in it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import Connection
from trellis.engine.actors import Actor
from trellis.engine.compiled import CompiledCatalog
from trellis.engine.pending import PendingRows
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.rights import ObjectRights
from trellis.ids import IdSource

#: Writes that reactions may cause one inside the other.
MAX_DEPTH = 16


class Reaction(Protocol):
    """Something that has a say before a write, and acts after it."""

    def before(self, tx: Transaction, draft: Draft) -> Mapping[str, Any]:
        """Return fields to set with the write; raise InvalidError to refuse it."""
        ...

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Act on what was written."""
        ...


@dataclass
class Transaction:
    """A transaction: one moment, one actor, one version of the catalog.

    `views` are the records (`engine.views.RecordView`) that expressions have loaded; a write drops
    the record from it. `chain` holds the newest (number, hash) of the history of records that were
    locked or written. `pending` are rows for the logs, written at the end.
    """

    connection: Connection
    actor: Actor
    now: datetime
    ids: IdSource
    compiled: CompiledCatalog
    reactions: tuple[Reaction, ...] = ()
    sqlite: bool = True
    secret: bytes = b""
    depth: int = 0
    views: dict[tuple[str, str], Any] = field(default_factory=dict)
    chain: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    pending: PendingRows = field(default_factory=PendingRows)

    def acting(self, actor: Actor) -> Transaction:
        """Return the same transaction with another actor."""
        return replace(self, actor=actor)

    def deeper(self) -> Transaction:
        """Return the same transaction one reaction deeper."""
        return replace(self, depth=self.depth + 1)

    def rights(self, object_key: str) -> ObjectRights:
        """Return what the actor may do with an object."""
        principal = self.actor.principal
        return self.compiled.rights(principal.roles, object_key, system=self.actor.is_system)

    @property
    def zone(self) -> tzinfo:
        """Return the actor's time zone."""
        return zone_of(self.actor.principal.timezone)


def zone_of(name: str) -> tzinfo:
    """Return a time zone by name, UTC when there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


Values = Mapping[str, Any]
