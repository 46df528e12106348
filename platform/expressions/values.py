"""What FEEL values are in Python, which kind each is, and how two of them compare.

An error is null (None). Kinds are the names of `types.py`; values of different kinds are neither
equal nor unequal: their comparison is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any, Protocol, runtime_checkable

from trellis.expressions.limits import DIGITS, MAX_EXPONENT
from trellis.expressions.temporal_values import (
    NANOS,
    FeelTime,
    WideDate,
    WideDateTime,
    WideDuration,
    YearsMonths,
    day_number,
    duration_nanos,
    feel_time,
    moment_nanos,
    time_nanos,
)

#: decimal128: 34 digits, half even. Flags are never read, so threads may share it.
CONTEXT = Context(
    prec=DIGITS, rounding=ROUND_HALF_EVEN, Emax=MAX_EXPONENT, Emin=-MAX_EXPONENT + 1,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)  # fmt: skip
#: Digits to spare, for what is rounded once at its end.
SPARE = Context(
    prec=2 * DIGITS, rounding=ROUND_HALF_EVEN, Emax=MAX_EXPONENT, Emin=-2 * MAX_EXPONENT,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)  # fmt: skip


@dataclass(frozen=True)
class Range:
    """A range of values.

    `operator` is set where a unary test was written (`< 5`, `!= 5`); it keeps such a range apart
    from the one with the same ends.
    """

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True
    operator: str | None = None


@dataclass(frozen=True)
class Function:
    """A function value: a closure of the language, or one that the platform gives.

    `call` takes as many values as there are parameters; a platform's function may leave the
    parameters unnamed (None) and take any number.
    """

    parameters: tuple[str, ...] | None
    call: Callable[..., Any]


@runtime_checkable
class TreeNode(Protocol):
    """A record of a tree."""

    def ancestor_ids(self) -> Iterable[str]:
        """Yield the ids of the record itself and of all above it."""
        ...


_KINDS: dict[type, str] = {
    bool: "boolean", int: "number", Decimal: "number", float: "number", str: "string",
    date: "date", WideDate: "date", datetime: "date and time", WideDateTime: "date and time",
    time: "time", FeelTime: "time", timedelta: "days and time duration",
    WideDuration: "days and time duration", YearsMonths: "years and months duration",
    list: "list", tuple: "list", dict: "context", Range: "range", Function: "function",
    type(None): "null",
}  # fmt: skip


def kind(value: Any) -> str:
    """Return the name of a value's type; `any` for what is no FEEL value."""
    found = _KINDS.get(type(value))
    return found if found is not None else _other_kind(value)


def _other_kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "context"
    for of in type(value).__mro__:
        if of in _KINDS:
            return _KINDS[of]
    return "any"


def is_number(value: Any) -> bool:
    """Tell whether the value is a number."""
    return kind(value) == "number"


