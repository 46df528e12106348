"""The operators of FEEL over Python values: null-safe, an error is null."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, DecimalException
from typing import Any

from trellis.expressions.limits import MAX_STRING
from trellis.expressions.problems import StepLimitError
from trellis.expressions.temporal import FeelTime, YearsMonths, add_months
from trellis.expressions.values import (
    CONTEXT,
    Range,
    as_list,
    equal,
    in_range,
    is_number,
    members,
    number,
    order,
)

_MICRO = timedelta(microseconds=1)
MAX_SHIFT = 10**15


def add(a: Any, b: Any) -> Any:
    """`a + b`"""
    if is_number(a) and is_number(b):
        return _calculate(CONTEXT.add, a, b)
    if isinstance(a, str) and isinstance(b, str):
        return a + b if len(a) + len(b) <= MAX_STRING else None
    if isinstance(b, date | FeelTime) and not isinstance(a, date | FeelTime):
        a, b = b, a
    return _shift(a, b, 1)


def subtract(a: Any, b: Any) -> Any:
    """`a - b`"""
    if is_number(a) and is_number(b):
        return _calculate(CONTEXT.subtract, a, b)
    if isinstance(a, date) and isinstance(b, date):
        return _between(a, b)
    if isinstance(a, FeelTime) and isinstance(b, FeelTime):
        return timedelta(seconds=a.seconds() - b.seconds())
    return _shift(a, b, -1)


def _between(a: date, b: date) -> timedelta | None:
    if isinstance(a, datetime) != isinstance(b, datetime):
        # A date counts as its midnight, in UTC where the other side has a zone.
        a, b = _midnight(a, b), _midnight(b, a)
    if isinstance(a, datetime) and isinstance(b, datetime):
        if (a.tzinfo is None) != (b.tzinfo is None):
            return None
        return a - b
    return a - b


def _midnight(value: date, like: date) -> datetime:
    if isinstance(value, datetime):
        return value
    zone = like.tzinfo if isinstance(like, datetime) else None
    return datetime(value.year, value.month, value.day, tzinfo=zone)


def _shift(a: Any, b: Any, sign: int) -> Any:
    try:
        if isinstance(b, timedelta):
            return _shift_time(a, sign * b)
        if isinstance(b, YearsMonths):
            return _shift_months(a, sign * b.months)
    except OverflowError:
        return None
    return None


def _shift_time(a: Any, amount: timedelta) -> Any:
    if isinstance(a, datetime | timedelta):
        return a + amount
    if isinstance(a, date):
        return (datetime(a.year, a.month, a.day) + amount).date()
    if isinstance(a, FeelTime):
        moved = datetime.combine(date(2000, 1, 1), a.time) + amount
        return FeelTime(moved.time(), a.zone, a.zone_name)
    return None


def _shift_months(a: Any, months: int) -> Any:
    if isinstance(a, YearsMonths):
        return YearsMonths(a.months + months)
    if isinstance(a, datetime):
        day = add_months(a.date(), months)
        return None if day is None else datetime.combine(day, a.timetz())
    return add_months(a, months) if isinstance(a, date) else None


def multiply(a: Any, b: Any) -> Any:
    """`a * b`"""
    if is_number(a) and is_number(b):
        return _calculate(CONTEXT.multiply, a, b)
    if is_number(a):
        a, b = b, a
    return _scaled(a, number(b)) if is_number(b) else None


def _scaled(a: Any, factor: Decimal) -> Any:
    try:
        if isinstance(a, timedelta):
            return timedelta(microseconds=float(Decimal(a // _MICRO) * factor))
        if isinstance(a, YearsMonths):
            return YearsMonths(int(a.months * factor))
    except (OverflowError, DecimalException):
        return None
    return None


def divide(a: Any, b: Any) -> Any:
    """`a / b`; by zero is null"""
    if is_number(a) and is_number(b):
        return None if not b else _calculate(CONTEXT.divide, a, b)
    if isinstance(a, timedelta) and isinstance(b, timedelta):
        return None if not b else CONTEXT.divide(Decimal(a // _MICRO), Decimal(b // _MICRO))
    if isinstance(a, YearsMonths) and isinstance(b, YearsMonths):
        return None if not b.months else CONTEXT.divide(Decimal(a.months), Decimal(b.months))
    if is_number(b) and b:
        return _scaled(a, CONTEXT.divide(Decimal(1), number(b)))
    return None


def power(a: Any, b: Any) -> Any:
    """`a ** b`"""
    if not (is_number(a) and is_number(b)):
        return None
    return _calculate(CONTEXT.power, a, b)


def negate(a: Any) -> Any:
    """`-a`"""
    if is_number(a):
        return CONTEXT.minus(number(a))
    if isinstance(a, timedelta):
        return -a
    return YearsMonths(-a.months) if isinstance(a, YearsMonths) else None


def _calculate(operation: Callable[[Decimal, Decimal], Decimal], a: Any, b: Any) -> Any:
    try:
        result = operation(number(a), number(b))
    except (DecimalException, ValueError, OverflowError):
        return None
    return result if result.is_finite() else None


def and_(a: Any, b: Callable[[], Any]) -> bool | None:
    """Three-valued `and`; the right side is asked only when it matters."""
    if a is False:
        return False
    other = b()
    if other is False:
        return False
    return True if a is True and other is True else None


def or_(a: Any, b: Callable[[], Any]) -> bool | None:
    """Three-valued `or`."""
    if a is True:
        return True
    other = b()
    if other is True:
        return True
    return False if a is False and other is False else None


def not_equal(a: Any, b: Any) -> bool | None:
    """`a != b`"""
    same = equal(a, b)
    return None if same is None else not same


def less(a: Any, b: Any) -> bool | None:
    """`a < b`"""
    found = order(a, b)
    return None if found is None else found < 0


def less_equal(a: Any, b: Any) -> bool | None:
    """`a <= b`"""
    found = order(a, b)
    return None if found is None else found <= 0


def greater(a: Any, b: Any) -> bool | None:
    """`a > b`"""
    return less(b, a)


def greater_equal(a: Any, b: Any) -> bool | None:
    """`a >= b`"""
    return less_equal(b, a)


def between(value: Any, low: Any, high: Any) -> bool | None:
    """`value between low and high`"""
    return and_(less_equal(low, value), lambda: less_equal(value, high))


def passes(value: Any, test: Any) -> bool | None:
    """Tell whether a value passes a test given as a value: equal, in a range, in a list."""
    if isinstance(test, Range):
        return in_range(value, test)
    if isinstance(test, list):
        if equal(value, test) is True:
            return True
        return any(passes(value, item) is True for item in test)
    return equal(value, test)


def any_passes(results: list[Any]) -> bool:
    """Join the results of several tests: true when one is true."""
    return any(result is True for result in results)


def iterate(domain: Any, budget: list[int]) -> Iterator[Any]:
    """Yield the members of a domain, counting each against the step budget."""
    for item in members(domain):
        budget[0] -= 1
        if budget[0] < 0:
            raise StepLimitError("the expression takes too many steps")
        yield item


def filtered(base: Any, test: Callable[[Any], Any], budget: list[int]) -> Any:
    """`base[test]`: a number picks by position, true keeps."""
    items = as_list(base)
    if not items:
        return []
    first = test(items[0])
    if is_number(first):
        return _at(items, first)
    kept = [items[0]] if first is True else []
    kept += [item for item in iterate(items[1:], budget) if test(item) is True]
    return kept


def _at(items: list[Any], position: Any) -> Any:
    index = int(number(position))
    if index != number(position) or index == 0 or abs(index) > len(items):
        return None
    return items[index - 1] if index > 0 else items[index]


def some(values: Iterator[Any]) -> bool | None:
    """Three-valued `some`."""
    unknown = False
    for value in values:
        if value is True:
            return True
        unknown = unknown or value is None
    return None if unknown else False


def every(values: Iterator[Any]) -> bool | None:
    """Three-valued `every`."""
    unknown = False
    for value in values:
        if value is False:
            return False
        unknown = unknown or value is None
    return None if unknown else True


def get(value: Any, name: str) -> Any:
    """`value.name`"""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list):
        return [get(item, name) for item in value]
    reader = _PROPERTIES.get((_property_kind(value), name))
    return None if reader is None else reader(value)


def _property_kind(value: Any) -> str:
    if isinstance(value, datetime):
        return "datetime"
    for cls, name in ((date, "date"), (FeelTime, "time"), (timedelta, "days"),
                      (YearsMonths, "months"), (Range, "range")):  # fmt: skip
        if isinstance(value, cls):
            return name
    return ""


def _part(seconds: int, modulus: int) -> Callable[[timedelta], Decimal]:
    def read(value: timedelta) -> Decimal:
        total = int(value.total_seconds())
        amount = abs(total) // seconds
        part = amount % modulus if modulus else amount
        return Decimal(-part if total < 0 else part)

    return read


def _truncated(months: int, divisor: int, *, rest: bool) -> Decimal:
    amount = abs(months) % divisor if rest else abs(months) // divisor
    return Decimal(-amount if months < 0 else amount)


_PROPERTIES: dict[tuple[str, str], Callable[[Any], Any]] = {
    **{(kind, name): (lambda value, name=name: Decimal(getattr(value, name)))
       for kind in ("date", "datetime") for name in ("year", "month", "day")},
    **{("datetime", name): (lambda value, name=name: Decimal(getattr(value, name)))
       for name in ("hour", "minute", "second")},
    **{("time", name): (lambda value, name=name: Decimal(getattr(value.time, name)))
       for name in ("hour", "minute", "second")},
    ("date", "weekday"): lambda value: Decimal(value.isoweekday()),
    ("datetime", "weekday"): lambda value: Decimal(value.isoweekday()),
    ("datetime", "time offset"): lambda value: value.utcoffset(),
    ("datetime", "timezone"): lambda value: getattr(value.tzinfo, "key", None),
    ("time", "time offset"): lambda value: value.offset(),
    ("time", "timezone"): lambda value: value.zone_name,
    ("days", "days"): _part(86_400, 0),
    ("days", "hours"): _part(3_600, 24),
    ("days", "minutes"): _part(60, 60),
    ("days", "seconds"): _part(1, 60),
    ("months", "years"): lambda value: _truncated(value.months, 12, rest=False),
    ("months", "months"): lambda value: _truncated(value.months, 12, rest=True),
    ("range", "start"): lambda value: value.low,
    ("range", "end"): lambda value: value.high,
    ("range", "start included"): lambda value: value.low_closed,
    ("range", "end included"): lambda value: value.high_closed,
}  # fmt: skip
