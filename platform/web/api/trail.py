"""What happened to a record and what was said about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from trellis.access.principal import SYSTEM_ID
from trellis.engine import query
from trellis.engine.errors import InvalidError, problem
from trellis.engine.query.pages import title_of
from trellis.engine.talk import comments
from trellis.engine.transactions import Transaction
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading, writing
from trellis.web.api.idempotency import once, request_key
from trellis.web.api.reading import (
    check_keys,
    json_body,
    query_of,
    text_of,
    whole_number,
)
from trellis.web.policy import policy

MOST_ENTRIES = 500
_ONE = "/v1/records/<object_key>/<record_id>"
_SHOWN = ("seq", "at", "action", "transition", "changes", "comment", "source")


@api.get(f"{_ONE}/history")
@policy()
def record_history(object_key: str, record_id: str) -> ResponseReturnValue:
    """Return the newest changes of a record first."""
    limit = _limit()
    with reading() as tx:
        entries = query.history(tx, object_key, record_id, limit)
        people = _people(tx, (one[key] for one in entries for key in ("actor", "on_behalf_of")))
        items = [_entry(entry, people) for entry in entries]
    return answer({"items": items})


def _entry(entry: Mapping[str, Any], people: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: entry[key] for key in _SHOWN}
    return {**shown, "actor": people.get(entry["actor"]),
            "on_behalf_of": people.get(entry["on_behalf_of"])}  # fmt: skip


def _people(tx: Transaction, ids: Iterable[str | None]) -> dict[str, Any]:
    """Return `{id, title}` of the people behind ids."""
    return {
        one: {
            "id": one,
            "title": "System" if one == SYSTEM_ID else title_of(tx, "user", one),
        }
        for one in dict.fromkeys(ids)
        if one is not None
    }


def _limit() -> int:
    asked = query_of(("limit",)).get("limit")
    return 100 if asked is None else whole_number("limit", asked, 1, MOST_ENTRIES)


@api.get(f"{_ONE}/comments")
@policy()
def record_comments(object_key: str, record_id: str) -> ResponseReturnValue:
    """Return the newest comments first."""
    limit = _limit()
    with reading() as tx:
        found = comments.of_record(tx, object_key, record_id, limit)
        people = _people(tx, (one.author for one in found))
        items = [_comment(one, people) for one in found]
    return answer({"items": items})


def _comment(one: comments.Comment, people: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": one.id, "author": people.get(one.author), "at": one.at, "text": one.text,
            "files": list(one.files)}  # fmt: skip


@api.post(f"{_ONE}/comments")
@policy()
def add_comment(object_key: str, record_id: str) -> ResponseReturnValue:
    """Say something about a record."""
    body, key = json_body(), request_key()
    check_keys(body.value, ("text",))
    text = text_of(body.value, "text", comments.MAX_TEXT)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidError([problem("text", "TYPE", "holds characters that cannot be stored")])
    with writing() as tx:

        def work() -> Response:
            made = comments.add(tx, object_key, record_id, text)
            return answer(_comment(made, _people(tx, (made.author,))), 201)

        return once(tx, key, body.raw, work)
