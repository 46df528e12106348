"""Who one is, one's tokens, and the roles of people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from trellis.access.tokens import (
    TokenRow,
    TokenWish,
    create_token,
    list_tokens,
    revoke_token,
)
from trellis.engine.errors import InvalidError, problem
from trellis.metadata.model.access import Capability
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading, writing
from trellis.web.api.reading import check_keys, json_body, text_of
from trellis.web.door import proof
from trellis.web.policy import policy
from trellis.web.serving import server

_TOKEN_KEYS = ("label", "expires_at", "roles", "objects", "methods")


@api.get("/v1/me")
@policy()
def who_am_i() -> ResponseReturnValue:
    """Return who asks, with what this request may use."""
    me = proof().principal
    return answer({
        "id": me.id, "login": me.login, "name": me.name, "roles": me.roles,
        "capabilities": me.capabilities, "department": me.department, "teams": me.teams,
        "locale": me.locale, "timezone": me.timezone,
        "token": None if me.token_id is None else {"id": me.token_id, "objects": me.objects,
                                                   "methods": me.methods},
    })  # fmt: skip


@api.get("/v1/tokens")
@policy()
def my_tokens() -> ResponseReturnValue:
    """Return one's tokens; what they are is not among it."""
    with reading() as tx:
        rows = list_tokens(tx.connection, proof().principal.id)
    return answer({"items": [_token(row) for row in rows]})


def _token(row: TokenRow) -> dict[str, Any]:
    return {"id": row.id, "start": row.start, "label": row.label, "roles": row.roles,
            "objects": row.objects, "methods": row.methods, "created_at": row.created_at,
            "expires_at": row.expires_at, "used_at": row.used_at}  # fmt: skip


@api.post("/v1/tokens")
@policy()
def make_token() -> ResponseReturnValue:
    """Make a token of one's own; the answer is the only place that ever shows it."""
    body = json_body().value
    check_keys(body, _TOKEN_KEYS)
    wish = TokenWish(
        text_of(body, "label", 200), _moment(body), _names(body, "roles"), _names(body, "objects"),
        _names(body, "methods"),
    )  # fmt: skip
    with writing() as tx:
        token_id, token = create_token(
            tx.connection, tx.ids, tx.now, proof().principal, wish, tx.compiled.catalog
        )
    return answer({"id": token_id, "token": token}, 201)


@api.delete("/v1/tokens/<token_id>")
@policy()
def end_token(token_id: str) -> ResponseReturnValue:
    """Revoke a token."""
    with writing() as tx:
        revoke_token(tx.connection, tx.ids, tx.now, proof().principal, token_id)
    return Response(status=204)


@api.put("/v1/users/<user_id>/roles")
@policy(capability=Capability.USERS)
def change_roles(user_id: str) -> ResponseReturnValue:
    """Make the given roles the roles of a user, who is signed out by it."""
    body = json_body().value
    check_keys(body, ("roles",))
    roles = _names(body, "roles")
    if roles is None:
        raise InvalidError([problem("roles", "REQUIRED", "is required")])
    with writing() as tx:
        server().access.roles.change(tx.connection, proof().principal, user_id, roles, tx.now)
    return answer({"roles": sorted(set(roles))})


def _names(body: Mapping[str, Any], key: str) -> list[str] | None:
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > 200 or not all(_is_name(one) for one in value):
        raise InvalidError([problem(key, "TYPE", "is a list of names")])
    return value


def _is_name(one: object) -> bool:
    return isinstance(one, str) and one.isprintable() and len(one) <= 80


def _moment(body: Mapping[str, Any]) -> datetime | None:
    text = text_of(body, "expires_at", 40)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidError(
            [problem("expires_at", "TYPE", "is a moment such as 2026-12-31T23:59:59Z")]
        )
    return found.astimezone(UTC)
