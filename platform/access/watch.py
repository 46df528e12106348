"""Reacts to changes of user records: who is deactivated or deleted is out at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.engine import Connection
from trellis.access.credentials import sign_out_everywhere
from trellis.access.errors import AccessDeniedError
from trellis.access.principal import SYSTEM_ID, Principal
from trellis.access.roles import Roles
from trellis.access.tokens import revoke_all_tokens
from trellis.access.users import USER, Directory


class Acting(Protocol):
    """The part of the engine's actor that is looked at."""

    @property
    def principal(self) -> Principal:
        """Return who acts."""
        ...


class InTransaction(Protocol):
    """The part of the engine's transaction that is used."""

    @property
    def connection(self) -> Connection:
        """Return the connection of the transaction."""
        ...

    @property
    def now(self) -> datetime:
        """Return the moment of the transaction."""
        ...

    @property
    def actor(self) -> Acting:
        """Return who acts."""
        ...


class Change(Protocol):
    """The part of the engine's record changes (and of what is about to change) that is used."""

    @property
    def event(self) -> str:
        """Return create, update, transition, delete or restore."""
        ...

    @property
    def object(self) -> str:
        """Return the object of the record."""
        ...

    @property
    def record_id(self) -> str:
        """Return the id of the record."""
        ...

    @property
    def changed(self) -> frozenset[str]:
        """Return the fields that change."""
        ...

    @property
    def new(self) -> Mapping[str, Any]:
        """Return the values as they will be."""
        ...


#: Fields that decide whether and as whom somebody enters.
_GATE_FIELDS = frozenset({"login", "active"})


@dataclass(frozen=True)
class UserWatch:
    """A reaction of the engine to changes of users."""

    directory: Directory
    roles: Roles

    def before(self, tx: InTransaction, draft: Change) -> Mapping[str, Any]:
        """Refuse to lock out somebody above oneself, or the last administrator."""
        if draft.object != USER or draft.event == "create" or not _touches_gate(draft):
            return {}
        user = self.directory.by_id(tx.connection, draft.record_id)
        if user is None:
            return {}
        by = tx.actor.principal
        if by.id != SYSTEM_ID:
            self.roles.stop_unless_over(by, user)
        if _is_leaving(draft):
            if by.id == user.id:
                raise AccessDeniedError("OWN_ACCOUNT", "nobody deactivates or deletes themselves",
                                        "ask another administrator")  # fmt: skip
            self.roles.stop_without_administrator(tx.connection, user)
        return {}

    def after(self, tx: InTransaction, change: Change) -> None:
        """End sessions and tokens of somebody who left."""
        if change.object == USER and change.event != "create" and _is_leaving(change):
            sign_out_everywhere(tx.connection, change.record_id)
            revoke_all_tokens(tx.connection, change.record_id, tx.now)


def _touches_gate(change: Change) -> bool:
    return change.event in ("delete", "restore") or bool(change.changed & _GATE_FIELDS)


def _is_leaving(change: Change) -> bool:
    return change.event == "delete" or ("active" in change.changed and not change.new.get("active"))
