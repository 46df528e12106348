"""What the body of a decision says: people, comments, targets, and the proof of who signs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import request
from trellis.access.errors import SignInError
from trellis.engine.approvals.work import Answer
from trellis.engine.errors import ForbiddenError, InvalidError, problem
from trellis.web.api.reading import check_keys, mapping_of, text_of
from trellis.web.door import actor
from trellis.web.serving import server

MAX_COMMENT = 20_000
MAX_PEOPLE = 100
_MAX_NAME = 200
TASK_KEYS = ("values", "comment", "people", "mode", "on_reject", "target", "resume", "seats",
             "record_rev", "signature")  # fmt: skip
INSTANCE_KEYS = ("comment", "people", "seats", "source", "target", "outcome", "due")


def answer_of(body: Mapping[str, Any], action: str, keys: Collection[str]) -> Answer:
    """Return the answer that a body gives; InvalidError for what it cannot mean."""
    check_keys(body, keys)
    return Answer(
        action,
        dict(mapping_of(body, "values")),
        text_of(body, "comment", MAX_COMMENT) or None,
        people=_names(body, "people"),
        mode=_name(body, "mode"),
        advise=_one_of(body, "on_reject", ("veto", "advise")) == "advise",
        target=_name(body, "target"),
        source=_name(body, "source"),
        outcome=_name(body, "outcome"),
        resume=_one_of(body, "resume", ("replay", "direct")),
        due=_moment(body, "due"),
        seats=_names(body, "seats"),
        record_rev=_number(body, "record_rev"),
    )


def signed(answer: Answer, body: Mapping[str, Any]) -> Answer:
    """Return the answer as signed when the body holds the caller's right password."""
    password = text_of(body, "signature", _MAX_NAME)
    if not password:
        return answer
    try:
        server().access.sign_in.confirm(
            actor("api").principal.login, password, request.remote_addr or ""
        )
    except SignInError as error:
        raise ForbiddenError("WRONG_SIGNATURE", "this is not your password") from error
    return replace(answer, signed="password")


def _name(body: Mapping[str, Any], key: str) -> str | None:
    return text_of(body, key, _MAX_NAME) or None


def _one_of(body: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str | None:
    value = _name(body, key)
    if value is not None and value not in known:
        words = " or ".join(f"`{one}`" for one in known)
        raise InvalidError([problem(key, "TYPE", f"is {words}")])
    return value


def _names(body: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = body.get(key) or []
    fits = isinstance(value, list) and all(isinstance(one, str) for one in value)
    if not fits or len(value) > MAX_PEOPLE:
        raise InvalidError([problem(key, "TYPE", f"is a list of at most {MAX_PEOPLE} ids")])
    return tuple(value)


def _number(body: Mapping[str, Any], key: str) -> int | None:
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidError([problem(key, "TYPE", "is a whole number")])
    return value


def _moment(body: Mapping[str, Any], key: str) -> datetime | None:
    text = _name(body, key)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        text = "is a moment such as 2026-03-01T09:00Z"
        raise InvalidError([problem(key, "TYPE", text)]) from error
    if found.tzinfo is None:
        raise InvalidError([problem(key, "TYPE", "says no time zone")])
    return found.astimezone(UTC)
