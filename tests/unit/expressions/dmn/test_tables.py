"""Decision tables of DMN files, under every hit policy; and tables of ours as DMN files."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trellis.expressions.decisions import AmbiguousDecisionError, Row, Table, compile_table
from trellis.expressions.dmn import load_texts
from trellis.expressions.dmn.write import ExportedTable, Head, write_dmn

from tests.unit.expressions.dmn.models import data, decision, item, model, structure, table

ROWS = [["< 10", "1", '"b"'], ["> 5", "2", '"a"'], ["> 7", "3", '"b"']]


def decided(hit: str, value: int, outputs: list[str] | None = None, rows: Any = None) -> Any:
    outputs = outputs or ["n"]
    kept = rows or [row[: 1 + len(outputs)] for row in ROWS]
    found = model(data("x"), decision("d", table(hit, ["x"], outputs, kept), ["=x"]))
    return found.evaluate("d", {"x": value})


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        ("FIRST", 1), ("RULE ORDER", [1, 2, 3]), ("COLLECT", [1, 2, 3]), ("COLLECT+SUM", 6),
        ("COLLECT+MIN", 1), ("COLLECT+MAX", 3), ("COLLECT+COUNT", 3), ("UNIQUE", None),
        ("ANY", None),
    ],
)  # fmt: skip
def test_a_hit_policy_says_which_of_three_rules_count(hit: str, expected: Any) -> None:
    assert decided(hit, 8) == expected


@pytest.mark.parametrize(
    ("hit", "expected"),
    [("UNIQUE", None), ("FIRST", None), ("RULE ORDER", []), ("COLLECT", [])],
)
def test_no_rule_gives_null_or_nothing(hit: str, expected: Any) -> None:
    assert decided(hit, 8, rows=[["> 100", "1"]]) == expected


def test_a_default_stands_where_no_rule_holds() -> None:
    assert decided("UNIQUE", 8, ["n=|99"], [["> 100", "1"]]) == 99


def test_priority_takes_the_first_allowed_value_and_output_order_sorts_by_it() -> None:
    rows = [["> 5", '"low"'], ["> 6", '"high"'], ["> 7", '"mid"']]
    order = 'n="high","mid","low"'

    assert decided("PRIORITY", 8, [order], rows) == "high"
    assert decided("OUTPUT ORDER", 8, [order], rows) == ["high", "mid", "low"]


def test_priority_follows_the_allowed_values_of_the_outputs_type() -> None:
    rows = [["> 5", '"low"'], ["> 6", '"high"']]
    grid = table("PRIORITY", ["x"], ["n"], rows).replace('name="n"', 'name="n" typeRef="tLevel"')
    found = model(item("tLevel", "string", allowed='"high", "low"'), data("x"),
                  decision("d", grid, ["=x"]))  # fmt: skip

    assert found.evaluate("d", {"x": 8}) == "high"


def test_several_outputs_make_a_context() -> None:
    assert decided("FIRST", 8, ["n", "s"]) == {"n": 1, "s": "b"}


def test_rules_that_agree_are_one_under_any() -> None:
    assert decided("ANY", 8, rows=[["> 5", "1"], ["> 6", "1"]]) == 1


def test_two_rules_under_unique_are_named() -> None:
    found = model(data("x"), decision("d", table("UNIQUE", ["x"], ["n"], [["-", "1"], ["", "2"]]),
                                      ["=x"]))  # fmt: skip

    answer = found.explain("d", {"x": 1})

    assert answer.value is None
    assert answer.warnings == ("several rows match: 1, 2",)


def test_an_input_outside_its_allowed_values_decides_nothing() -> None:
    grid = table("UNIQUE", ['x="a","b"'], ["n"], [["-", "1"]])
    found = model(data("x"), decision("d", grid, ["=x"]))

    assert found.evaluate("d", {"x": "a"}) == 1
    assert found.evaluate("d", {"x": "c"}) is None


def test_cells_see_the_input_as_a_question_mark_and_other_names() -> None:
    grid = table(
        "UNIQUE", ["x"], ["n"], [["? > least amount", "? "], ["not(? > least amount)", "0"]]
    )
    grid = grid.replace("<text>? </text>", "<text>x * 2</text>")
    found = model(data("x"), data("least amount"),
                  decision("d", grid, ["=x", "=least_amount"]))  # fmt: skip

    assert found.evaluate("d", {"x": 8, "least amount": 5}) == 16
    assert found.evaluate("d", {"x": 3, "least amount": 5}) == 0


def test_results_take_the_type_of_their_column() -> None:
    grid = table("FIRST", ["x"], ["n"], [["-", "[7]"]]).replace('name="n"', 'typeRef="number"')
    found = model(data("x"), decision("d", grid, ["=x"]))

    assert found.evaluate("d", {"x": 8}) == Decimal(7)


def test_a_path_into_a_structure_may_have_names_of_several_words() -> None:
    grid = table("FIRST", ["applicant.monthly income"], ["n"], [["> 100", '"yes"'], ["-", '"no"']])
    person = structure("tPerson", **{"monthly income": "number"})
    found = model(person, data("applicant", "tPerson"), decision("d", grid, ["=applicant"]))

    assert found.evaluate("d", {"applicant": {"monthly income": 200}}) == "yes"


def test_a_row_of_the_wrong_width_is_refused_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"rule 1 has 1 output entries, the table has 2 outputs"):
        decided("FIRST", 1, ["n", "s"], [["-", "1"]])


CELLS = st.sampled_from(["-", "< 3", ">= 3", "[1..4)", "1, 2", "not(2)", "null"])
HITS = st.sampled_from(["U", "A", "F", "R", "C", "C+", "C<", "C>", "C#"])
ROW = st.tuples(st.tuples(CELLS, CELLS), st.integers(0, 3))


@given(HITS, st.lists(ROW, min_size=1, max_size=5), st.integers(0, 5), st.integers(0, 5))
def test_a_table_of_ours_decides_the_same_as_its_file(
    hit: str, rows: list[tuple[tuple[str, str], int]], a: int, b: int
) -> None:
    made = [Row(str(n), when, (str(then),)) for n, (when, then) in enumerate(rows, 1)]
    ours = Table(hit, ("a", "b + 1"), ("out",), tuple(made))
    export = ExportedTable("t", "My table", ours, (Head("A"), Head()), (Head(),))

    file = write_dmn([export], namespace="urn:x", name="tables")
    theirs = load_texts({"x.dmn": file}).evaluate("My table", {"a": a, "b": b})

    assert theirs == _ours(ours, {"a": a, "b": b})


def _ours(table_: Table, values: dict[str, Any]) -> Any:
    try:
        found = compile_table(table_, None).decide(values)
    except AmbiguousDecisionError:
        return None
    if table_.hit in ("R", "C"):
        return [one["out"] for one in found]
    return found if table_.hit.startswith("C") or found is None else found["out"]
