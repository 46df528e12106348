"""Every case of the golden files: a text, and what it gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from trellis.expressions import ExpressionProblemsError, check, evaluate
from trellis.expressions.problems import caret
from trellis.expressions.reference import functions_page
from trellis.expressions.words import text_of

from tests.unit.expressions.sample import SCOPE

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "expressions"


def _pairs() -> list[tuple[str, str]]:
    pairs = []
    for line in (GOLDEN / "values.txt").read_text("utf-8").splitlines():
        if line and line[0] != "#":
            text, _, expected = line.rpartition(" => ")
            pairs.append((text.strip(), expected.strip()))
    return pairs


@pytest.mark.parametrize(("text", "expected"), _pairs())
def test_an_expression_gives_the_value_beside_it(text: str, expected: str) -> None:
    value = evaluate(text, {"Full Name": "Ada", "客户等级": "vip", "rate-card": 7, "a": 1})

    assert ("null" if value is None else text_of([value])) == (
        "null" if expected == "null" else f"[{expected}]"
    )


def _wrong() -> list[tuple[str, str]]:
    blocks = (GOLDEN / "problems.txt").read_text("utf-8").split("\n---\n")
    found = []
    for block in blocks:
        text, _, message = block.strip("\n").partition("\n=> ")
        found.append((text, message))
    return found


@pytest.mark.parametrize(("text", "expected"), _wrong())
def test_a_wrong_expression_is_told_where_and_how_to_mend_it(text: str, expected: str) -> None:
    problems = check(text, SCOPE)

    assert "\n".join(f"[{one.code}] {caret(text, one)}" for one in problems) == expected


def test_messages_are_in_the_style_of_the_house() -> None:
    for _, message in _wrong():
        first = message.splitlines()[0].partition("] ")[2]
        assert not first.endswith(".")
        assert first[0] == "`" or first[0].islower() or not first[0].isalpha(), first


def test_without_a_scope_only_syntax_is_refused() -> None:
    assert evaluate('1 + "a"', {}) is None
    assert evaluate("nowhere.to.be.found", {}) is None
    with pytest.raises(ExpressionProblemsError):
        evaluate("1 +", {})


def test_the_reference_page_is_the_functions_table() -> None:
    page = (ROOT / "docs" / "reference" / "functions.md").read_text("utf-8")

    assert page == functions_page()
