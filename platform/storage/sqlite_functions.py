"""What SQLite lacks for exact, null-faithful FEEL: registered on every connection."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta
from decimal import Decimal, DecimalException
from typing import Any

from trellis.expressions.operators import divide
from trellis.expressions.temporal import add_months
from trellis.expressions.to_sql import register_sqlite_functions
from trellis.expressions.values import CONTEXT


class _ExactSum:
    """A sum of integers of any size, as text; NULL over nothing."""

    def __init__(self) -> None:
        self._total: int | None = None

    def step(self, value: int | None) -> None:
        """Add a value; NULL counts for nothing."""
        if value is not None:
            self._total = (self._total or 0) + value

    def finalize(self) -> str | None:
        """Return the sum."""
        return None if self._total is None else str(self._total)


def register_functions(connection: sqlite3.Connection) -> None:
    """Register the functions that generated SQL uses on SQLite."""
    for name, arguments, function in _FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
    connection.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type]
    register_sqlite_functions(connection)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _arithmetic(name: str) -> Any:
    operation = getattr(CONTEXT, name)

    def function(a: Any, b: Any) -> str | None:
        x, y = _decimal(a), _decimal(b)
        if x is None or y is None:
            return None
        try:
            return str(operation(x, y))
        except DecimalException:
            return None

    return function


def _divide(a: Any, b: Any) -> str | None:
    result = divide(_decimal(a), _decimal(b))
    return None if result is None else str(result)


def _compare(a: Any, b: Any) -> int | None:
    x, y = _decimal(a), _decimal(b)
    return None if x is None or y is None else (x > y) - (x < y)


def _unscale(value: Any, scale: int) -> str | None:
    return None if value is None else str(Decimal(value).scaleb(-scale))


def _add_months(day: Any, months: Any) -> str | None:
    if day is None or months is None:
        return None
    moved = add_months(date.fromisoformat(day[:10]), int(months))
    return moved.isoformat() + day[10:] if isinstance(moved, date) else None


def _add_microseconds(moment: Any, amount: Any) -> str | None:
    if moment is None or amount is None:
        return None
    shift = timedelta(microseconds=int(amount))
    if len(moment) == 10:
        whole = datetime.fromisoformat(moment) + shift
        return whole.date().isoformat()
    moved = datetime.fromisoformat(moment[:26]) + shift
    return moved.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def _difference(a: Any, b: Any) -> int | None:
    if a is None or b is None:
        return None
    gap = datetime.fromisoformat(a[:26]) - datetime.fromisoformat(b[:26])
    return gap // timedelta(microseconds=1)


def _upper(text: Any) -> Any:
    return text.upper() if isinstance(text, str) else text


def _lower(text: Any) -> Any:
    return text.lower() if isinstance(text, str) else text


_FUNCTIONS: tuple[tuple[str, int, Any], ...] = (
    ("feel_add", 2, _arithmetic("add")),
    ("feel_subtract", 2, _arithmetic("subtract")),
    ("feel_multiply", 2, _arithmetic("multiply")),
    ("feel_divide", 2, _divide),
    ("feel_compare", 2, _compare),
    ("feel_unscale", 2, _unscale),
    ("feel_add_months", 2, _add_months),
    ("feel_add_microseconds", 2, _add_microseconds),
    ("feel_difference", 2, _difference),
    ("feel_upper", 1, _upper),
    ("feel_lower", 1, _lower),
)
