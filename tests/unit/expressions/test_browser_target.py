"""The interpreter in the browser gives the values that Python gives, over everything there is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trellis.expressions import ExpressionProblemsError, compile_expression, decode
from trellis.expressions.functions import BUILTINS
from trellis.expressions.functions.moments import NOW
from trellis.expressions.functions.table import Builtin

from tests.unit.expressions.generated import anything as anything_of_records
from tests.unit.expressions.generated_language import anything
from tests.unit.expressions.generated_leaves import AT, VALUES
from tests.unit.expressions.node import Node, build, compile_with_names, in_python
from tests.unit.expressions.sample import CASE_RECORDS, CONTEXT, SCOPE
from tests.unit.expressions.shared import shared_file

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "expressions"
GOLDEN_VALUES = {"Full Name": "Ada", "客户等级": "vip", "rate-card": 7, "a": 1, NOW: AT}
FREELY = settings(suppress_health_check=[HealthCheck.too_slow])
#: Drawn without Hypothesis, which is slower but makes what differs small.
MANY = 100_000 if os.environ.get("TRELLIS_TEST_FULL") else 500


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Give the running interpreter."""
    with Node(build(tmp_path_factory.mktemp("node"))) as running:
        yield running


def _texts(name: str) -> list[str]:
    lines = (GOLDEN / name).read_text("utf-8").splitlines()
    return [line.rpartition(" => ")[0].strip() for line in lines if line and line[0] != "#"]


def _difference(node: Node, text: str, context: dict[str, Any]) -> tuple[str, Any, Any] | None:
    """Return a text with what Python and the browser make of it, where that differs."""
    try:
        expression = compile_with_names(text, context)
    except ExpressionProblemsError:
        return None
    expected = in_python(expression, context)
    found = node.values(expression, [context])[0]
    return None if found == expected else (text, expected, found)


def _differences_over_cases(node: Node, text: str) -> list[tuple[Any, Any]]:
    """Return what differs over the sample's records, for a text with known types."""
    try:
        expression = compile_expression(text, SCOPE)
    except ExpressionProblemsError:
        return []
    contexts = [{**CONTEXT, "record": record} for record in CASE_RECORDS]
    expected = [in_python(expression, context) for context in contexts]
    found = node.values(expression, contexts)
    return [pair for pair in zip(expected, found, strict=True) if pair[0] != pair[1]]


def test_the_corpus_has_the_values_of_python(node: Node) -> None:
    texts = _texts("values.txt")

    differences = [_difference(node, text, GOLDEN_VALUES) for text in texts]

    assert len(texts) > 100
    assert [found for found in differences if found is not None] == []


@pytest.mark.parametrize("name", ["sql_conditions.txt", "sql_values.txt"])
def test_the_corpus_over_records_has_the_values_of_python(node: Node, name: str) -> None:
    texts = _texts(name)

    differences = {text: _differences_over_cases(node, text) for text in texts}

    assert len(texts) > 20
    assert {text: found for text, found in differences.items() if found} == {}


def test_the_conformance_cases_have_the_values_of_python(node: Node) -> None:
    lines = shared_file("tck", "visible.jsonl").read_text("utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if case["feel"] is not None]

    differences = [
        _difference(node, case["feel"],
                    {NOW: AT, **{name: decode(value) for name, value in case["inputs"].items()}})
        for case in cases
    ]  # fmt: skip

    assert [found for found in differences if found is not None] == []


@FREELY
@given(chance=st.randoms(use_true_random=False))
def test_generated_expressions_have_the_values_of_python(node: Node, chance: Random) -> None:
    text = anything(3)(chance)

    difference = _difference(node, text, VALUES)

    assert difference is None


@FREELY
@given(chance=st.randoms(use_true_random=False))
def test_generated_expressions_over_records_have_the_values_of_python(
    node: Node, chance: Random
) -> None:
    text = anything_of_records(2)(chance)

    assert _differences_over_cases(node, text) == []


def test_many_generated_expressions_have_the_values_of_python(node: Node) -> None:
    chance = Random()  # noqa: S311 - texts by chance, no secret

    differences = [_difference(node, anything(2)(chance), VALUES) for _ in range(MANY)]

    assert [found for found in differences if found is not None] == []


def test_many_generated_expressions_over_records_have_the_values_of_python(node: Node) -> None:
    chance = Random()  # noqa: S311 - texts by chance, no secret
    texts = [anything_of_records(2)(chance) for _ in range(MANY // 10)]

    differences = {text: _differences_over_cases(node, text) for text in texts}

    assert {text: found for text, found in differences.items() if found} == {}


def _forms(builtin: Builtin) -> list[dict[str, Any]]:
    return [
        {"parameters": [[one.name, sorted(one.kinds), one.optional, one.nullable]
                        for one in form.parameters],
         "variadic": form.variadic, "rest": form.rest}
        for form in builtin.forms
    ]  # fmt: skip


def test_every_function_is_called_as_in_python(node: Node) -> None:
    in_browser = node.ask({"functions": True})

    assert in_browser == {name: _forms(builtin) for name, builtin in BUILTINS.items()}


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString", "hasOwnProperty"])
def test_nothing_of_javascript_can_be_reached(node: Node, name: str) -> None:
    texts = [f"{name}.{name}", f"s.{name}", f"c.{name}", f"ns.{name}", f"[1].{name}", f"n.{name}",
             f"when.{name}.{name}", f"took.{name}", f'get value(c, "{name}")',
             f"(function(x) x).{name}", f"{name}(1)", f"[1..2].{name}"]  # fmt: skip

    found = [node.values(compile_with_names(text, VALUES), [VALUES])[0] for text in texts]

    assert all(value == {"t": "null"} or value == {"t": "list", "v": [{"t": "null"}]}
               or set(json.dumps(value)) <= set(json.dumps({"t": "list", "v": [{"t": "null"}] * 9}))
               for value in found), found  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["for i in 1..100000000 return i", "for i in 1..1000, j in 1..1000 return i * j",
     "some x in 1..100000 satisfies some y in 1..100000 satisfies x + y < 0",
     "(function(f, n) f(f, n))(function(f, n) f(f, n + 1), 0)",
     'matches(string join(for i in 1..20000 return "a"), "^(a+)+$")',
     'replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$", "x")', "10 ** 100000000"],
)  # fmt: skip
def test_what_takes_too_much_gives_what_python_gives(node: Node, text: str) -> None:
    assert _difference(node, text, VALUES) is None
