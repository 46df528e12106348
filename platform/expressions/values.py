"""What FEEL values are in Python, and how two of them compare; an error is null (None)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, ROUND_HALF_EVEN
from typing import Any

from trellis.expressions.limits import DIGITS, MAX_EXPONENT
from trellis.expressions.temporal import FeelTime, YearsMonths

#: decimal128: 34 digits, half even.
CONTEXT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emax=MAX_EXPONENT + DIGITS,
                  Emin=-MAX_EXPONENT - DIGITS, traps=[InvalidOperation, DivisionByZero, Overflow])  # fmt: skip


@dataclass(frozen=True)
class Range:
    """A range of values; a missing end is open."""

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True)
class Function:
    """A function value: a closure of the language."""

    parameters: tuple[str, ...]
    body: Callable[..., Any]


def is_number(value: Any) -> bool:
    """Tell whether the value is a FEEL number."""
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)


def number(value: Any) -> Decimal:
    """Return a number as a decimal; floats by their shortest text."""
    if isinstance(value, Decimal):
        return value
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def record_id(value: Any) -> str | None:
    """Return the id of a record, None for other values."""
    identity = getattr(value, "id", None)
    return identity if isinstance(value, Mapping) and isinstance(identity, str) else None


def equal(a: Any, b: Any) -> bool | None:
    """Return whether two values are equal; values of different kinds give null."""
    if a is None or b is None:
        return a is b
    if is_number(a) and is_number(b):
        return number(a) == number(b)
    first, second = record_id(a), record_id(b)
    if first is not None or second is not None:
        return (first or a) == (second or b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(equal(x, y) is True for x, y in zip(a, b, strict=True))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return set(a) == set(b) and all(equal(a[key], b[key]) is True for key in a)
    if kind(a) != kind(b):
        return None
    if isinstance(a, datetime):
        return _instants(a, b, lambda x, y: x == y)
    if isinstance(a, FeelTime):
        return a.seconds() == b.seconds() and (a.zone is None) == (b.zone is None)
    return bool(a == b)


def kind(value: Any) -> str:
    """Return the name of a value's FEEL type."""
    for cls, name in _KINDS:
        if isinstance(value, cls):
            return name
    return "null" if value is None else "any"


_KINDS: tuple[tuple[Any, str], ...] = (
    (bool, "boolean"), ((Decimal, int, float), "number"), (str, "string"),
    (datetime, "date and time"), (date, "date"), (FeelTime, "time"),
    (timedelta, "days and time duration"), (YearsMonths, "years and months duration"),
    (list, "list"), (Range, "range"), (Function, "function"), (Mapping, "context"),
)  # fmt: skip


def _instants(a: datetime, b: datetime, compare: Callable[[Any, Any], bool]) -> bool | None:
    if (a.tzinfo is None) != (b.tzinfo is None):
        return None
    if a.tzinfo is not None:
        a, b = a.astimezone(UTC), b.astimezone(UTC)
    return compare(a, b)


def order(a: Any, b: Any) -> int | None:
    """Return -1, 0 or 1 as `a` stands before, with or after `b`; null when they have no order."""
    if is_number(a) and is_number(b):
        x, y = number(a), number(b)
        return (x > y) - (x < y)
    name = kind(a)
    if name != kind(b) or name in ("null", "any", "boolean", "list", "context", "range",
                                   "function"):  # fmt: skip
        return None
    if isinstance(a, datetime):
        if (a.tzinfo is None) != (b.tzinfo is None):
            return None
        if a.tzinfo is not None:
            a, b = a.astimezone(UTC), b.astimezone(UTC)
    if isinstance(a, FeelTime):
        a, b = a.seconds(), b.seconds()
    return int(a > b) - int(a < b)


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, null as an empty list, anything else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def in_range(value: Any, span: Range) -> bool | None:
    """Tell whether a value lies in a range."""
    low = 1 if span.low is None else order(value, span.low)
    high = -1 if span.high is None else order(value, span.high)
    if low is None or high is None:
        return None
    return (low > 0 or (low == 0 and span.low_closed)) and (
        high < 0 or (high == 0 and span.high_closed)
    )


def members(value: Any) -> Iterator[Any]:
    """Yield the elements of a list, or of a range of whole numbers or dates."""
    if isinstance(value, Range):
        yield from _range_members(value)
    else:
        yield from as_list(value)


def _range_members(span: Range) -> Iterator[Any]:
    low, high = span.low, span.high
    if is_number(low) and is_number(high):
        step = 1 if number(low) <= number(high) else -1
        current = int(number(low))
        while (current <= number(high)) if step > 0 else (current >= number(high)):
            yield Decimal(current)
            current += step
    elif kind(low) == kind(high) == "date":
        day = timedelta(days=1) if low <= high else timedelta(days=-1)
        while (low <= high) if day > timedelta() else (low >= high):
            yield low
            low += day
