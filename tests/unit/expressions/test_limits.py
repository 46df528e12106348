"""Hostile and enormous expressions are answered quickly, with a problem or a plain value."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
from trellis.expressions import (
    ExpressionLimitError,
    ExpressionProblemsError,
    compile_expression,
    decode,
    encode,
    evaluate,
)

from tests.unit.expressions.shared import shared_file

CONTEXT: dict[str, Any] = {
    "text": "a" * 40 + "!", "record": {"customer": {"name": "x"}}, "user": {"name": "y"},
    "s": "x" * 500_000, "l": list(range(90_000)),
}  # fmt: skip


def _outcome(text: str) -> Any:
    try:
        return evaluate(text, CONTEXT)
    except ExpressionProblemsError as error:
        return error


def test_every_hostile_line_is_a_problem_or_a_plain_value_within_a_second() -> None:
    for line in shared_file("hostile", "expressions.txt").read_text("utf-8").splitlines():
        started = time.thread_time()
        outcome = _outcome(line)

        assert time.thread_time() - started < 1, line[:80]
        if not isinstance(outcome, ExpressionProblemsError):
            assert encode(outcome)["t"] != "other", line[:80]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 300 + "]" * 300,
        "+".join(["1"] * 1_900),
        "-" * 2_000 + "1",
        "if true then " * 200 + "1" + " else 2" * 200,
        "not(" * 400 + "true" + ")" * 400,
        "a" + ".a" * 1_500,
        "x" * 30_000,
        "1" * 5_000,
        "for a in [1], " + ", ".join(f"b{i} in [1]" for i in range(30)) + " return 1",
    ],
)
def test_what_is_too_deep_or_too_long_is_a_problem_that_names_the_limit(text: str) -> None:
    with pytest.raises(ExpressionProblemsError) as raised:
        evaluate(text, {})

    (problem,) = raised.value.problems
    assert problem.code == "FEEL002"
    assert any(character.isdigit() for character in problem.message)


@pytest.mark.parametrize("text", ["(" * 1_000 + "1" + ")" * 1_000, "1" + "+1" * 95,
                                  "not(" * 90 + "true" + ")" * 90,
                                  "[" * 90 + "1" + "]" * 90,
                                  "[1,2]" + "[item > 0]" * 60,
                                  "for a in " * 20 + "[1]" + " return a" * 20])  # fmt: skip
def test_what_is_just_deep_enough_is_computed(text: str) -> None:
    assert evaluate(text, {}) is not None


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..100000000 return i",
        "for i in 1..1000, j in 1..1000, k in 1..1000 return i * j * k",
        "some x in (for i in 1..100000 return i) satisfies every y in l satisfies y < 0",
        "count(for i in 1..1000 return s + s)",
        "count(for i in 1..1000 return append(l, i))",
        "count(for i in 1..1000 return l[item > 0])",
        "{f: function(x) x(x), g: f(f)}.g",
        "{f: function(g, n) if n = 0 then 0 else g(g, n - 1), r: f(f, 1000)}.r",
    ],
)
def test_what_takes_too_long_stops_with_a_problem(text: str) -> None:
    tracemalloc.start()
    started = time.thread_time()

    with pytest.raises(ExpressionLimitError) as raised:
        evaluate(text, CONTEXT)

    assert time.thread_time() - started < 3
    assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    tracemalloc.stop()
    assert raised.value.problems[0].code == "FEEL050"


def test_a_compiled_expression_is_null_at_a_limit_and_its_trace_names_it() -> None:
    expression = compile_expression("for i in 1..100000000 return i")

    assert expression({}) is None
    assert "100000" in str(expression.explain({}).limit)


@pytest.mark.parametrize("text", ["10 ** 100000000", "1e6000 * 1e6000",
                                  "exp(100000)", "2 ** 0.5 ** 1000000 / 0"])  # fmt: skip
def test_numbers_beyond_the_largest_are_null(text: str) -> None:
    assert evaluate(text, {}) is None


def test_a_pattern_that_would_backtrack_for_ever_answers_at_once() -> None:
    started = time.thread_time()

    assert evaluate(r'matches(text, "^(\w+\s?)*$")', CONTEXT) is False
    assert evaluate(r'matches(text + text, "^((a+)+)\1$")', CONTEXT) is None
    assert time.thread_time() - started < 1


@pytest.mark.parametrize("name", ["__class__", "__init__", "__globals__", "_sa_instance_state",
                                  "get", "keys", "mro", "real"])  # fmt: skip
def test_no_attribute_of_python_can_be_reached(name: str) -> None:
    values = [{"a": 1}, [1], "text", 1, None, True]

    assert [evaluate(f"x.{name}", {"x": value}) for value in values] == [
        None, [None], None, None, None, None,
    ]  # fmt: skip


def test_a_plain_function_of_python_in_the_context_is_no_function() -> None:
    assert evaluate("f(1)", {"f": lambda x: x}) is None
    assert evaluate("f.g", {"f": object()}) is None


def test_values_nested_without_end_are_refused_on_the_wire() -> None:
    deep: list[Any] = []
    for _ in range(1_000):
        deep = [deep]

    with pytest.raises(ValueError, match="deeper"):
        encode(deep)
    with pytest.raises(ValueError, match="no number"):
        decode({"t": "number", "v": "NaN"})


@pytest.mark.parametrize("text", ["1e6145", "1e-6144", "1e9999999999999999999", "2 + 1e-99999999"])
def test_a_number_beyond_decimals_is_a_problem_that_names_the_limit(text: str) -> None:
    with pytest.raises(ExpressionProblemsError, match="numbers lie between 1e-6143 and 1e6144"):
        evaluate(text, {})


def test_half_of_a_character_is_a_problem_with_its_place() -> None:
    with pytest.raises(ExpressionProblemsError) as caught:
        evaluate('matches("ab\ud800", "a")', {})

    assert [one.start for one in caught.value.problems] == [11]
    assert "half of a character stands here" in caught.value.problems[0].message
