"""The operators of FEEL over Python values; they never raise, an error is null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from typing import Any

from trellis.expressions.limits import MAX_STRING
from trellis.expressions.temporal_values import (
    DAY_NANOS,
    FeelTime,
    WideDate,
    WideDateTime,
    WideDuration,
    YearsMonths,
    add_months,
    date_of_number,
    date_part,
    day_number,
    duration_nanos,
    feel_time,
    make_datetime,
    make_duration,
    make_months,
    moment_nanos,
    moment_of_nanos,
    time_nanos,
    time_part,
    zone_of,
)
from trellis.expressions.values import (
    CONTEXT,
    SPARE,
    Range,
    equal,
    in_range,
    kind,
    number,
    order,
)

_ADD, _SUBTRACT = CONTEXT.add, CONTEXT.subtract
_MULTIPLY, _DIVIDE = CONTEXT.multiply, CONTEXT.divide
_TIMES = ("date", "date and time", "time")


def add(a: Any, b: Any) -> Any:
    """`a + b`"""
    of, other = kind(a), kind(b)
    if of == other == "number":
        return add_numbers(number(a), number(b))
    if of == other == "string":
        return join_texts(a, b)
    if other in _TIMES and of not in _TIMES:
        a, b = b, a
    return _shift(a, b, 1)


def join_texts(a: str | None, b: str | None) -> str | None:
    """`a + b` of texts."""
    if a is None or b is None or len(a) + len(b) > MAX_STRING:
        return None
    return a + b


def add_numbers(a: Any, b: Any) -> Decimal | None:
    """`a + b` of numbers or nulls."""
    try:
        return _ADD(a, b)
    except (TypeError, DecimalException):
        return None


def subtract_numbers(a: Any, b: Any) -> Decimal | None:
    """`a - b` of numbers or nulls."""
    try:
        return _SUBTRACT(a, b)
    except (TypeError, DecimalException):
        return None


def multiply_numbers(a: Any, b: Any) -> Decimal | None:
    """`a * b` of numbers or nulls."""
    try:
        return _MULTIPLY(a, b)
    except (TypeError, DecimalException):
        return None


def divide_numbers(a: Any, b: Any) -> Decimal | None:
    """`a / b` of numbers or nulls; by zero is null."""
    try:
        return _DIVIDE(a, b)
    except (TypeError, DecimalException):
        return None


def power_numbers(a: Any, b: Any) -> Decimal | None:
    """`a ** b` of numbers or nulls."""
    try:
        found = CONTEXT.plus(SPARE.power(a, b))
    except (TypeError, DecimalException):
        return None
    return found if found.is_finite() else None


def subtract(a: Any, b: Any) -> Any:
    """`a - b`"""
    of, other = kind(a), kind(b)
    if of == other == "number":
        return subtract_numbers(number(a), number(b))
    if of in _TIMES and other in _TIMES:
        return _distance(a, b, of, other)
    return _shift(a, b, -1)


def subtract_dates(a: Any, b: Any) -> Any:
    """`a - b` of what are dates or nulls."""
    return a - b if type(a) is type(b) is date else subtract(a, b)


def _distance(a: Any, b: Any, of: str, other: str) -> Any:
    if "time" in (of, other):
        if of != other:
            return None
        first, second = _time(a), _time(b)
        if (first.zone is None) != (second.zone is None):
            return None
        return make_duration(time_nanos(first) - time_nanos(second))
    if of == other == "date":
        return make_duration((day_number(a) - day_number(b)) * DAY_NANOS)
    # A date counts as its midnight in UTC.
    zones = [zone_of(value) if key == "date and time" else True
             for value, key in ((a, of), (b, other))]  # fmt: skip
    if (zones[0] is None) != (zones[1] is None):
        return None
    return make_duration(_moment(a, of) - _moment(b, other))


def _moment(value: Any, of: str) -> int:
    return moment_nanos(value) if of == "date and time" else day_number(value) * DAY_NANOS


def _time(value: Any) -> FeelTime:
    return feel_time(value) if isinstance(value, time) else value


def _shift(a: Any, b: Any, sign: int) -> Any:
    """Return a date, time, moment or duration moved by a duration."""
    if isinstance(b, timedelta | WideDuration):
        return _shift_nanos(a, sign * duration_nanos(b))
    if isinstance(b, YearsMonths):
        return _shift_months(a, sign * b.months)
    return None


def _shift_nanos(a: Any, nanos: int) -> Any:
    if isinstance(a, datetime | WideDateTime):
        return moment_of_nanos(moment_nanos(a) + nanos, zone_of(a))
    if isinstance(a, date | WideDate):
        return date_of_number((day_number(a) * DAY_NANOS + nanos) // DAY_NANOS)
    if isinstance(a, time | FeelTime):
        clock = _time(a)
        return FeelTime((clock.nanos + nanos) % DAY_NANOS, clock.zone)
    if isinstance(a, timedelta | WideDuration):
        return make_duration(duration_nanos(a) + nanos)
    return None


def _shift_months(a: Any, months: int) -> Any:
    if isinstance(a, YearsMonths):
        return make_months(a.months + months)
    if isinstance(a, datetime | WideDateTime):
        day = add_months(date_part(a), months)
        return None if day is None else make_datetime(day, time_part(a))
    return add_months(a, months) if isinstance(a, date | WideDate) else None


def multiply(a: Any, b: Any) -> Any:
    """`a * b`"""
    of, other = kind(a), kind(b)
    if of == other == "number":
        return multiply_numbers(number(a), number(b))
    if of == "number":
        a, b, other = b, a, of
    return _scaled(a, number(b), CONTEXT.multiply) if other == "number" else None


def divide(a: Any, b: Any) -> Any:
    """`a / b`; by zero is null"""
    of, other = kind(a), kind(b)
    if of == other == "number":
        return divide_numbers(number(a), number(b))
    if of == other == "days and time duration":
        return divide_numbers(Decimal(duration_nanos(a)), Decimal(duration_nanos(b)))
    if of == other == "years and months duration":
        return divide_numbers(Decimal(a.months), Decimal(b.months))
    return _scaled(a, number(b), CONTEXT.divide) if other == "number" else None


def _scaled(a: Any, factor: Decimal, operation: Callable[[Decimal, Decimal], Decimal]) -> Any:
    try:
        if isinstance(a, timedelta):
            # What is measured in microseconds stays so, as it does in columns.
            return make_duration(int(operation(Decimal(duration_nanos(a) // 1000), factor)) * 1000)
        if isinstance(a, WideDuration):
            return make_duration(int(operation(Decimal(a.nanos), factor)))
        if isinstance(a, YearsMonths):
            return make_months(int(operation(Decimal(a.months), factor)))
    except (DecimalException, OverflowError, ValueError):
        return None
    return None


def power(a: Any, b: Any) -> Any:
    """`a ** b`"""
    return power_numbers(number(a), number(b)) if kind(a) == kind(b) == "number" else None


def negate(a: Any) -> Any:
    """`-a`"""
    of = kind(a)
    if of == "number":
        return CONTEXT.minus(number(a))
    if of == "days and time duration":
        return make_duration(-duration_nanos(a))
    return YearsMonths(-a.months) if of == "years and months duration" else None


def and_(a: Any, b: Any) -> bool | None:
    """`a and b`: what is not a boolean counts as null."""
    if a is False or b is False:
        return False
    return True if a is True and b is True else None


def or_(a: Any, b: Any) -> bool | None:
    """`a or b`"""
    if a is True or b is True:
        return True
    return False if a is False and b is False else None


def not_(a: Any) -> bool | None:
    """`not(a)`"""
    return (not a) if isinstance(a, bool) else None


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
    found = order(a, b)
    return None if found is None else found > 0


def greater_equal(a: Any, b: Any) -> bool | None:
    """`a >= b`"""
    found = order(a, b)
    return None if found is None else found >= 0


def between(value: Any, low: Any, high: Any) -> bool | None:
    """`value between low and high`"""
    return and_(less_equal(low, value), less_equal(value, high))


def range_of(low: Any, high: Any, low_closed: bool, high_closed: bool) -> Range | None:
    """`[low..high]`; null when the ends are of different kinds or the wrong way round."""
    if low is not None and high is not None:
        found = order(low, high)
        if found is None or found > 0:
            return None
    if (low is None and low_closed) or (high is None and high_closed):
        return None if low is None and high is None else Range(low, high, low_closed, high_closed)
    return Range(low, high, low_closed, high_closed)


def test_range(operator: str, operand: Any) -> Range | None:
    """Return the range of what passes `operator operand`."""
    if operator in ("=", "!="):
        return Range(operand, operand, operator="=" if operator == "=" else "!=")
    if operand is None:
        return None
    closed = operator in ("<=", ">=")
    if operator[0] == "<":
        return Range(None, operand, False, closed, operator)
    return Range(operand, None, closed, False, operator)


def passes(value: Any, test: Any) -> bool | None:
    """Tell whether a value passes a test: equals it, lies in a range, or passes one of a list."""
    if isinstance(test, Range):
        if kind(value) == "range":
            return equal(value, test)
        return in_range(value, test)
    if isinstance(test, list):
        if kind(value) == "list" and equal(value, test) is True:
            return True
        return any_of([passes(value, item) for item in test])
    return equal(value, test)


def any_of(results: list[bool | None]) -> bool:
    """Join the results of several tests: one true is enough, and only true or false are known."""
    return True in results