def number(value: Any) -> Decimal:
    """Return a number as a decimal; floats by their shortest text."""
    if isinstance(value, Decimal):
        return value
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, and any other value as the list of it."""
    if isinstance(value, list):
        return value
    return list(value) if isinstance(value, tuple) else [value]


def record_id(value: Any) -> str | None:
    """Return the id of a record, None for other values."""
    if type(value) is dict or not isinstance(value, Mapping):
        return None
    identity = getattr(value, "id", None)
    return identity if isinstance(identity, str) else None


def equal(a: Any, b: Any) -> bool | None:
    """Return whether two values are equal; values of different kinds give null."""
    if a is None or b is None:
        return a is b
    of = kind(a)
    if of != kind(b):
        return _equal_record(a, b)
    if of == "number" or of == "string" or of == "boolean":
        return bool(a == b)
    return _EQUAL[of](a, b)


def _equal_record(a: Any, b: Any) -> bool | None:
    """A record equals the text of its id; everything else of different kinds gives null."""
    first, second = record_id(a), record_id(b)
    if first is not None and isinstance(b, str):
        return first == b
    return a == second if second is not None and isinstance(a, str) else None


def _equal_lists(a: Any, b: Any) -> bool | None:
    if len(a) != len(b):
        return False
    return all(equal(x, y) is True for x, y in zip(a, b, strict=True))


def _equal_contexts(a: Any, b: Any) -> bool | None:
    first, second = record_id(a), record_id(b)
    if first is not None or second is not None:
        return first == second
    return len(a) == len(b) and all(key in b and equal(a[key], b[key]) is True for key in a)


def _equal_ranges(a: Range, b: Range) -> bool | None:
    if (a.operator, a.low_closed, a.high_closed) != (b.operator, b.low_closed, b.high_closed):
        return False
    ends = equal(a.low, b.low), equal(a.high, b.high)
    return None if None in ends else ends == (True, True)


def sort_key(value: Any) -> Any:
    """Return what orders values of one kind; only for kinds that have an order."""
    return _ORDER_KEYS[kind(value)](value)


_ORDER_KEYS: dict[str, Callable[[Any], Any]] = {
    "number": lambda value: value,
    "string": lambda value: value,
    "date": day_number,
    "date and time": moment_nanos,
    "time": lambda value: time_nanos(feel_time(value) if isinstance(value, time) else value),
    "days and time duration": duration_nanos,
    "years and months duration": lambda value: value.months,
}
#: Equality of times is to the second (DMN 1.5, 10.3.2.3.4), order is exact.
_EQUAL: dict[str, Callable[[Any, Any], bool | None]] = {
    "date": lambda a, b: day_number(a) == day_number(b),
    "date and time": lambda a, b: moment_nanos(a) // NANOS == moment_nanos(b) // NANOS,
    "time": lambda a, b: sort_key(a) // NANOS == sort_key(b) // NANOS,
    "days and time duration": lambda a, b: duration_nanos(a) == duration_nanos(b),
    "years and months duration": lambda a, b: a.months == b.months,
    "list": _equal_lists,
    "context": _equal_contexts,
    "range": _equal_ranges,
    "function": lambda a, b: a is b,
    "any": lambda a, b: None,
}


def equality_key(value: Any) -> Any:
    """Return what is the same for equal values, and for no others."""
    of = kind(value)
    if of == "list":
        return of, tuple(equality_key(item) for item in value)
    if of == "context":
        identity = record_id(value)
        if identity is not None:
            return "string", identity
        return of, frozenset((key, equality_key(value[key])) for key in value)
    if of == "range":
        ends = equality_key(value.low), equality_key(value.high)
        return of, ends, value.low_closed, value.high_closed, value.operator
    if of in ("function", "any"):
        return of, id(value)
    key = sort_key(value) if of in _ORDER_KEYS else value
    return of, (key // NANOS if of in ("time", "date and time") else key)


def order(a: Any, b: Any) -> int | None:
    """Return -1, 0 or 1 as `a` stands before, with or after `b`; null when they have no order."""
    of = kind(a)
    if of != kind(b):
        return None
    key = _ORDER_KEYS.get(of)
    if key is None:
        return None
    x, y = key(a), key(b)
    return int(x > y) - int(x < y)


def in_range(value: Any, within: Range) -> bool | None:
    """Return whether a value lies in a range; null when it cannot be compared with its ends."""
    if within.operator in ("=", "!="):
        same = equal(value, within.low)
        return None if same is None else same is (within.operator == "=")
    results = []
    if within.low is not None or within.operator is None:
        results.append(_beyond(within.low, value, closed=within.low_closed))
    if within.high is not None or within.operator is None:
        results.append(_beyond(value, within.high, closed=within.high_closed))
    if False in results:
        return False
    return None if None in results else True


def _beyond(low: Any, high: Any, *, closed: bool) -> bool | None:
    found = order(low, high)
    return None if found is None else found < 0 or (found == 0 and closed)
