"""Boxed expressions of DMN files are computed as the standard says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.expressions.dmn.models import (
    context,
    data,
    decision,
    function,
    invocation,
    knowledge,
    model,
    table,
    text,
)

PRICES = (
    "<relation><column name='item'/><column name='unit price'/>"
    "<row>" + text('"bolt"') + text("2") + "</row><row>" + text('"nut"') + text("3") + "</row>"
    "</relation>"
)
LIST = "<list>" + text("1") + text('"two"') + "</list>"


def boxed(kind: str, inner: str, body: str, variable: str = "x") -> str:
    word = "return" if kind == "for" else "satisfies"
    return (f'<{kind} iteratorVariable="{variable}"><in>{text(inner)}</in>'
            f"<{word}>{text(body)}</{word}></{kind}>")  # fmt: skip


def condition(test: str) -> str:
    parts = (("if", test), ("then", "1"), ("else", "2"))
    inner = "".join(f"<{name}>{text(value)}</{name}>" for name, value in parts)
    return f"<conditional>{inner}</conditional>"


def filtered(inner: str, match: str) -> str:
    return f"<filter><in>{text(inner)}</in><match>{text(match)}</match></filter>"


def calling(parameters: list[str], body: str, call: str) -> str:
    made = function(parameters, text(body))
    return context(("f", made), (None, call if call.startswith("<") else text(call)))


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (text('"a" + "b"'), "ab"),
        (context(("my first", text("2")), ("second", text("my first * 3"))),
         {"my first": 2, "second": 6}),
        (context(("a", text("2")), (None, text("a + 1"))), 3),
        (context(("a", text("1")), ("a", text("2"))), None),
        (PRICES, [{"item": "bolt", "unit price": 2}, {"item": "nut", "unit price": 3}]),
        (LIST, [1, "two"]),
        (calling(["a b", "c"], "a b - c", "f(5, 3)"), 2),
        (calling(["a", "b"], "a - b", "f(b: 5, a: 3)"), -2),
        (calling(["a: number"], "a", 'f("text")'), None),
        (calling(["a"], "a", invocation("f", a=text("7"))), 7),
        (calling(["a", "b"], "b", invocation("f", a=text("7"))), None),
        (invocation("abs", n=text("-4")), 4),
        (invocation("is", value1=text("1"), value2=text("1")), True),
        (invocation("substring", string=text('"abc"')).replace(
            "</invocation>", '<binding><parameter name="start position"/>' + text("2")
            + "</binding></invocation>"), "bc"),
        (condition("true"), 1), (condition("false"), 2),
        (condition("null"), 2), (condition('"yes"'), None),
        (boxed("for", "[1..3]", "x * count(partial)"), [0, 2, 6]),
        (boxed("for", "null", "x"), None), (boxed("for", "[]", "x"), []),
        (boxed("some", "[1, 2]", "x > 1"), True), (boxed("some", "[1, null]", "x > 1"), None),
        (boxed("every", "[1, 2]", "x > 1"), False), (boxed("every", "[]", "x > 1"), True),
        (boxed("every", "[2, 3]", "x"), None),
        (filtered("[1, 5, 7]", "item > 4"), [5, 7]),
        (filtered("[{n: 1}, {n: 2}]", "n = 2"), [{"n": 2}]),
        (filtered("[4, 5]", "-1"), 5),
    ],
)  # fmt: skip
def test_a_boxed_expression_has_the_value_that_the_standard_gives(
    logic: str, expected: Any
) -> None:
    assert model(decision("result", logic)).evaluate("result", {}) == expected


def test_a_name_of_several_words_is_read_where_it_is_in_scope() -> None:
    found = model(data("unit price"), decision("twice", text("unit price * 2"), ["=unit_price"]))

    assert found.evaluate("twice", {"unit price": 4}) == 8


def test_what_is_not_required_is_not_seen() -> None:
    found = model(data("a"), decision("b", text("a")))

    assert found.evaluate("b", {"a": 1}) is None


def test_a_decision_sees_the_decisions_that_it_requires() -> None:
    found = model(
        data("a"),
        decision("first step", text("a + 1"), ["=a"]),
        decision("second", text("first step * 10"), ["first_step"]),
    )

    assert found.evaluate("second", {"a": 1}) == 20


def test_a_given_value_replaces_a_decision() -> None:
    found = model(decision("a", text("1")), decision("b", text("a + 1"), ["a"]))

    assert found.evaluate("b", {"a": 5}) == 6


def test_a_decision_is_computed_once_in_an_evaluation() -> None:
    # Doubled thirty times over two paths each: a thousand million computations if it were not.
    chain = [decision("d0", text("1"))]
    chain += [decision(f"d{n}", text(f"d{n - 1} + d{n - 1}"), [f"d{n - 1}", f"d{n - 1}"])
              for n in range(1, 31)]  # fmt: skip

    assert model(*chain).evaluate("d30", {}) == 2**30


def test_knowledge_sees_its_parameters_and_what_it_requires_only() -> None:
    found = model(
        data("rate"),
        knowledge("double", ["n"], text("n * 2")),
        knowledge("price", ["net"], text("[double(net), rate]"), ["@double"]),
        decision("total", text("price(10)"), ["@price", "=rate"]),
    )

    assert found.evaluate("total", {"rate": 7}) == [20, None]


def test_knowledge_may_be_a_table_and_is_called_by_names() -> None:
    grades = table("UNIQUE", ["score"], ["grade"], [["< 50", '"low"'], [">= 50", '"high"']])
    found = model(
        knowledge("grade of", ["score"], grades),
        decision("grade", invocation("grade of", score=text("70")), ["@grade_of"]),
    )

    assert found.evaluate("grade", {}) == "high"


def test_functions_are_values() -> None:
    found = model(
        knowledge("add", ["a"], text("function(b) a + b")),
        decision("five", text("add(2)(3)"), ["@add"]),
        decision("sorted", text("sort([2, 3, 1], down)"), ["@down"]),
        knowledge("down", ["x", "y"], text("x > y")),
    )

    assert found.evaluate("five", {}) == 5
    assert found.evaluate("sorted", {}) == [3, 2, 1]


def test_what_calls_itself_without_end_is_null_with_a_reason() -> None:
    loops = context(("f", function(["f", "n"], text("f(f, n + 1)"))), (None, text("f(f, 1)")))

    answer = model(decision("d", loops)).explain("d", {})

    assert answer.value is None
    assert "functions call each other deeper than" in answer.warnings[0]


def test_a_java_function_is_named_and_null() -> None:
    body = context(("class", text('"java.lang.Math"')))
    found = model(
        decision("d", context(("f", function(["a"], body, "Java")), (None, text("f(1)"))))
    )

    answer = found.explain("d", {})

    assert answer.value is None
    assert "a Java function is not run" in answer.warnings
    assert [problem.code for problem in found.problems] == ["DMN020"]


def test_a_decision_without_logic_is_null_and_noted() -> None:
    found = model(decision("d", ""))

    assert found.evaluate("d", {}) is None
    assert "the decision `d` has no expression" in str(found.problems[0])
