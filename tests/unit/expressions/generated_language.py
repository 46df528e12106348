"""Expressions of the whole language over plain values, by chance; some do not fit on purpose.

A text is drawn from a source of chance: `random.Random` where many are wanted, Hypothesis's own
where a difference is to be made small.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tests.unit.expressions.generated_leaves import (
    COMPARE,
    DATE,
    DAYS,
    FLAGS,
    MOMENT,
    MONTHS,
    NUMBER,
    ODD,
    OF_NUMBER,
    OF_NUMBERS,
    PATTERN,
    RELATION,
    ROUNDING,
    STRING,
    TIME,
    TYPE,
    WRITTEN,
    Text,
    any_of,
    form,
    leaf,
    one_of,
)


def mixed(kind: Callable[[int], Text], depth: int) -> Text:
    """Return mostly values of a kind, now and then of another."""
    return any_of(*[kind(depth)] * 9, ODD)


@cache
def numbers(depth: int) -> Text:
    """Return expressions that mean numbers."""
    if depth <= 0:
        return NUMBER
    n, s, day = mixed(numbers, depth - 1), strings(depth - 1), dates(depth - 1)
    ns, length = number_lists(depth - 1), days(depth - 1)
    return one_of(
        [
            ("({} {} {})", (n, leaf("+", "-", "*", "/", "**"), n)),
            ("-{}", (n,)),
            (
                "{}({}, {})",
                (
                    ROUNDING,
                    n,
                    leaf("0", "1", "-1", "2"),
                ),
            ),
            (
                "{}({})",
                (
                    OF_NUMBER,
                    any_of(n, s),
                ),
            ),
            ("modulo({}, {})", (n, n)),
            (
                "{}({})",
                (OF_NUMBERS, ns),
            ),
            ("{}({}, {})", (leaf("sum", "min", "max", "mean"), n, n)),
            ("(if {} then {} else {})", (booleans(depth - 1), n, n)),
            ("{}.{}", (day, leaf("year", "month", "day", "weekday"))),
            ("{}.{}", (moments(depth - 1), leaf("hour", "minute", "second", "year"))),
            ("{}.{}", (length, leaf("days", "hours", "minutes", "seconds"))),
            ("{}({})", (leaf("day of year", "week of year"), day)),
            ("{}({})", (leaf("days", "hours", "minutes"), length)),
            ("{}[{}]", (ns, leaf("1", "-1", "2", "5", "n"))),
            ("({} / {})", (length, length)),
            (
                "number({}, {}, {})",
                (WRITTEN, leaf('","', '" "', "null"), leaf('"."', '","', "null")),
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
        return STRING
    s, n = mixed(strings, depth - 1), numbers(depth - 1)
    return one_of(
        [
            ("({} + {})", (s, s)),
            ("{}({})", (leaf("upper case", "lower case"), s)),
            ("string({})", (anything(depth - 1),)),
            ("substring({}, {})", (s, leaf("1", "2", "-2", "0"))),
            ("substring({}, {}, {})", (s, leaf("1", "-3", "n"), leaf("1", "2", "9"))),
            ("{}({}, {})", (leaf("substring before", "substring after"), s, s)),
            (
                "replace({}, {}, {})",
                (s, PATTERN, leaf('"x"', '"$1"', '"[$0]"', r'"\\$"', '"$9"')),
            ),
            ("replace({}, {}, {}, {})", (s, PATTERN, leaf('"x"', '"<$1>"'), FLAGS)),
            ("string join({}, {})", (string_lists(depth - 1), s)),
            ("{}({})", (leaf("day of week", "month of year"), dates(depth - 1))),
            ("{}.{}", (contexts(depth - 1), leaf("a", "b", "x"))),
            ("(if {} then {} else {})", (booleans(depth - 1), s, s)),
            ("substring(string: {}, start position: {})", (s, n)),
        ]
    )


@cache
def dates(depth: int) -> Text:
    """Return expressions that mean dates."""
    if depth <= 0:
        return DATE
    day, n = mixed(dates, depth - 1), numbers(depth - 1)
    return one_of(
        [
            ("({} {} {})", (day, leaf("+", "-"), any_of(days(depth - 1), months(depth - 1)))),
            ("date({})", (any_of(moments(depth - 1), STRING),)),
            ("date({}, {}, 1)", (n, n)),
        ]
    )


@cache
def times(depth: int) -> Text:
    """Return expressions that mean times of a day."""
    if depth <= 0:
        return TIME
    return one_of(
        [
            ("({} {} {})", (times(depth - 1), leaf("+", "-"), days(depth - 1))),
            ("time({})", (any_of(moments(depth - 1), STRING),)),
            (
                "time({}, 30, {}, {})",
                (leaf("0", "23", "24"), leaf("0", "1.5", "n"), days(depth - 1)),
            ),
        ]
    )


@cache
def moments(depth: int) -> Text:
    """Return expressions that mean moments."""
    if depth <= 0:
        return MOMENT
    return one_of(
        [
            (
                "({} {} {})",
                (moments(depth - 1), leaf("+", "-"), any_of(days(depth - 1), months(depth - 1))),
            ),
            ("date and time({}, {})", (dates(depth - 1), times(depth - 1))),
            ("date and time({})", (any_of(dates(depth - 1), STRING),)),
        ]
    )


@cache
def days(depth: int) -> Text:
    """Return expressions that mean durations of days and time."""
    if depth <= 0:
        return DAYS
    one = days(depth - 1)
    return one_of(
        [
            ("({} {} {})", (one, leaf("+", "-"), one)),
            ("-{}", (one,)),
            ("abs({})", (one,)),
            ("({} {} {})", (one, leaf("*", "/"), numbers(depth - 1))),
            ("({} - {})", (dates(depth - 1), any_of(dates(depth - 1), moments(depth - 1)))),
            ("({} - {})", (moments(depth - 1), moments(depth - 1))),
            ("({} - {})", (times(depth - 1), times(depth - 1))),
            ("sum({}, {})", (one, one)),
            ("{}.time offset", (any_of(times(depth - 1), moments(depth - 1)),)),
        ]
    )


@cache
def months(depth: int) -> Text:
    """Return expressions that mean durations of years and months."""
    if depth <= 0:
        return MONTHS
    one = months(depth - 1)
    return one_of(
        [
            ("({} {} {})", (one, leaf("+", "-"), one)),
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
        form("{}{}..{}{}", leaf("[", "("), kind(depth - 1), kind(depth - 1), leaf("]", ")"))
        for kind in _KINDS
    ]
    tests = [
        form("({} {})", leaf("<", "<=", ">", ">=", "=", "!="), kind(depth - 1))
        for kind in _KINDS[:3]
    ]
    return any_of(
        *ends,
        *tests,
        leaf(
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
        return leaf("ns", "[]", "[1, 2, 3]", "[5, 3, 3]", "rows.v", "none", "[n, m]")
    ns, n = number_lists(depth - 1), numbers(depth - 1)
    return one_of(
        [
            ("[{}, {}]", (n, n)),
            ("for i in {} return i {} {}", (ns, leaf("+", "*"), n)),
            ("for i in {}..{} return i", (leaf("1", "3", "n"), leaf("1", "4", "-2"))),
            ("for i in 1..4 return if i = 1 then 1 else i + sum(partial)", ()),
            ("for i in {}, j in {} return i - j", (ns, ns)),
            ("for i in {} return i", (ranges(0),)),
            ("{}[item {} {}]", (ns, COMPARE, n)),
            ("sort({})", (ns,)),
            ("reverse({})", (ns,)),
            ("sort({}, function(a, b) a > b)", (ns,)),
            ("mode({})", (ns,)),
            ("{}({}, {})", (leaf("append", "concatenate", "union", "index of", "remove"), ns, n)),
            ("sublist({}, {}, {})", (ns, leaf("1", "2", "-1"), leaf("1", "2"))),
            ("{}({})", (leaf("distinct values", "flatten"), ns)),
            ("insert before({}, {}, {})", (ns, leaf("1", "-1", "9"), n)),
            ("list replace({}, {}, {})", (ns, leaf("1", "-2", "function(a, b) a = 3"), n)),
            ("rows[{} {} {}].v", (leaf("v", "k", "item.v"), COMPARE, any_of(n, STRING))),
        ]
    )


@cache
def string_lists(depth: int) -> Text:
    """Return expressions that mean lists of texts."""
    if depth <= 0:
        return leaf("ss", "[]", '["x", "y"]', "rows.k", "c.tags", '["a", null]')
    ss, s = string_lists(depth - 1), strings(depth - 1)
    return one_of(
        [
            ("[{}, {}]", (s, s)),
            ("split({}, {})", (s, PATTERN)),
            ("sort({})", (ss,)),
            ("for t in {} return upper case(t)", (ss,)),
            ("{}[item {} {}]", (ss, COMPARE, s)),
            ("distinct values({})", (ss,)),
            ("for e in get entries({}) return e.key", (contexts(0),)),
        ]
    )


@cache
def contexts(depth: int) -> Text:
    """Return expressions that mean contexts."""
    if depth <= 0:
        return leaf("c", "{}", '{a: 1, b: "x"}', "rows[1]", "c.y", "{x: 1, x: 2}")
    one = contexts(depth - 1)
    return one_of(
        [
            ("{{a: {}, b: a}}", (anything(depth - 1),)),
            ("context merge([{}, {}])", (one, one)),
            (
                "context put({}, {}, {})",
                (one, leaf('"a"', '["y", "z"]', '"new"'), anything(depth - 1)),
            ),
            ("context([{{key: {}, value: {}}}])", (strings(depth - 1), anything(depth - 1))),
            ("get value({}, {})", (one, leaf('"a"', '"y"', '["y", "z"]'))),
        ]
    )


@cache
def booleans(depth: int) -> Text:
    """Return expressions that are true, false or null."""
    if depth <= 0:
        return leaf("yes", "true", "false", "none", "n > 3", 's = "a"', "n in [1..20]")
    b = booleans(depth - 1)
    joined = one_of(
        [
            ("({} {} {})", (b, leaf("and", "or"), any_of(b, ODD))),
            ("not({})", (b,)),
            ("{}({})", (leaf("all", "any"), leaf("[true, none]", "[]", "[false]", "ns"))),
            ("{} instance of {}", (anything(depth - 1), TYPE)),
        ]
    )
    return any_of(*[comparisons(depth)] * 3, *[tests_of_parts(depth)] * 2, joined)


@cache
def comparisons(depth: int) -> Text:
    """Return comparisons of two values, and whether one lies in another."""
    kinds = (*_KINDS, contexts, number_lists, ranges)
    n, point = numbers(depth - 1), any_of(NUMBER, ranges(depth - 1))
    return one_of(
        [
            *(("{} {} {}", (mixed(of, depth - 1), COMPARE, mixed(of, depth - 1))) for of in kinds),
            *(("{} in {}", (of(depth - 1), any_of(ranges(depth - 1), ODD))) for of in _KINDS),
            ("{} between {} and {}", (NUMBER, NUMBER, n)),
            ("{} in ({}, {})", (n, NUMBER, leaf("< 3", "> 5", "[1..4]", "none"))),
            ("is({}, {})", (anything(0), anything(0))),
            ("{}({}, {})", (RELATION, point, point)),
            ("{}({})", (leaf("odd", "even"), n)),
        ]
    )


@cache
def tests_of_parts(depth: int) -> Text:
    """Return whether something holds of parts of a text or list."""
    any_list = any_of(number_lists(depth - 1), string_lists(depth - 1))
    quantifier, s = leaf("some", "every"), strings(depth - 1)
    return one_of(
        [
            (
                "{} x in {} satisfies x {} {}",
                (quantifier, any_list, COMPARE, any_of(NUMBER, STRING)),
            ),
            ("{}({}, {})", (leaf("contains", "starts with", "ends with"), s, STRING)),
            ("matches({}, {})", (s, PATTERN)),
            ("matches({}, {}, {})", (STRING, PATTERN, FLAGS)),
            ("list contains({}, {})", (any_list, anything(0))),
        ]
    )


@cache
def anything(depth: int) -> Text:
    """Return expressions of any kind."""
    kinds = (*_KINDS, booleans, number_lists, string_lists, contexts, ranges)
    return any_of(*(kind(depth) for kind in kinds))
