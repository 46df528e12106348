"""Operators and functions over single values: PostgreSQL's own, and on SQLite the registered ones.

What stands here can be said on both databases; a function that is missing is refused on both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from trellis.expressions.to_sql import exact
from trellis.expressions.to_sql.terms import Element, Term

Maker = Callable[..., Element]
_f = sa.func
_DAY_MICROS = 86_400_000_000
_NUMERIC = sa.Numeric()


def _utc(moment: Element) -> Element:
    return _f.timezone("UTC", moment)


def _moved_date(sign: int, shift: Callable[[Element], Element]) -> Maker:
    def make(day: Element, amount: Element) -> Element:
        start = sa.cast(day, postgresql.TIMESTAMP)
        moved = start + shift(amount) if sign > 0 else start - shift(amount)
        return sa.cast(exact.within_years(moved), sa.Date)

    return make


def _moved_moment(sign: int, shift: Callable[[Element], Element]) -> Maker:
    def make(moment: Element, amount: Element) -> Element:
        # In UTC, so that the session's zone and its summer time play no part.
        start = _utc(moment)
        moved = start + shift(amount) if sign > 0 else start - shift(amount)
        return _f.timezone("UTC", exact.within_years(moved))

    return make


def _flipped(make: Maker) -> Maker:
    return lambda amount, value: make(value, amount)


def _days_apart(a: Element, b: Element) -> Element:
    return sa.cast(a - b, sa.BigInteger) * _DAY_MICROS


def _moments_apart(a: Element, b: Element) -> Element:
    return sa.cast(
        (sa.extract("epoch", a).op("-")(sa.extract("epoch", b))) * 1_000_000, sa.BigInteger
    )


def _scaled(amount: Element, factor: Element) -> Element:
    return exact.micros(sa.cast(amount, _NUMERIC) * factor)


def _shared(amount: Element, divisor: Element) -> Element:
    return exact.micros(exact.quotient(amount, divisor))


def _lengths(operator: str) -> Maker:
    def make(a: Element, b: Element) -> Element:
        first, second = sa.cast(a, _NUMERIC), sa.cast(b, _NUMERIC)
        return exact.micros(first + second if operator == "+" else first - second)

    return make


_DATE_SHIFTS = {"duration": exact.interval, "months": exact.months}
#: (operator, kind, kind) → (kind of the result, how PostgreSQL says it).
_ARITHMETIC: dict[tuple[str, str, str], tuple[str, Maker]] = {
    ("+", "number", "number"): ("number", lambda a, b: a + b),
    ("-", "number", "number"): ("number", lambda a, b: a - b),
    ("*", "number", "number"): ("number", lambda a, b: a * b),
    ("/", "number", "number"): ("number", exact.quotient),
    ("+", "string", "string"): ("string", lambda a, b: a.concat(b)),
    ("+", "duration", "duration"): ("duration", _lengths("+")),
    ("-", "duration", "duration"): ("duration", _lengths("-")),
    ("*", "duration", "number"): ("duration", _scaled),
    ("*", "number", "duration"): ("duration", _flipped(_scaled)),
    ("/", "duration", "number"): ("duration", _shared),
    ("/", "duration", "duration"): ("number", exact.quotient),
    ("-", "date", "date"): ("duration", _days_apart),
    ("-", "datetime", "datetime"): ("duration", _moments_apart),
}
for _of, _shift in _DATE_SHIFTS.items():
    for _operator, _sign in (("+", 1), ("-", -1)):
        _ARITHMETIC[_operator, "date", _of] = ("date", _moved_date(_sign, _shift))
        _ARITHMETIC[_operator, "datetime", _of] = ("datetime", _moved_moment(_sign, _shift))
    _ARITHMETIC["+", _of, "date"] = ("date", _flipped(_moved_date(1, _shift)))
    _ARITHMETIC["+", _of, "datetime"] = ("datetime", _flipped(_moved_moment(1, _shift)))
ARITHMETIC: Mapping[tuple[str, str, str], tuple[str, Maker]] = _ARITHMETIC


def _substring(text: Element, start: Element, length: Element | None = None) -> Element:
    whole = exact.integer(start)
    if length is None:
        return exact.once(whole, lambda first: _part_of(text, first, None))
    return exact.once(
        whole,
        lambda first: exact.once(exact.integer(length), lambda count: _part_of(text, first, count)),
    )


def _part_of(text: Element, first: Element, count: Element | None) -> Element:
    size = _f.char_length(text)
    begin = sa.case((first > 0, first), else_=size + first + 1)
    missing = [sa.or_(text.is_(None), first.is_(None)), first == 0, _f.abs(first) > size]
    if count is None:
        return sa.case((sa.or_(*missing), sa.null()), else_=_f.substr(text, begin))
    missing += [count.is_(None), count < 1]
    # Counting beyond the end gives what there is.
    few = sa.case((count > size, size), else_=count)
    return sa.case((sa.or_(*missing), sa.null()), else_=_f.substr(text, begin, few))


def _before(text: Element, match: Element) -> Element:
    place = _f.strpos(text, match)
    return sa.case((sa.or_(text.is_(None), match.is_(None)), sa.null()),
                   (sa.or_(match == "", place == 0), sa.literal("")),
                   else_=_f.substr(text, 1, _f.greatest(place - 1, 0)))  # fmt: skip


def _after(text: Element, match: Element) -> Element:
    place = _f.strpos(text, match)
    return sa.case((sa.or_(text.is_(None), match.is_(None)), sa.null()), (match == "", text),
                   (place == 0, sa.literal("")),
                   else_=_f.substr(text, place + _f.char_length(match)))  # fmt: skip


def _starts(text: Element, part: Element) -> Element:
    return _f.starts_with(text, part)


def _ends(text: Element, part: Element) -> Element:
    return _f.right(text, _f.char_length(part)) == part


def _modulo(a: Element, b: Element) -> Element:
    return exact.once(b, lambda divisor: exact.once(a, lambda dividend: _rest(dividend, divisor)))


def _rest(a: Element, b: Element) -> Element:
    """Return what is left of a division; PostgreSQL's own has the dividend's sign."""
    rest = _f.mod(a, _f.nullif(b, 0))
    return sa.case((_f.sign(rest) * _f.sign(b) < 0, rest + b), else_=rest)


def _floor(value: Element, scale: Element | None = None) -> Element:
    return _at_scale(_f.floor, value, scale)


def _ceiling(value: Element, scale: Element | None = None) -> Element:
    return _at_scale(_f.ceil, value, scale)


def _at_scale(rounding: Any, value: Element, scale: Element | None) -> Element:
    if scale is None:
        return rounding(value)  # type: ignore[no-any-return]
    return exact.once(exact.places(scale), lambda n: rounding(value * exact.ten(n)) * exact.ten(-n))


def _half_even(value: Element, scale: Element) -> Element:
    return exact.once(
        exact.places(scale),
        lambda n: exact.once(sa.cast(value, _NUMERIC), lambda v: exact.half_even(v, n)),
    )


def _half_up(value: Element, scale: Element) -> Element:
    return _f.round(sa.cast(value, _NUMERIC), exact.places(scale))


def _up(value: Element, scale: Element) -> Element:
    return exact.once(value, lambda v: _f.sign(v) * _at_scale(_f.ceil, _f.abs(v), scale))


def _down(value: Element, scale: Element) -> Element:
    return _f.trunc(sa.cast(value, _NUMERIC), exact.places(scale))


def _part(field: str, of: str) -> Maker:
    def make(value: Element) -> Element:
        moment = _utc(value) if of == "datetime" else value
        return _f.floor(sa.cast(sa.extract(field, moment), _NUMERIC))

    return make


def _clock_part(start: int) -> Maker:
    return lambda value: sa.cast(_f.substr(value, start, 2), sa.Integer)


def _duration_part(unit: int, modulus: int) -> Maker:
    def make(value: Element) -> Element:
        whole = _f.trunc(sa.cast(value, _NUMERIC) / (unit * 1_000_000))
        return _f.mod(whole, modulus) if modulus else whole

    return make


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


def _named(field: str, names: Sequence[str], of: str) -> Maker:
    def make(value: Element) -> Element:
        number = sa.extract(field, _utc(value) if of == "datetime" else value)
        return sa.case(
            *((number == index, sa.literal(name)) for index, name in enumerate(names, 1))
        )

    return make


def _day_of(moment: Element) -> Element:
    return sa.cast(_utc(moment), sa.Date)


_STRINGS: dict[tuple[str, ...], tuple[str, Maker]] = {
    ("string length", "string"): ("number", _f.char_length),
    ("upper case", "string"): ("string", lambda a: _f.upper(sa.collate(a, "und-x-icu"))),
    ("lower case", "string"): ("string", lambda a: _f.lower(sa.collate(a, "und-x-icu"))),
    ("substring", "string", "number"): ("string", _substring),
    ("substring", "string", "number", "number"): ("string", _substring),
    ("substring before", "string", "string"): ("string", _before),
    ("substring after", "string", "string"): ("string", _after),
    ("contains", "string", "string"): ("boolean", lambda a, b: _f.strpos(a, b) > 0),
    ("starts with", "string", "string"): ("boolean", _starts),
    ("ends with", "string", "string"): ("boolean", _ends),
    ("string", "string"): ("string", lambda a: a),
}
_NUMBERS: dict[tuple[str, ...], tuple[str, Maker]] = {
    ("abs", "number"): ("number", _f.abs),
    ("abs", "duration"): ("duration", _f.abs),
    ("negate", "number"): ("number", lambda a: -a),
    ("negate", "duration"): ("duration", lambda a: -a),
    ("modulo", "number", "number"): ("number", _modulo),
    ("floor", "number"): ("number", _floor),
    ("floor", "number", "number"): ("number", _floor),
    ("ceiling", "number"): ("number", _ceiling),
    ("ceiling", "number", "number"): ("number", _ceiling),
    ("decimal", "number", "number"): ("number", _half_even),
    ("round half up", "number", "number"): ("number", _half_up),
    ("round up", "number", "number"): ("number", _up),
    ("round down", "number", "number"): ("number", _down),
    ("even", "number"): ("boolean", lambda a: _modulo(a, sa.literal(2)) == 0),
    ("odd", "number"): ("boolean", lambda a: _modulo(a, sa.literal(2)) == 1),
}
_MOMENTS: dict[tuple[str, ...], tuple[str, Maker]] = {
    ("date", "date"): ("date", lambda a: a),
    ("date", "datetime"): ("date", _day_of),
    ("date and time", "datetime"): ("datetime", lambda a: a),
    ("days", "duration"): ("number", _duration_part(86_400, 0)),
    ("hours", "duration"): ("number", _duration_part(3_600, 0)),
    ("minutes", "duration"): ("number", _duration_part(60, 0)),
    (".days", "duration"): ("number", _duration_part(86_400, 0)),
    (".hours", "duration"): ("number", _duration_part(3_600, 24)),
    (".minutes", "duration"): ("number", _duration_part(60, 60)),
    (".seconds", "duration"): ("number", _duration_part(1, 60)),
    (".hour", "time"): ("number", _clock_part(1)),
    (".minute", "time"): ("number", _clock_part(4)),
    (".second", "time"): ("number", _clock_part(7)),
    **{
        (name, of): ("number", _part(field, of))
        for of in ("date", "datetime")
        for name, field in ((".year", "year"), (".month", "month"), (".day", "day"),
                            (".weekday", "isodow"), ("day of year", "doy"),
                            ("week of year", "week"))
    },
    **{
        (name, "datetime"): ("number", _part(field, "datetime"))
        for name, field in ((".hour", "hour"), (".minute", "minute"), (".second", "second"))
    },
    **{
        (name, of): ("string", _named(field, names, of))
        for of in ("date", "datetime")
        for name, field, names in (("day of week", "isodow", _DAYS),
                                   ("month of year", "month", _MONTHS))
    },
}  # fmt: skip
#: (function or property, kinds of its values…) → (kind of the result, how PostgreSQL says it).
SCALARS: Mapping[tuple[str, ...], tuple[str, Maker]] = {**_STRINGS, **_NUMBERS, **_MOMENTS}


def on_sqlite(name: str, of: str, terms: Sequence[tuple[Term, Element]]) -> Term:
    """Return a call of the registered function over stored values."""
    codes = ",".join("n" if term.is_outside and term.kind == "number" else term.code
                     for term, _ in terms)  # fmt: skip
    called: Element = _f.feel(name, codes, *(element for _, element in terms))
    if of == "boolean":
        called = sa.type_coerce(called, sa.Boolean)
    return Term(of, called)
