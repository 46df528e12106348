"""Cursors: where the next page begins, signed and bound to the person and the question."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement
from trellis.engine.errors import InvalidError, problem
from trellis.engine.records.storing import as_json

_SIGNATURE = 16


def write_cursor(secret: bytes, question: str, values: Sequence[Any]) -> str:
    """Return the cursor after a row with the given sort values."""
    body = orjson.dumps([as_json(value) for value in values])
    return base64.urlsafe_b64encode(_sign(secret, question, body) + body).decode().rstrip("=")


def read_cursor(secret: bytes, question: str, text: str) -> list[Any]:
    """Return the sort values of a cursor; raise InvalidError for one of another question."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not body or not hmac.compare_digest(signature, _sign(secret, question, body)):
        raise InvalidError([problem("cursor", "CURSOR", "is not a cursor of this list")],
                           hint="begin again without a cursor")  # fmt: skip
    values: list[Any] = orjson.loads(body)
    return values


def _sign(secret: bytes, question: str, body: bytes) -> bytes:
    return hmac.new(secret, question.encode() + b"\0" + body, hashlib.sha256).digest()[:_SIGNATURE]


def after(
    keys: Sequence[tuple[ColumnElement[Any], bool]], values: Sequence[Any]
) -> ColumnElement[bool]:
    """Return the condition of rows behind the given values; nulls stand last."""
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for (column, descending), raw in zip(keys, values, strict=True):
        value = _typed(column, raw)
        behind = _behind(column, value, descending=descending)
        if behind is not None:
            alternatives.append(sa.and_(*equal, behind))
        equal.append(column.is_(None) if value is None else column == value)
    return sa.or_(sa.false(), *alternatives)


def _behind(column: ColumnElement[Any], value: Any, *, descending: bool) -> Any:
    if value is None:
        return None
    further = column < value if descending else column > value
    return sa.or_(further, column.is_(None))


def _typed(column: ColumnElement[Any], value: Any) -> Any:
    kind = type(column.type).__name__
    if value is None or not isinstance(value, str):
        return value
    if kind == "UtcDateTime":
        return datetime.fromisoformat(value)
    if kind == "Date":
        return datetime.fromisoformat(value).date()
    if kind == "ExactNumber":
        return Decimal(value)
    return value
