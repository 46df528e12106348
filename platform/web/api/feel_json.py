"""FEEL values ↔ JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from trellis.expressions.temporal import temporal_text
from trellis.expressions.values import Function, Range


def feel_of_json(value: Any) -> Any:
    """Return a JSON value as FEEL has it: numbers are decimals."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, list):
        return [feel_of_json(one) for one in value]
    if isinstance(value, dict):
        return {key: feel_of_json(one) for key, one in value.items()}
    return value


def json_of_feel(value: Any) -> Any:
    """Return a FEEL value as JSON; what JSON does not have becomes its text."""
    if value is None or isinstance(value, bool | str | int | float | Decimal | datetime | date):
        return value
    text = temporal_text(value)
    if text is not None:
        return text
    if isinstance(value, list):
        return [json_of_feel(one) for one in value]
    if isinstance(value, Range):
        left, right = (
            "[" if value.low_closed else "(",
            "]" if value.high_closed else ")",
        )
        return f"{left}{json_of_feel(value.low)}..{json_of_feel(value.high)}{right}"
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters or ())})"
    if isinstance(value, Mapping):
        return {str(key): json_of_feel(one) for key, one in value.items()}
    return str(value)
