"""Values as text: what `string(x)` gives."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from trellis.expressions.limits import MAX_DEPTH, MAX_STRING
from trellis.expressions.temporal import temporal_text
from trellis.expressions.values import Range, as_list, kind, number, record_id


def number_text(value: Decimal) -> str:
    """Return a number without exponent and without zeros at its end."""
    if not value.is_finite():
        return "null"
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def text_of(value: Any) -> str | None:
    """Return a value as text; null stays null."""
    if value is None or isinstance(value, str):
        return value
    text = _text(value, 0)
    return text if text is not None and len(text) <= MAX_STRING else None


def _text(value: Any, depth: int) -> str | None:
    of = kind(value)
    if of == "string":
        return json.dumps(value, ensure_ascii=False) if depth else str(value)
    if of == "null":
        return "null"
    if of == "boolean":
        return "true" if value else "false"
    if of == "number":
        return number_text(number(value))
    if depth > MAX_DEPTH:
        return None
    if of == "list":
        return _joined("[", (_text(item, depth + 1) for item in as_list(value)), "]")
    if of == "context":
        return _context_text(value, depth)
    if of == "range":
        return _range_text(value, depth)
    return temporal_text(value)


def _context_text(value: Any, depth: int) -> str | None:
    identity = record_id(value)
    if identity is not None:
        return identity
    return _joined("{", (_entry_text(key, value[key], depth + 1) for key in value), "}")


def _entry_text(key: str, value: Any, depth: int) -> str | None:
    text = _text(value, depth)
    shown = key if key.isidentifier() else json.dumps(key, ensure_ascii=False)
    return None if text is None else f"{shown}: {text}"


def _range_text(value: Range, depth: int) -> str | None:
    if value.operator is not None:
        end = value.low if value.low is not None else value.high
        text = _text(end, depth + 1)
        return None if text is None else f"{value.operator} {text}"
    low, high = _text(value.low, depth + 1), _text(value.high, depth + 1)
    if low is None or high is None:
        return None
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


def _joined(opening: str, parts: Iterable[str | None], closing: str) -> str | None:
    """Return the parts in brackets; no more of them are made than a text may hold."""
    total = 0
    found = []
    for part in parts:
        if part is None:
            return None
        total += len(part) + 2
        found.append(part)
        if total > MAX_STRING:
            return None
    return opening + ", ".join(found) + closing
