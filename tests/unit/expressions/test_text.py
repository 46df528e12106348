"""Reading: names of several words, ranges, comments, escapes; patterns; values on the wire."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trellis.expressions import (
    ExpressionProblemsError,
    Scope,
    check,
    decode,
    encode,
    evaluate,
)
from trellis.expressions import types as t
from trellis.expressions.functions.texts import matches, replace
from trellis.expressions.temporal import parse_duration, parse_temporal, temporal_text
from trellis.expressions.temporal_values import (
    FeelTime,
    WideDate,
    YearsMonths,
    date_of_number,
    day_number,
)

NAMES: dict[str, Any] = {
    "Full Name": "Ada", "Full": 1, "Name": 2, "rate-card": 7, "rate": 3, "card": 1,
    "a+b": 10, "Jim's car": 4, "x": {"Due Date": date(2026, 1, 1)},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Full Name", "Ada"), ("Full\n\tName", "Ada"), ("Full + Name", 3), ("rate-card", 7),
     ("rate - card", 7), ("(rate) - card", 2), ("a+b", 10), ("Jim's car * 2", 8),
     ("x.Due Date", date(2026, 1, 1)), ("x.Due  Date.year", 2026), ("Full Names", None)],
)  # fmt: skip
def test_declared_names_of_several_words_are_read_longest_first(
    text: str, expected: object
) -> None:
    if expected is None:
        with pytest.raises(ExpressionProblemsError):
            evaluate(text, NAMES)
    else:
        assert evaluate(text, NAMES) == expected


def test_a_scope_declares_names_of_several_words() -> None:
    scope = Scope({"Full Name": t.STRING, "box": t.ContextType(entries={"first item": t.NUMBER})})

    assert check('Full Name + "x" = "y" and box.first item > 1', scope) == ()


@pytest.mark.parametrize("text", ["1 // one\n+ 1", "/* a */ 1 + /* b\nc */ 1", " \t1\n+\r\n1 "])
def test_comments_and_blanks_mean_nothing(text: str) -> None:
    assert evaluate(text, {}) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [(r'"a\"b\\c\n\t\u4e0a"', 'a"b\\c\n\t上'), (r'"\d+"', r"\d+"), (r'"\U01F40E"', "🐎"),
     (r'"\uD83D\uDC0E"', "🐎"), ('"a\nb"', "a\nb"), (r'"\uD83D"', "\ufffd")],
)  # fmt: skip
def test_escapes_in_texts(text: str, expected: str) -> None:
    assert evaluate(text, {}) == expected


@given(st.text(max_size=60))
def test_any_text_is_a_value_or_a_problem_with_a_place(text: str) -> None:
    try:
        evaluate(text, {"a": 1})
    except ExpressionProblemsError as error:
        for problem in error.problems:
            assert 0 <= problem.start <= problem.end
            assert problem.message


_WORDS = """a b 1 2.5 "x" null true ( ) [ ] { } , : . .. + - * / ** = != < > <= >= and or not if
then else for in return some every satisfies between instance of function date and time @"P1D"
count sum ? item partial list number"""
WORDS = st.sampled_from(_WORDS.split())


@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_order_of_words_is_a_value_or_a_problem(text: str) -> None:
    try:
        encode(evaluate(text, {"a": 1, "b": [1, {"c": 2}]}))
    except ExpressionProblemsError as error:
        assert error.problems
    assert isinstance(check(text, Scope({"a": t.NUMBER, "b": t.ListType(of=t.STRING)})), tuple)


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "expected"),
    [("abc", "b", "", True), ("abc", "^b", "", False), ("a.c", r"a\.c", "", True),
     ("x", "[a-z-[aeiou]]", "", True), ("e", "[a-z-[aeiou]]", "", False),
     ("a\nb", "a.b", "", False), ("a\nb", "a.b", "s", True), ("a b", "a b", "x", False),
     ("a.b", "a.b", "q", True), ("axb", "a.b", "q", False), ("aa", r"(a)\1", "", True),
     ("٣", r"\d", "", True), ("上", r"\w", "", True), ("-", r"\w", "", False),
     ("a", "[", "", None), ("a", "(", "", None), ("a", "*", "", None), ("a", "a{2", "", None),
     ("a", "(?=a)", "", None), ("a", r"\q", "", None), ("a", "a", "z", None),
     ("a", r"\1", "", None), ("A", "a", "i", True), ("é", r"\p{Ll}", "", True),
     ("a", r"\p{Nope}", "", None), ("b", "[^a]", "", True), ("]", r"[\]]", "", True)],
)  # fmt: skip
def test_patterns_are_xpaths(text: str, pattern: str, flags: str, expected: object) -> None:
    assert matches(text, pattern, flags) is expected


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [("[$1]", "[a]b"), ("$0", "ab"), (r"\$1", "$1b"), ("$2", "b"), ("$10", "a0b"), ("$", None),
     (r"\x", None)],
)  # fmt: skip
def test_replacements_name_groups(replacement: str, expected: str | None) -> None:
    assert replace("ab", "(a)", replacement) == expected


def test_a_pattern_that_matches_nothing_cannot_be_replaced() -> None:
    assert replace("ab", "x*", "-") is None


WIRE = [
    None, True, "text", Decimal("1.50"), date(2026, 3, 2), WideDate(12026, 1, 1),
    datetime(2026, 3, 2, 9, 30, tzinfo=UTC), datetime.fromisoformat("2026-03-02T09:30:00.000005"),
    datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("Europe/Paris")), FeelTime(36_000 * 10**9),
    timedelta(days=-1, microseconds=5), YearsMonths(-14), [Decimal(1), ["a", None]],
    {"a": {"b": date(2026, 1, 1)}},
]  # fmt: skip


@pytest.mark.parametrize("value", WIRE, ids=repr)
def test_a_value_comes_back_from_the_wire(value: object) -> None:
    assert decode(encode(value)) == value


def test_a_python_time_travels_as_feels() -> None:
    assert encode(time(9, 30)) == {"t": "time", "v": "09:30:00"}


@pytest.mark.parametrize("typed", [{"t": "date", "v": "2026-02-30"}, {"t": "number", "v": "x"},
                                   {"t": "boolean", "v": "true"}, {"t": "nope", "v": "1"},
                                   {"t": "years and months duration", "v": "P1D"}])  # fmt: skip
def test_what_is_no_value_is_refused_on_the_wire(typed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is no"):
        decode(typed)


@given(st.integers(-400_000_000, 400_000_000))
def test_day_numbers_and_dates_are_the_same_thing(number: int) -> None:
    day = date_of_number(number)

    assert day is not None
    assert day_number(day) == number


@given(st.datetimes(timezones=st.sampled_from([None, UTC, ZoneInfo("Asia/Shanghai")])))
def test_moments_survive_their_text(moment: datetime) -> None:
    found = parse_temporal(str(temporal_text(moment)))

    assert encode(found) == encode(moment)


@given(st.timedeltas(timedelta(-10_000), timedelta(10_000)))
def test_durations_survive_their_text(length: timedelta) -> None:
    assert parse_duration(str(temporal_text(length))) == length
