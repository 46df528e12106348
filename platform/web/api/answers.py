"""Writes what the API answers: JSON with exact numbers, revisions as ETags."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
from flask import Response
from trellis.expressions.temporal import duration_text
from werkzeug.datastructures import Headers


class JsonAnswer(Response):
    """An answer whose headers are whole already: nothing is added, no address made absolute."""

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        """Return the headers as they stand."""
        return self.headers


_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def to_json(value: Any) -> bytes:
    """Return JSON of records' values.

    A decimal is a number where a double says exactly the same digits, else a text.
    """
    return orjson.dumps(value, _other, _OPTIONS)


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"no JSON form of {value!r}")


def _number(value: Decimal) -> int | float | str:
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    as_double = float(value)
    return as_double if Decimal(repr(as_double)) == value else format(value, "f")


def answer(value: Any, status: int = 200, rev: int | None = None) -> Response:
    """Return a JSON answer; `rev` becomes the ETag."""
    made = JsonAnswer(to_json(value), status, content_type="application/json")
    if rev is not None:
        made.headers["ETag"] = f'"{rev}"'
    return made
