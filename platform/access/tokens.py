"""API tokens: made for a user, narrowed to what they are for, shown once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.access.audit import write_audit
from trellis.access.errors import (
    AccessDeniedError,
    AccessInvalidError,
    AccessNotFoundError,
)
from trellis.access.principal import Principal
from trellis.access.secrets import hash_secret, new_token, token_start
from trellis.ids import IdSource
from trellis.metadata.model.access import Capability
from trellis.metadata.model.catalog import Catalog
from trellis.problems import suggest
from trellis.storage.platform_tables.access import TOKEN

METHODS = ("GET", "POST", "PATCH", "DELETE")
MAX_LABEL = 120
MAX_LIFE = timedelta(days=3660)
MAX_TOKENS = 100
_COLUMNS = TOKEN.c


@dataclass(frozen=True)
class TokenWish:
    """What a new token is to be; None means no narrowing (or no expiry)."""

    label: str
    expires_at: datetime | None = None
    roles: Sequence[str] | None = None
    objects: Sequence[str] | None = None
    methods: Sequence[str] | None = None


@dataclass(frozen=True)
class TokenRow:
    """A token as its owner sees it in a list: never the token itself."""

    id: str
    start: str
    label: str
    roles: tuple[str, ...] | None
    objects: tuple[str, ...] | None
    methods: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


def create_token(
    connection: Connection, ids: IdSource, now: datetime, owner: Principal, wish: TokenWish,
    catalog: Catalog,
) -> tuple[str, str]:  # fmt: skip
    """Return (id, token) of a new token of `owner`; the token cannot be read again.

    A token cannot make another one: what it may do would then outlive it.
    """
    if owner.token_id is not None:
        raise AccessDeniedError("TOKEN_BY_TOKEN", "a token cannot make another token",
                                "sign in with a password to make one")  # fmt: skip
    _stop_on(_mistakes(wish, owner, catalog, now))
    if len(list_tokens(connection, owner.id)) >= MAX_TOKENS:
        raise AccessDeniedError("TOO_MANY_TOKENS", f"a user has at most {MAX_TOKENS} tokens",
                                "revoke one that is no longer used")  # fmt: skip
    token, token_id = new_token(), ids.new()
    connection.execute(
        sa.insert(TOKEN),
        {
            "id": token_id, "hash": hash_secret(token), "start": token_start(token),
            "user_id": owner.id, "label": wish.label.strip(), "roles": _listed(wish.roles),
            "objects": _listed(wish.objects), "methods": _listed(wish.methods),
            "created_at": now, "expires_at": wish.expires_at,
        },
    )  # fmt: skip
    write_audit(connection, ids, now, "token_create", actor=owner.id, user=owner.id,
                details={"token": token_id, "label": wish.label.strip()})  # fmt: skip
    return token_id, token


def list_tokens(connection: Connection, user_id: str) -> list[TokenRow]:
    """Return the tokens of a user that are not revoked, the newest first."""
    statement = (
        sa.select(_COLUMNS.id, _COLUMNS.start, _COLUMNS.label, _COLUMNS.roles, _COLUMNS.objects,
                  _COLUMNS.methods, _COLUMNS.created_at, _COLUMNS.expires_at, _COLUMNS.used_at)
        .where(_COLUMNS.user_id == user_id, _COLUMNS.revoked_at.is_(None))
        .order_by(_COLUMNS.created_at.desc(), _COLUMNS.id.desc())
    )  # fmt: skip
    return [
        TokenRow(
            row[0],
            row[1],
            row[2],
            _tuple(row[3]),
            _tuple(row[4]),
            _tuple(row[5]),
            *row[6:],
        )
        for row in connection.execute(statement)
    ]


def revoke_token(
    connection: Connection, ids: IdSource, now: datetime, by: Principal, token_id: str
) -> None:
    """Revoke a token of one's own; who administers users may revoke anybody's."""
    owned = _COLUMNS.user_id == by.id
    allowed = sa.true() if by.can(Capability.USERS) else owned
    statement = (
        sa.update(TOKEN)
        .where(_COLUMNS.id == token_id, _COLUMNS.revoked_at.is_(None), allowed)
        .values(revoked_at=now)
    )
    if connection.execute(statement).rowcount == 0:
        raise AccessNotFoundError("NOT_FOUND", "there is no such token")
    write_audit(connection, ids, now, "token_revoke", actor=by.id, details={"token": token_id})


def revoke_all_tokens(connection: Connection, user_id: str, now: datetime) -> None:
    """Revoke every token of a user."""
    statement = sa.update(TOKEN).where(_COLUMNS.user_id == user_id, _COLUMNS.revoked_at.is_(None))
    connection.execute(statement.values(revoked_at=now))


def touch_token(connection: Connection, token_id: str, now: datetime) -> None:
    """Remember that a token is in use."""
    connection.execute(sa.update(TOKEN).where(_COLUMNS.id == token_id).values(used_at=now))


def _mistakes(
    wish: TokenWish, owner: Principal, catalog: Catalog, now: datetime
) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    label = wish.label.strip()
    if not label or len(label) > MAX_LABEL or not label.isprintable():
        found.append(_mistake("label", f"a token has a label of 1 to {MAX_LABEL} characters"))
    if wish.expires_at is not None and not now < wish.expires_at <= now + MAX_LIFE:
        found.append(_mistake("expires_at", "a token expires in the future, within ten years"))
    found += _unknown("roles", wish.roles, owner.roles)
    found += _unknown("objects", wish.objects, catalog.objects)
    found += _unknown("methods", wish.methods, METHODS)
    return found


def _unknown(
    field: str, wanted: Sequence[str] | None, known: Collection[str]
) -> list[Mapping[str, Any]]:
    if wanted is None:
        return []
    if not wanted:
        return [_mistake(field, f"`{field}` is empty: such a token could do nothing")]
    return [
        _mistake(field, f"`{name}` is not one of your {field}", suggest(name, known))
        for name in wanted
        if name not in known
    ]


def _mistake(field: str, message: str, hint: str | None = None) -> Mapping[str, Any]:
    return {
        "field": field,
        "code": "TOKEN",
        "message": message,
        **({"hint": hint} if hint else {}),
    }


def _stop_on(mistakes: list[Mapping[str, Any]]) -> None:
    if mistakes:
        text = "; ".join(str(mistake["message"]) for mistake in mistakes)
        raise AccessInvalidError("TOKEN", text, mistakes[0].get("hint"), mistakes)


def _listed(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else sorted(set(names))


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
