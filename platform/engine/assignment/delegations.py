"""Delegations as rows: the `Delegations` of a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping
from trellis.engine.assignment.delegation import Delegation, DelegationMode
from trellis.engine.errors import NotFoundError
from trellis.engine.transactions import Transaction
from trellis.ids import is_id
from trellis.storage.platform_tables.people import DELEGATION
from trellis.storage.prepared import Kept

_PLAIN = ("id", "giver", "taker", "include_open", "give_back", "absence", "created_at",
          "created_by", "revoked_at")  # fmt: skip
_NEWEST_FIRST = sa.select(DELEGATION).order_by(
    DELEGATION.c.created_at.desc(), DELEGATION.c.id.desc()
)
_OF_GIVER = Kept(
    _NEWEST_FIRST.where(
        DELEGATION.c.giver == sa.bindparam("giver"), DELEGATION.c.revoked_at.is_(None)
    )
)


@dataclass(frozen=True)
class SqlDelegations:
    """The delegations of one transaction."""

    tx: Transaction

    def of_giver(self, user: str) -> Sequence[Delegation]:
        """Return what `user` has delegated and not revoked, the newest first."""
        rows = _OF_GIVER.rows(self.tx.connection, {"giver": user})
        return [_delegation(row) for row in rows]

    def of_person(self, user: str, limit: int = 200) -> Sequence[Delegation]:
        """Return every delegation from or to a person, the newest first."""
        mine = sa.or_(DELEGATION.c.giver == user, DELEGATION.c.taker == user)
        return self._found(mine)[:limit]

    def all(self, limit: int = 500) -> Sequence[Delegation]:
        """Return the delegations of everybody, the newest first."""
        return self._found()[:limit]

    def get(self, delegation_id: str) -> Delegation:
        """Return a delegation; NotFoundError when unknown."""
        found = self._found(DELEGATION.c.id == delegation_id) if is_id(delegation_id) else []
        if not found:
            raise NotFoundError("delegation")
        return found[0]

    def add(self, delegation: Delegation) -> None:
        """Insert a delegation."""
        self.tx.connection.execute(sa.insert(DELEGATION).values(**_row(delegation)))

    def revoke(self, delegation: Delegation, by: str) -> Delegation:
        """End a delegation now."""
        self.tx.connection.execute(
            sa.update(DELEGATION)
            .where(DELEGATION.c.id == delegation.id)
            .values(revoked_at=self.tx.now, revoked_by=by)
        )
        return replace(delegation, revoked_at=self.tx.now)

    def _found(self, *conditions: Any) -> list[Delegation]:
        rows = self.tx.connection.execute(_NEWEST_FIRST.where(*conditions)).mappings()
        return [_delegation(row) for row in rows]


def _delegation(row: RowMapping | Mapping[str, Any]) -> Delegation:
    limit = row["amount_limit"]
    return Delegation(
        **{name: row[name] for name in _PLAIN},
        start=row["start_at"],
        end=row["end_at"],
        mode=DelegationMode(row["mode"]),
        flows=tuple(row["flows"] or ()),
        objects=tuple(row["objects"] or ()),
        limit=None if limit is None else Decimal(limit),
        reason=row["reason"] or "",
    )


def _row(delegation: Delegation) -> dict[str, Any]:
    return {
        **{name: getattr(delegation, name) for name in _PLAIN},
        "start_at": delegation.start,
        "end_at": delegation.end,
        "mode": str(delegation.mode),
        "flows": list(delegation.flows) or None,
        "objects": list(delegation.objects) or None,
        "amount_limit": None if delegation.limit is None else str(delegation.limit),
        "reason": delegation.reason or None,
    }
