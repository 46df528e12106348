"""Expressions of the whole language over plain values, by chance; some do not fit on purpose.

A text is drawn from a source of chance: `random.Random` where many are wanted, Hypothesis's own
where a difference is to be made small.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from trellis.expressions.functions.moments import NOW

Text = Callable[[Random], str]
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
#: The names that the expressions read.
VALUES: dict[str, Any] = {
    "n": Decimal("12.50"),
    "m": Decimal("-3"),
    "zero": Decimal(0),
    "none": None,
    "yes": True,
    "s": "Line 7 is down",
    "u": "äß 😀 x",
    "d": date(2024, 2, 29),
    "when": AT,
    "took": timedelta(hours=5, minutes=30),
    "ns": [Decimal(3), Decimal(1), None, Decimal("2.5")],
    "ss": ["b", "a", "b"],
    "c": {"x": Decimal(1), "y": {"z": "deep"}, "tags": ["p", "q"]},
    "rows": [{"k": "a", "v": Decimal(1)}, {"k": "b", "v": None}, {"k": "a", "v": Decimal("2.5")}],
    NOW: AT,
}


def _leaf(*texts: str) -> Text:
    return lambda chance: chance.choice(texts)


def _form(pattern: str, *parts: Text) -> Text:
    return lambda chance: pattern.format(*(part(chance) for part in parts))


def _any(*texts: Text) -> Text:
    return lambda chance: chance.choice(texts)(chance)


def _one(choices: list[tuple[str, tuple[Text, ...]]]) -> Text:
    return _any(*(_form(pattern, *parts) for pattern, parts in choices))


_COMPARE = _leaf("=", "!=", "<", "<=", ">", ">=")
_NUMBER = _leaf(
    "n",
    "m",
    "zero",
    "none",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "0.1",
    "1e3",
    "100",
    "2.5",
    "1/3",
    "12345678901234567890123456789012345.6",
    "c.x",
    "ns[1]",
    "1e-20",
    "7.25",
)
_STRING = _leaf(
    "s",
    "u",
    '""',
    '"a"',
    '"abc"',
    '"B"',
    '"12.5"',
    '"2024-02-29"',
    "c.y.z",
    '"😀"',
    '"a-b-c"',
    "ss[2]",
    "none",
    '"P1D"',
    '"10:00:00Z"',
    '"x\\ty"',
)
_PATTERN = _leaf(
    '"a"',
    '"[a-c]+"',
    r'"\\w+"',
    r'"(\\d+)|(n)"',
    '"^L.*n$"',
    r'"\\s"',
    '"a{2,3}?"',
    '"[^a-z]"',
    '"[a-z-[aeiou]]"',
    r'"(a)(b)?\\2"',
    '"("',
    r'"\\p{Lu}"',
    '"b*"',
    '"(?:x|y)+"',
    '"."',
    r'"\\P{L}"',
    '"i|s"',
)
_FLAGS = _leaf('"i"', '"x"', '"s"', '"m"', '""', '"q"', '"im"', '"z"')
_DATE = _leaf(
    "d",
    'date("2026-03-02")',
    '@"2024-12-31"',
    "today()",
    "date(when)",
    'date("x")',
    "date(2025, 2, 28)",
    '@"0001-01-01"',
    '@"-0044-03-15"',
    '@"12345-06-07"',
)
_TIME = _leaf(
    '@"10:15:30"',
    '@"23:59:59.999999999Z"',
    '@"08:00:00+02:00"',
    "time(12, 30, 0)",
    '@"06:00:00@Europe/Paris"',
    "time(when)",
    'time("25:00:00")',
)
_MOMENT = _leaf(
    "when",
    "now()",
    '@"2026-07-01T12:00:00@America/New_York"',
    '@"2024-02-29T10:00:00"',
    '@"2026-10-25T02:30:00@Europe/Berlin"',
    'date and time(d, @"10:00:00+05:30")',
    '@"2026-03-29T02:30:00@Europe/Berlin"',
    '@"1900-01-01T00:00:00.123456789Z"',
    '@"9999-12-31T23:59:59Z"',
)
_DAYS = _leaf("took", 'duration("P1DT2H")', '@"-PT90M"', 'duration("PT0.000000001S")', '@"P400D"')
_MONTHS = _leaf('duration("P1Y2M")', '@"-P3M"', 'duration("P0Y")', '@"P14M"')
_ODD = _leaf("none", "yes", "c", "rows", "[1]", '["a"]', "missing", "[1..3]", "abs")


def mixed(kind: Callable[[int], Text], depth: int) -> Text:
    """Return mostly values of a kind, now and then of another."""
    return _any(*[kind(depth)] * 9, _ODD)


@cache
def numbers(depth: int) -> Text:
    """Return expressions that mean numbers."""
    if depth <= 0:
        return _NUMBER
    n, s, day = mixed(numbers, depth - 1), strings(depth - 1), dates(depth - 1)
    ns, length = number_lists(depth - 1), days(depth - 1)
    return _one(
        [
            ("({} {} {})", (n, _leaf("+", "-", "*", "/", "**"), n)),
            ("-{}", (n,)),
            (
                "{}({}, {})",
                (
                    _leaf(
                        "decimal",
                        "floor",
                        "ceiling",
                        "round up",
                        "round down",
                        "round half up",
                        "round half down",
                    ),
                    n,
                    _leaf("0", "1", "-1", "2"),
                ),
            ),
            (
                "{}({})",
                (
                    _leaf(
                        "abs", "floor", "ceiling", "sqrt", "exp", "log", "number", "string length"
                    ),
                    _any(n, s),
                ),
            ),
            ("modulo({}, {})", (n, n)),
            (
                "{}({})",
                (_leaf("sum", "min", "max", "mean", "count", "product", "median", "stddev"), ns),
            ),
            ("{}({}, {})", (_leaf("sum", "min", "max", "mean"), n, n)),
            ("(if {} then {} else {})", (booleans(depth - 1), n, n)),
            ("{}.{}", (day, _leaf("year", "month", "day", "weekday"))),
            ("{}.{}", (moments(depth - 1), _leaf("hour", "minute", "second", "year"))),
            ("{}.{}", (length, _leaf("days", "hours", "minutes", "seconds"))),
            ("{}({})", (_leaf("day of year", "week of year"), day)),
            ("{}({})", (_leaf("days", "hours", "minutes"), length)),
            ("{}[{}]", (ns, _leaf("1", "-1", "2", "5", "n"))),
            ("({} / {})", (length, length)),
            (
                "number({}, {}, {})",
                (
                    _leaf('"1,234.5"', '"1 234,5"', '"1.5"'),
                    _leaf('","', '" "', "null"),
                    _leaf('"."', '","', "null"),
                ),
            ),
            ("days between({}, {})", (day, day)),
            ("(function(a, b) a + b)({}, {})", (n, n)),
            ("{{t: {}, r: t * 2}}.r", (n,)),
        ]
    )


@cache
def strings(depth: int) -> Text:
    """Return expressions that mean texts."""
    if depth <= 0:
        return _STRING
    s, n = mixed(strings, depth - 1), numbers(depth - 1)
    return _one(
        [
            ("({} + {})", (s, s)),
            ("{}({})", (_leaf("upper case", "lower case"), s)),
            ("string({})", (anything(depth - 1),)),
            ("substring({}, {})", (s, _leaf("1", "2", "-2", "0"))),
            ("substring({}, {}, {})", (s, _leaf("1", "-3", "n"), _leaf("1", "2", "9"))),
            ("{}({}, {})", (_leaf("substring before", "substring after"), s, s)),
            (
                "replace({}, {}, {})",
                (s, _PATTERN, _leaf('"x"', '"$1"', '"[$0]"', r'"\\$"', '"$9"')),
            ),
            ("replace({}, {}, {}, {})", (s, _PATTERN, _leaf('"x"', '"<$1>"'), _FLAGS)),
            ("string join({}, {})", (string_lists(depth - 1), s)),
            ("{}({})", (_leaf("day of week", "month of year"), dates(depth - 1))),
            ("{}.{}", (contexts(depth - 1), _leaf("a", "b", "x"))),
            ("(if {} then {} else {})", (booleans(depth - 1), s, s)),
            ("substring(string: {}, start position: {})", (s, n)),
        ]
    )


@cache
def dates(depth: int) -> Text:
    """Return expressions that mean dates."""
    if depth <= 0:
        return _DATE
    day, n = mixed(dates, depth - 1), numbers(depth - 1)
    return _one(
        [
            ("({} {} {})", (day, _leaf("+", "-"), _any(days(depth - 1), months(depth - 1)))),
            ("date({})", (_any(moments(depth - 1), _STRING),)),
            ("date({}, {}, 1)", (n, n)),
        ]
    )


@cache
def times(depth: int) -> Text:
    """Return expressions that mean times of a day."""
    if depth <= 0:
        return _TIME
    return _one(
        [
            ("({} {} {})", (times(depth - 1), _leaf("+", "-"), days(depth - 1))),
            ("time({})", (_any(moments(depth - 1), _STRING),)),
            (
                "time({}, 30, {}, {})",
                (_leaf("0", "23", "24"), _leaf("0", "1.5", "n"), days(depth - 1)),
            ),
        ]
    )


@cache
def moments(depth: int) -> Text:
    """Return expressions that mean moments."""
    if depth <= 0:
        return _MOMENT
    return _one(
        [
            (
                "({} {} {})",
                (moments(depth - 1), _leaf("+", "-"), _any(days(depth - 1), months(depth - 1))),
            ),
            ("date and time({}, {})", (dates(depth - 1), times(depth - 1))),
            ("date and time({})", (_any(dates(depth - 1), _STRING),)),
        ]
    )


@cache
def days(depth: int) -> Text:
    """Return expressions that mean durations of days and time."""
    if depth <= 0:
        return _DAYS
    one = days(depth - 1)
    return _one(
        [
            ("({} {} {})", (one, _leaf("+", "-"), one)),
            ("-{}", (one,)),
            ("abs({})", (one,)),
            ("({} {} {})", (one, _leaf("*", "/"), numbers(depth - 1))),
            ("({} - {})", (dates(depth - 1), _any(dates(depth - 1), moments(depth - 1)))),
            ("({} - {})", (moments(depth - 1), moments(depth - 1))),
            ("({} - {})", (times(depth - 1), times(depth - 1))),
            ("sum({}, {})", (one, one)),
            ("{}.time offset", (_any(times(depth - 1), moments(depth - 1)),)),
        ]
    )


@cache
def months(depth: int) -> Text:
    """Return expressions that mean durations of years and months."""
    if depth <= 0:
        return _MONTHS
    one = months(depth - 1)
    return _one(
        [
            ("({} {} {})", (one, _leaf("+", "-"), one)),
            ("({} * {})", (one, numbers(depth - 1))),
            ("years and months duration({}, {})", (dates(depth - 1), dates(depth - 1))),
            ("({} / {})", (one, numbers(depth - 1))),
        ]
    )


_KINDS: list[Callable[[int], Text]] = [numbers, strings, dates, times, moments, days, months]


@cache
def ranges(depth: int) -> Text:
    """Return expressions that mean ranges."""
    ends = [
        _form("{}{}..{}{}", _leaf("[", "("), kind(depth - 1), kind(depth - 1), _leaf("]", ")"))
        for kind in _KINDS
    ]
    tests = [
        _form("({} {})", _leaf("<", "<=", ">", ">=", "=", "!="), kind(depth - 1))
        for kind in _KINDS[:3]
    ]
    return _any(
        *ends,
        *tests,
        _leaf(
            "[1..5]",
            "(2..4]",
            'range("[1..3]")',
            'range("(date(\\"2024-01-01\\")..@\\"2025-01-01\\"]")',
        ),
    )


@cache
def number_lists(depth: int) -> Text:
    """Return expressions that mean lists of numbers."""
    if depth <= 0:
        return _leaf("ns", "[]", "[1, 2, 3]", "[5, 3, 3]", "rows.v", "none", "[n, m]")
    ns, n = number_lists(depth - 1), numbers(depth - 1)
    return _one(
        [
            ("[{}, {}]", (n, n)),
            ("for i in {} return i {} {}", (ns, _leaf("+", "*"), n)),
            ("for i in {}..{} return i", (_leaf("1", "3", "n"), _leaf("1", "4", "-2"))),
            ("for i in 1..4 return if i = 1 then 1 else i + sum(partial)", ()),
            ("for i in {}, j in {} return i - j", (ns, ns)),
            ("for i in {} return i", (ranges(0),)),
            ("{}[item {} {}]", (ns, _COMPARE, n)),
            ("sort({})", (ns,)),
            ("reverse({})", (ns,)),
            ("sort({}, function(a, b) a > b)", (ns,)),
            ("mode({})", (ns,)),
            ("{}({}, {})", (_leaf("append", "concatenate", "union", "index of", "remove"), ns, n)),
            ("sublist({}, {}, {})", (ns, _leaf("1", "2", "-1"), _leaf("1", "2"))),
            ("{}({})", (_leaf("distinct values", "flatten"), ns)),
            ("insert before({}, {}, {})", (ns, _leaf("1", "-1", "9"), n)),
            ("list replace({}, {}, {})", (ns, _leaf("1", "-2", "function(a, b) a = 3"), n)),
            ("rows[{} {} {}].v", (_leaf("v", "k", "item.v"), _COMPARE, _any(n, _STRING))),
        ]
    )


@cache
def string_lists(depth: int) -> Text:
    """Return expressions that mean lists of texts."""
    if depth <= 0:
        return _leaf("ss", "[]", '["x", "y"]', "rows.k", "c.tags", '["a", null]')
    ss, s = string_lists(depth - 1), strings(depth - 1)
    return _one(
        [
            ("[{}, {}]", (s, s)),
            ("split({}, {})", (s, _PATTERN)),
            ("sort({})", (ss,)),
            ("for t in {} return upper case(t)", (ss,)),
            ("{}[item {} {}]", (ss, _COMPARE, s)),
            ("distinct values({})", (ss,)),
            ("for e in get entries({}) return e.key", (contexts(0),)),
        ]
    )


@cache
def contexts(depth: int) -> Text:
    """Return expressions that mean contexts."""
    if depth <= 0:
        return _leaf("c", "{}", '{a: 1, b: "x"}', "rows[1]", "c.y", "{x: 1, x: 2}")
    one = contexts(depth - 1)
    return _one(
        [
            ("{{a: {}, b: a}}", (anything(depth - 1),)),
            ("context merge([{}, {}])", (one, one)),
            (
                "context put({}, {}, {})",
                (one, _leaf('"a"', '["y", "z"]', '"new"'), anything(depth - 1)),
            ),
            ("context([{{key: {}, value: {}}}])", (strings(depth - 1), anything(depth - 1))),
            ("get value({}, {})", (one, _leaf('"a"', '"y"', '["y", "z"]'))),
        ]
    )


@cache
def booleans(depth: int) -> Text:
    """Return expressions that are true, false or null."""
    if depth <= 0:
        return _leaf("yes", "true", "false", "none", "n > 3", 's = "a"', "n in [1..20]")
    b, any_list = booleans(depth - 1), _any(number_lists(depth - 1), string_lists(depth - 1))
    same = [
        ("{} {} {}", (mixed(kind, depth - 1), _COMPARE, mixed(kind, depth - 1)))
        for kind in (*_KINDS, contexts, number_lists, ranges)
    ]
    inside = [("{} in {}", (kind(depth - 1), _any(ranges(depth - 1), _ODD))) for kind in _KINDS]
    return _one(
        [
            *same,
            *inside,
            ("({} {} {})", (b, _leaf("and", "or"), _any(b, _ODD))),
            ("not({})", (b,)),
            ("{} between {} and {}", (_NUMBER, _NUMBER, numbers(depth - 1))),
            (
                "{} in ({}, {})",
                (numbers(depth - 1), _NUMBER, _leaf("< 3", "> 5", "[1..4]", "none")),
            ),
            (
                "{} x in {} satisfies x {} {}",
                (_leaf("some", "every"), any_list, _COMPARE, _any(_NUMBER, _STRING)),
            ),
            (
                "{}({}, {})",
                (_leaf("contains", "starts with", "ends with"), strings(depth - 1), _STRING),
            ),
            ("matches({}, {})", (strings(depth - 1), _PATTERN)),
            ("matches({}, {}, {})", (_STRING, _PATTERN, _FLAGS)),
            ("list contains({}, {})", (any_list, anything(0))),
            ("is({}, {})", (anything(0), anything(0))),
            ("{}({})", (_leaf("all", "any"), _leaf("[true, none]", "[]", "[false]", "ns"))),
            (
                "{}({}, {})",
                (
                    _leaf(
                        "before",
                        "after",
                        "meets",
                        "met by",
                        "overlaps",
                        "overlaps before",
                        "overlaps after",
                        "finishes",
                        "finished by",
                        "includes",
                        "during",
                        "starts",
                        "started by",
                        "coincides",
                    ),
                    _any(_NUMBER, ranges(depth - 1)),
                    _any(_NUMBER, ranges(depth - 1)),
                ),
            ),
            (
                "{} instance of {}",
                (
                    anything(depth - 1),
                    _leaf(
                        "number",
                        "string",
                        "date",
                        "list<number>",
                        "context<x: number>",
                        "range<number>",
                        "Any",
                        "Null",
                        "days and time duration",
                        "function<number> -> number",
                        "nonsense",
                    ),
                ),
            ),
            ("{}({})", (_leaf("odd", "even"), numbers(depth - 1))),
        ]
    )


@cache
def anything(depth: int) -> Text:
    """Return expressions of any kind."""
    kinds = (*_KINDS, booleans, number_lists, string_lists, contexts, ranges)
    return _any(*(kind(depth) for kind in kinds))
