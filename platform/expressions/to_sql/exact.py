"""Computing on PostgreSQL as the language does: 34 digits, and no error where values are too large.

PostgreSQL's numbers are exact however long they get, its integers and dates raise. Here numbers
are rounded to the language's digits, and what becomes an integer or a date is held to what fits.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from trellis.expressions.limits import DIGITS, MAX_EXPONENT
from trellis.expressions.temporal_values import MOST_NANOS
from trellis.expressions.to_sql.terms import Element

_f = sa.func
_NUMERIC = sa.Numeric()
_LARGEST_INT, _LARGEST_BIGINT = 2**31 - 1, 2**63 - 1
#: A quotient keeps so many places before it is rounded.
_PLACES = 100
#: Years that no date is moved further by, so that PostgreSQL's own dates can hold it.
_YEARS_BACK, _YEARS_ON = 4_000, 10_000
_MOST_MICROS = MOST_NANOS // 1_000
_YEAR_MICROS = 366 * 86_400_000_000
#: Digits before and behind the point; None when they are not known to be few.
Size = tuple[int, int] | None


def once(value: Element, make: Callable[[Element], Element]) -> Element:
    """Return what is made of a value that is computed once, however often it is mentioned."""
    inner: Any = sa.select(value.label("v")).correlate(*value._from_objects)
    held = inner.offset(sa.literal_column("0")).lateral()
    made: Any = sa.select(make(held.c.v)).select_from(held).correlate_except(held)
    return made.scalar_subquery()  # type: ignore[no-any-return]


def _held(value: Element, low: int, high: int) -> Element:
    """Return a number between two bounds; null stays null."""
    return once(value, lambda v: sa.case((v > _number(high), _number(high)),
                                         (v < _number(low), _number(low)), else_=v))  # fmt: skip


def _number(value: int | Decimal | str) -> Element:
    return sa.literal_column(f"'{value}'::numeric", _NUMERIC)


def ten(exponent: Element) -> Element:
    """Return a power of ten, exactly: `power` knows sixteen places and takes 1e-35 for nothing."""
    return sa.cast(sa.literal_column("'1e'", sa.Text) + sa.cast(exponent, sa.Text), _NUMERIC)


def integer(value: Element) -> Element:
    """Return a number without its fraction, as an integer of 32 bits."""
    whole = _held(_f.trunc(sa.cast(value, _NUMERIC)), -_LARGEST_INT, _LARGEST_INT)
    return sa.cast(whole, sa.Integer)


def places(scale: Element) -> Element:
    """Return how many places a number is rounded to, as an integer; null beyond the limit."""
    whole = once(_f.trunc(sa.cast(scale, _NUMERIC)),
                 lambda v: sa.case((_f.abs(v) <= _number(MAX_EXPONENT), v)))  # fmt: skip
    return sa.cast(whole, sa.Integer)


def micros(value: Element) -> Element:
    """Return a length as whole microseconds, without the fraction.

    What is longer than the language knows is null, and what is longer than a column can hold is
    the longest.
    """
    known = once(_f.trunc(value), lambda v: sa.case((_f.abs(v) <= _number(_MOST_MICROS), v)))
    whole = _held(known, -_LARGEST_BIGINT, _LARGEST_BIGINT)
    return sa.cast(whole, sa.BigInteger)


def interval(amount: Element) -> Element:
    """Return microseconds as an interval that a date can be moved by."""
    near = _held(sa.cast(amount, _NUMERIC), -_YEARS_BACK * _YEAR_MICROS, _YEARS_ON * _YEAR_MICROS)
    unit = sa.literal_column("interval '1 microsecond'", postgresql.INTERVAL)
    return sa.cast(near, sa.BigInteger) * unit


def months(amount: Element) -> Element:
    """Return months as an interval that a date can be moved by."""
    near = _held(sa.cast(amount, _NUMERIC), -12 * _YEARS_BACK, 12 * _YEARS_ON)
    return _f.make_interval(0, sa.cast(near, sa.Integer))


def within_years(moment: Element) -> Element:
    """Return a timestamp (without zone) within the years 1 to 9999."""
    first, last = (sa.literal_column(f"timestamp '{text}'", postgresql.TIMESTAMP)
                   for text in ("0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"))  # fmt: skip
    return once(moment, lambda v: sa.case((v > last, last), (v < first, first), else_=v))


def quotient(a: Element, b: Element) -> Element:
    """Return a quotient with the language's digits; by zero it is null."""
    return rounded(widened(a) / _f.nullif(sa.cast(b, _NUMERIC), 0))


def widened(value: Element) -> Element:
    """Return a number as PostgreSQL divides it with enough places."""
    return sa.cast(value, _NUMERIC) + _number(f"0e-{_PLACES}")


def rounded(value: Element) -> Element:
    """Return a number with the language's digits, halves to even."""
    return once(value, lambda v: once_places(v))


def once_places(v: Element) -> Element:
    """Return a number that is mentioned freely, with the language's digits."""
    size = _f.abs(v)
    before = _f.length(sa.cast(_f.trunc(size), sa.Text))
    about = sa.cast(_f.floor(_f.log(_f.nullif(size, 0))), sa.Integer)
    # A logarithm is rounded: 0.0999… may pass for a tenth.
    behind = about - sa.case((size < ten(about), 1), else_=0)
    places = sa.case((size >= _number(1), DIGITS - before), else_=DIGITS - 1 - behind)
    return half_even(v, sa.func.coalesce(places, DIGITS))


def half_even(v: Element, places: Element) -> Element:
    """Return a number rounded to places, halves to even; both are mentioned several times."""
    half = _number("0.5")
    tie = _f.abs(v - _f.trunc(v, places)) == half * ten(-places)
    # Half of it has no tie, and twice the rounded half is even.
    return sa.case((tie, 2 * _f.round(v * half, places)), else_=_f.round(v, places))


def combined(operator: str, a: Size, b: Size) -> Size:
    """Return how many digits a sum, difference or product may have."""
    if a is None or b is None or operator not in ("+", "-", "*"):
        return None
    if operator == "*":
        return a[0] + b[0], a[1] + b[1]
    return max(a[0], b[0]) + 1, max(a[1], b[1])


def fits(size: Size) -> bool:
    """Tell whether a number of a size needs no rounding."""
    return size is not None and sum(size) <= DIGITS


def size_of(value: Any) -> Size:
    """Return the digits of a constant."""
    if not isinstance(value, Decimal):
        return None
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return None
    return max(len(digits) + exponent, 0), max(-exponent, 0)
