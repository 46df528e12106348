"""Values in the form they travel in: `{"t": "date", "v": "2026-03-02"}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from trellis.expressions.limits import MAX_DEPTH, MAX_EXPONENT, MAX_PARTS
from trellis.expressions.temporal import (
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
    temporal_text,
)
from trellis.expressions.temporal_values import feel_time
from trellis.expressions.values import Range, as_list, kind, number
from trellis.expressions.words import number_text, text_of

_PARSERS = {
    "date": parse_date, "time": parse_time, "date and time": parse_datetime,
    "days and time duration": parse_duration, "years and months duration": parse_duration,
}  # fmt: skip


def encode(value: Any) -> dict[str, Any]:
    """Return the wire form of a value; what has none is tagged `other` and told in words.

    Raises ValueError for a value nested too deep, or with too many parts.
    """
    return _Writer().write(value, 0)


class _Writer:
    """Writes one value; lists that hold the same list often are small here and large there."""

    def __init__(self) -> None:
        self._left = MAX_PARTS

    def write(self, value: Any, depth: int) -> dict[str, Any]:
        of = kind(value)
        if of == "null":
            return {"t": "null"}
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            raise ValueError(f"the value is nested deeper than {MAX_DEPTH}" if self._left >= 0
                             else f"the value has more than {MAX_PARTS} parts")  # fmt: skip
        if of in ("boolean", "string"):
            return {"t": of, "v": value}
        if of == "number":
            return {"t": of, "v": number_text(number(value))}
        if of in _PARSERS:
            plain = feel_time(value) if isinstance(value, time) else value
            return {"t": of, "v": temporal_text(plain)}
        if of == "list":
            return {"t": of, "v": [self.write(item, depth + 1) for item in as_list(value)]}
        if of == "context":
            return {"t": of, "v": {str(key): self.write(value[key], depth + 1) for key in value}}
        shown = text_of(value) if isinstance(value, Range) else of
        return {"t": "other", "v": f"{of}: {shown}"}


def is_too_large(value: Any) -> bool:
    """Tell whether a value is nested too deep to be sent, or has too many parts."""
    left, level = MAX_PARTS, [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        below: list[Any] = []
        for one in level:
            if isinstance(one, list | dict):
                below += one.values() if isinstance(one, dict) else one
                if len(below) > left:
                    return True
        left -= len(level)
        level = below
    return bool(level)


def decode(typed: Mapping[str, Any]) -> Any:
    """Return the value of a wire form; raises ValueError where it is none."""
    tag, value = typed.get("t"), typed.get("v")
    if tag == "null":
        return None
    if tag in ("boolean", "string"):
        if not isinstance(value, bool if tag == "boolean" else str):
            raise ValueError(f"{value!r} is no {tag}")
        return value
    if tag == "number":
        return _decode_number(value)
    if tag == "list" and isinstance(value, list):
        return [decode(item) for item in value]
    if tag == "context" and isinstance(value, Mapping):
        return {key: decode(item) for key, item in value.items()}
    parse = _PARSERS.get(str(tag))
    found = parse(value) if parse is not None and isinstance(value, str) else None
    if found is None or kind(found) != tag:
        raise ValueError(f"{value!r} is no {tag}")
    return found


def _decode_number(value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        raise ValueError(f"{value!r} is no number") from None
    if not found.is_finite() or (found and abs(found.adjusted()) > MAX_EXPONENT):
        raise ValueError(f"{value!r} is no number")
    return found
