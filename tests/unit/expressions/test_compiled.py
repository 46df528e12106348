"""Compiled expressions: kept, null-safe, right even where a value has not its declared type."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from trellis.clock import SetClock
from trellis.expressions import Scope, compile_expression, compile_open, evaluate
from trellis.expressions import types as t
from trellis.expressions.functions.moments import NOW
from trellis.expressions.functions.records import DECIDE
from trellis.expressions.values import Function

from tests.unit.expressions.sample import AT, CASE_RECORDS, CONTEXT, SCOPE, Record


def _value(text: str, **names: Any) -> Any:
    return compile_expression(text, SCOPE)({**CONTEXT, "record": Record({"id": "x", **names})})


def test_the_same_text_and_scope_are_compiled_once() -> None:
    assert compile_expression("amount + 1", SCOPE) is compile_expression("amount + 1", SCOPE)
    assert compile_expression("amount + 1") is not compile_expression("amount + 1", SCOPE)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(Decimal(5), True), (5, True), (None, None), ("5", None), (Decimal(1), False),
     ([Decimal(5)], None), (date(2026, 1, 1), None)],
)  # fmt: skip
def test_a_value_of_another_type_than_declared_gives_feels_answer(
    amount: object, expected: object
) -> None:
    assert _value("amount > 3", amount=amount) is expected


def test_functions_take_integers_of_the_context_as_numbers() -> None:
    assert _value("abs(amount)", amount=-5) == 5
    assert _value("decimal(amount, 0)", amount=5) == 5
    assert _value("modulo(amount, 3)", amount=5) == 2


def test_a_record_equals_the_text_of_its_id_and_another_view_of_it() -> None:
    customer = CASE_RECORDS[0]["customer"]

    assert _value(f'customer = "{customer.id}"', customer=customer) is True
    assert _value("customer = user.customer", customer=Record(dict(customer))) is True
    assert _value("customer != user.customer", customer=CASE_RECORDS[1]["customer"]) is True


def test_the_moment_comes_from_the_context_and_is_null_without() -> None:
    expression = compile_expression("now()", SCOPE)

    assert expression({NOW: AT}) == AT
    assert expression({}) is None
    (warning,) = expression.explain({}).warnings
    assert "what time" in str(warning.warning)


def test_evaluate_asks_a_clock_where_the_context_has_no_moment() -> None:
    clock = SetClock(datetime(2026, 5, 6, tzinfo=UTC))

    assert evaluate("today()", {}, clock=clock) == date(2026, 5, 6)
    assert evaluate("today()", {NOW: AT}, clock=clock) == AT.date()


def test_the_paths_that_are_read_are_known() -> None:
    text = (
        "sum(for v in visits return v.cost) > user.limit and customer.region.name = null and "
        "count(record.visits[done]) > 1"
    )

    names = compile_expression(text, SCOPE).names

    assert names == {
        ("record", "visits"), ("record", "visits", "cost"), ("record", "visits", "done"),
        ("user", "limit"), ("record", "customer", "region", "name"),
    }  # fmt: skip


def test_decide_is_answered_by_the_context_and_typed_by_the_scope() -> None:
    def result(constants: tuple[object, ...]) -> t.Type | str:
        if constants == ("priority",):
            return t.ContextType(entries={"level": t.NUMBER})
        return "there is no decision of that name"

    scope = Scope({"decide": t.FunctionType(resolve=result)})
    context = {"decide": Function(("table",), lambda table: {"level": Decimal(2)})}

    assert compile_expression('decide("priority").level + 1', scope)(context) == 3
    with pytest.raises(ValueError, match="no decision of that name"):
        compile_expression('decide("colour")', scope)


def test_decide_may_also_be_a_function_of_the_engine() -> None:
    context = {DECIDE: lambda table, names: {"table": table, "x": names["x"]}, "x": 7}

    assert evaluate('decide("a").x', context) == 7


def test_an_open_scope_lets_undeclared_names_through() -> None:
    expression = compile_open("answer.code + amount", SCOPE)

    assert expression({"answer": {"code": 1}, "record": {"amount": Decimal(2)}}) == 3


def test_a_trace_shows_each_part_with_its_value_and_what_went_wrong() -> None:
    expression = compile_expression('amount * 2 > 10 or title + "!" = number', SCOPE)

    trace = expression.explain({"record": {"amount": 3, "title": 5, "number": None}})

    assert trace.value is True
    assert next((step.text, step.values) for step in trace.step.steps[0].steps) == (
        "amount * 2", (Decimal(6),)
    )  # fmt: skip
    assert [step.warning for step in trace.warnings] == ["`+` gives null for a number and a string"]


def test_a_trace_of_a_loop_has_the_values_of_every_round() -> None:
    trace = compile_expression("for i in 1..3 return i * i").explain({})

    body = trace.step.steps[-1]
    assert body.values == (1, 4, 9)


def test_the_tree_for_the_browser_names_what_its_names_mean() -> None:
    found = compile_expression("count(visits[done]) > user.limit", SCOPE).to_json()

    call, path = found["tree"]["a"]
    assert call["a"][0]["of"] == {"k": "name", "s": [6, 12], "b": "field", "name": "visits",
                                  "t": "list"}  # fmt: skip
    assert call["a"][0]["if"]["b"] == "item"
    assert path["of"]["b"] == "root"
    assert found["type"] == "boolean"
