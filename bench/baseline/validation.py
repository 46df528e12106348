"""What a case may hold: one hand-written check for each of its 25 fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

STATUS = ("new", "open", "waiting", "solved", "closed")
PRIORITY = ("low", "normal", "high", "urgent")
CATEGORY = ("fault", "question", "wish", "upkeep", "recall", "other")
CHANNEL = ("phone", "mail", "web", "chat")
SEVERITY = ("s1", "s2", "s3", "s4")
REGION = ("north", "south", "east", "west")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9 ()./#-]{3,40}")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
Check = Callable[[Any], Any]


class RefusedError(Exception):
    """Some fields do not fit; `errors` says why, by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("validation")
        self.errors = errors


def _text(most: int) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            raise ValueError(f"is a text of at most {most} characters")
        return value

    return check


def _form(most: int, pattern: re.Pattern[str]) -> Check:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most or not pattern.fullmatch(value):
            raise ValueError("does not have the right form")
        return value

    return check


def _choice(known: tuple[str, ...]) -> Check:
    allowed = frozenset(known)

    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"is one of {', '.join(known)}")
        return str(value)

    return check


def _identity(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("is an id")
    return value


def _money(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("is a number")
    try:
        number = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise ValueError("is a number") from None
    if abs(number) >= 10**10:
        raise ValueError("is too large")
    return number


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("is a moment such as 2026-03-31T14:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is true or false")
    return value


def _score(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1000:
        raise ValueError("is a whole number from 0 to 1000")
    return value


CHECKS: Mapping[str, Check] = {
    "number": _text(20), "title": _text(200), "contact_name": _text(120),
    "contact_email": _form(200, _EMAIL), "contact_phone": _form(40, _PHONE),
    "location": _text(200), "external_key": _text(60), "description": _text(20_000),
    "resolution": _text(20_000), "status": _choice(STATUS), "priority": _choice(PRIORITY),
    "category": _choice(CATEGORY), "channel": _choice(CHANNEL), "severity": _choice(SEVERITY),
    "region": _choice(REGION), "account": _identity, "device": _identity, "assignee": _identity,
    "estimate": _money, "cost": _money, "opened_at": _moment, "due_at": _moment,
    "closed_at": _moment, "is_public": _truth, "score": _score,
}  # fmt: skip
REQUIRED = frozenset(
    {"number", "title", "status", "priority", "category", "account", "opened_at", "is_public"}
)


def checked(sent: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    """Return the values of a case that were sent; raise RefusedError naming what does not fit."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for key, value in sent.items():
        check = CHECKS.get(key)
        if check is None:
            errors[key] = "is not known"
        elif value is None or value == "":
            if key in REQUIRED:
                errors[key] = "is required"
            values[key] = None
        else:
            try:
                values[key] = check(value)
            except ValueError as error:
                errors[key] = str(error)
    if creating:
        errors |= dict.fromkeys(REQUIRED - sent.keys(), "is required")
    if errors:
        raise RefusedError(errors)
    return values
