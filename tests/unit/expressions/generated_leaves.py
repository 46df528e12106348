"""What generated expressions are made of: chance, forms of text, and values written out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
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


def leaf(*texts: str) -> Text:
    return lambda chance: chance.choice(texts)


def form(pattern: str, *parts: Text) -> Text:
    return lambda chance: pattern.format(*(part(chance) for part in parts))


def any_of(*texts: Text) -> Text:
    return lambda chance: chance.choice(texts)(chance)


def one_of(choices: list[tuple[str, tuple[Text, ...]]]) -> Text:
    return any_of(*(form(pattern, *parts) for pattern, parts in choices))


COMPARE = leaf("=", "!=", "<", "<=", ">", ">=")
NUMBER = leaf(
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
STRING = leaf(
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
PATTERN = leaf(
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
FLAGS = leaf('"i"', '"x"', '"s"', '"m"', '""', '"q"', '"im"', '"z"')
DATE = leaf(
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
TIME = leaf(
    '@"10:15:30"',
    '@"23:59:59.999999999Z"',
    '@"08:00:00+02:00"',
    "time(12, 30, 0)",
    '@"06:00:00@Europe/Paris"',
    "time(when)",
    'time("25:00:00")',
)
MOMENT = leaf(
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
DAYS = leaf("took", 'duration("P1DT2H")', '@"-PT90M"', 'duration("PT0.000000001S")', '@"P400D"')
MONTHS = leaf('duration("P1Y2M")', '@"-P3M"', 'duration("P0Y")', '@"P14M"')
ODD = leaf("none", "yes", "c", "rows", "[1]", '["a"]', "missing", "[1..3]", "abs")
#: Functions of a kind, relations of points and ranges, and types.
ROUNDING = leaf(
    "decimal", "floor", "ceiling", "round up", "round down", "round half up", "round half down"
)
RELATION = leaf(
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
)
TYPE = leaf(
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
)
OF_NUMBER = leaf("abs", "floor", "ceiling", "sqrt", "exp", "log", "number", "string length")
OF_NUMBERS = leaf("sum", "min", "max", "mean", "count", "product", "median", "stddev")
WRITTEN = leaf('"1,234.5"', '"1 234,5"', '"1.5"')
