"""What SQLite lacks: the language's own operators and functions, registered on a connection.

One function computes everything: `feel(name, kinds, value, …)` reads the values as they are stored,
calls what the Python target calls, and gives the result as it is stored. So both agree by
construction. Numbers that are computed are decimal texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from trellis.expressions import operators as ops
from trellis.expressions.functions import BUILTINS
from trellis.expressions.functions.lists import total
from trellis.expressions.properties import get
from trellis.expressions.temporal_values import (
    NANOS,
    FeelTime,
    WideDateTime,
    YearsMonths,
    duration_nanos,
    feel_time,
)
from trellis.expressions.to_sql.binding import LARGEST, moment_text, near_date, to_utc
from trellis.expressions.values import CONTEXT, kind, number, order

_OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": ops.add, "-": ops.subtract, "*": ops.multiply, "/": ops.divide, "**": ops.power,
    "negate": ops.negate,
}  # fmt: skip


def register_sqlite_functions(connection: Any) -> None:
    """Register the functions on a DBAPI connection; generated SQL for SQLite needs them."""
    connection.create_function("feel", -1, _feel, deterministic=True)
    connection.create_function("feel_order", 4, _order, deterministic=True)
    connection.create_aggregate("feel_sum", 2, _Sum)
    connection.create_aggregate("feel_min", 2, _Least)
    connection.create_aggregate("feel_max", 2, _Greatest)


def _feel(name: str, kinds: str, *values: Any) -> Any:
    """Return the result of an operator, property (`.year`) or function over stored values."""
    read = [_read(value, of) for value, of in zip(values, kinds.split(","), strict=True)]
    if name[0] == ".":
        return stored(get(read[0], name[1:]))
    function = _OPERATORS.get(name)
    return stored(function(*read) if function is not None else BUILTINS[name].call(*read))


def _order(first: Any, second: Any, of: str, other: str) -> int | None:
    return order(_read(first, of), _read(second, other))


def _read(value: Any, of: str) -> Any:
    """Return a stored value as one of the language; `n2` is an integer scaled by 100."""
    if value is None:
        return None
    if of[0] == "n":
        return Decimal(str(value)).scaleb(-int(of[1:] or 0), CONTEXT)
    return _READERS[of](value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "s": str,
    "r": str,
    "b": bool,
    "d": lambda value: date.fromisoformat(value[:10]),
    "m": lambda value: datetime.fromisoformat(value[:26]).replace(tzinfo=UTC),
    "t": lambda value: feel_time(time.fromisoformat(value)),
    "u": lambda value: timedelta(microseconds=int(value)),
    "y": lambda value: YearsMonths(int(value)),
}


def stored(value: Any) -> Any:
    """Return a value of the language as SQLite holds it."""
    of = kind(value)
    if of == "number":
        return str(number(value))
    if of == "boolean":
        return int(value)
    if of == "date":
        return near_date(value).isoformat()
    if of == "date and time":
        return moment_text(to_utc(value)) if isinstance(value, datetime | WideDateTime) else None
    if of == "time":
        return _stored_time(value)
    if of == "days and time duration":
        return max(-LARGEST, min(LARGEST, duration_nanos(value) // 1000))
    if of == "years and months duration":
        return value.months
    return value if of == "string" else None


def _stored_time(value: FeelTime) -> str:
    seconds = value.nanos // NANOS
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


class _Sum:
    """The exact sum; one null among the values makes it null."""

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._null = False

    def step(self, value: Any, of: str) -> None:
        """Take one more value."""
        if value is None:
            self._null = True
            return
        self._values.append(_read(value, of))
        if len(self._values) > 1_000:
            self._values = [total(self._values)]

    def finalize(self) -> Any:
        """Return the sum as SQLite holds it."""
        return None if self._null else stored(total(self._values))


class _Extreme:
    """The least or greatest value; one null makes it null."""

    wanted = 0

    def __init__(self) -> None:
        self._best: Any = None
        self._null = False

    def step(self, value: Any, of: str) -> None:
        """Take one more value."""
        if value is None:
            self._null = True
            return
        read = _read(value, of)
        if self._best is None or order(read, self._best) == self.wanted:
            self._best = read

    def finalize(self) -> Any:
        """Return the value as SQLite holds it."""
        return None if self._null else stored(self._best)


class _Least(_Extreme):
    wanted = -1


class _Greatest(_Extreme):
    wanted = 1
