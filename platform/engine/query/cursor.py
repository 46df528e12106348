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
from trellis.engine.query.columns import SortKey
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


def after(keys: Sequence[SortKey], nulls: Sequence[bool]) -> ColumnElement[bool]:
    """Return the condition of rows behind the bound place; nulls stand last.

    `nulls` tells which values of the place are null. What an index can use stands first.
    """
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for number, (key, is_null) in enumerate(zip(keys, nulls, strict=True)):
        value = sa.bindparam(f"after_{number}", type_=key.element.type)
        if not is_null:
            further = key.element < value if key.descending else key.element > value
            behind = sa.or_(further, key.element.is_(None)) if key.nullable else further
            alternatives.append(sa.and_(*equal, behind))
        equal.append(key.element.is_(None) if is_null else key.element == value)
    condition = sa.or_(sa.false(), *alternatives)
    first = keys[0]
    if nulls[0] or first.nullable:
        return condition
    value = sa.bindparam("after_0", type_=first.element.type)
    return sa.and_(
        first.element <= value if first.descending else first.element >= value, condition
    )


def typed_place(keys: Sequence[SortKey], place: Sequence[Any]) -> dict[str, Any]:
    """Return what is bound for the place of a cursor."""
    return {f"after_{number}": _typed(key.element, raw)
            for number, (key, raw) in enumerate(zip(keys, place, strict=True))
            if raw is not None}  # fmt: skip


def _typed(column: ColumnElement[Any], value: Any) -> Any:
    kind = type(column.type).__name__
    if not isinstance(value, str):
        return value
    if kind == "UtcDateTime":
        return datetime.fromisoformat(value)
    if kind == "Date":
        return datetime.fromisoformat(value).date()
    if kind == "ExactNumber":
        return Decimal(value)
    return value
