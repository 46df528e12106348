"""Decision tables: hit policies, defaults, dates, problems by cell, gaps and overlaps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from trellis.expressions import Scope
from trellis.expressions import types as t
from trellis.expressions.decision_gaps import find_gaps
from trellis.expressions.decisions import (
    HIT_POLICIES,
    AmbiguousDecisionError,
    CompiledTable,
    Row,
    Table,
    TableProblemsError,
    compile_table,
)

LEVEL = t.ChoiceType(values=("low", "high"))
SCOPE = Scope({"amount": t.NUMBER, "level": LEVEL, "done": t.BOOLEAN, "day": t.DATE})


def _table(
    hit: str, *rows: Sequence[str], inputs: tuple[str, ...] = ("amount", "level"), **more: Any
) -> CompiledTable:
    width = len(inputs)
    made = tuple(
        Row(str(number), tuple(row[:width]), tuple(row[width:]))
        for number, row in enumerate(rows, 1)
    )
    outputs = more.pop("outputs", ("rate",))
    return compile_table(Table(hit, inputs, outputs, made, **more), SCOPE)


OVERLAPPING = (("< 10", "-", "1"), ("-", '"high"', "2"), ("[5..20]", "-", "amount * 2"))


@pytest.mark.parametrize(
    ("hit", "expected"),
    [("F", {"rate": 1}), ("R", [{"rate": 1}, {"rate": 2}, {"rate": 14}]),
     ("C", [{"rate": 1}, {"rate": 2}, {"rate": 14}]), ("C+", 17), ("C<", 1), ("C>", 14),
     ("C#", 3)],
)  # fmt: skip
def test_a_hit_policy_says_which_matching_rows_count(hit: str, expected: object) -> None:
    assert _table(hit, *OVERLAPPING).decide({"amount": 7, "level": "high"}) == expected


def test_unique_and_any_refuse_rows_that_contradict_each_other() -> None:
    for hit in ("U", "A"):
        with pytest.raises(AmbiguousDecisionError, match="1, 2, 3"):
            _table(hit, *OVERLAPPING).decide({"amount": 7, "level": "high"})
    same = _table("A", ("< 10", "-", "1"), ("-", '"high"', "1.0"))
    assert same.decide({"amount": 7, "level": "high"}) == {"rate": 1}


@pytest.mark.parametrize(("hit", "expected"), [
    ("P", {"rate": "best"}), ("O", [{"rate": "best"}, {"rate": "good"}, {"rate": "good"}]),
])  # fmt: skip
def test_priority_and_output_order_follow_the_allowed_values(hit: str, expected: object) -> None:
    rows = (("-", "-", '"good"'), ("-", "-", '"best"'), ("> 1", "-", '"good"'))
    table = _table(hit, *rows, priorities=(("best", "good"),))

    assert table.decide({"amount": 7}) == expected


@pytest.mark.parametrize("hit", ["U", "A", "P", "F"])
def test_defaults_answer_where_no_row_matches(hit: str) -> None:
    table = _table(hit, ("< 0", "-", '"x"'), defaults=('"none"',), priorities=(("x",),))

    assert table.decide({"amount": 7}) == {"rate": "none"}


def test_without_a_default_nothing_is_null_or_an_empty_list() -> None:
    row = ("< 0", "-", "1")

    assert _table("U", row).decide({"amount": 7}) is None
    assert _table("C", row).decide({"amount": 7}) == []
    assert _table("C#", row).decide({"amount": 7}) == 0
    assert _table("C+", row).decide({"amount": 7}) is None


@pytest.mark.parametrize(
    ("cell", "amount", "matches"),
    [("-", None, True), ("5", 5, True), ("5, 6", 6, True), ("not(5, 6)", 6, False),
     ("not(5, 6)", 7, True), ("not(5)", None, True), ("null", None, True), ("< 5", None, False),
     ("(5..6]", 5, False), ("(5..6]", 6, True), ("]5..6[", 6, False), ("? > 5 and ? < 7", 6, True),
     ("= 5", 5, True), ("!= 5", 6, True), ("!= 5", 5, False), ("level = \"high\"", 1, True),
     ("-5", -5, True), (">= -5", -5, True), ("5 + 1", 6, True), ("[1..3], > 8", 9, True)],
)  # fmt: skip
def test_a_cell_is_a_unary_test(cell: str, amount: object, matches: bool) -> None:
    table = _table("U", (cell, "1"), inputs=("amount",))

    found = table.decide({"amount": amount, "level": "high"})

    assert (found is not None) is matches


def test_booleans_and_dates_are_looked_up_by_value() -> None:
    rows = (("true", '@"2026-01-01"', "1"), ("false", '> @"2026-01-01"', "2"))
    table = _table("U", *rows, inputs=("done", "day"))

    assert table.decide({"done": True, "day": date(2026, 1, 1)}) == {"rate": 1}
    assert table.decide({"done": False, "day": date(2026, 1, 2)}) == {"rate": 2}
    assert table.decide({"done": 1, "day": date(2026, 1, 1)}) is None


def test_rows_count_on_the_days_they_are_valid() -> None:
    row = Row("1", ("-",), ("1",), date(2026, 1, 1), date(2026, 2, 1))
    table = compile_table(Table("F", ("amount",), ("rate",), (row,)), SCOPE)

    assert table.decide({"amount": 1}, date(2026, 1, 31)) == {"rate": 1}
    assert table.decide({"amount": 1}, date(2026, 2, 1)) is None
    assert table.explain({"amount": 1}, date(2025, 1, 1)).failed[0].column == -1


def test_an_explanation_names_the_rows_that_matched_and_the_cells_that_failed() -> None:
    found = _table("F", *OVERLAPPING).explain({"amount": 15, "level": "low"})

    assert [row.id for row in found.matched] == ["3"]
    assert [(row.row.id, row.column) for row in found.failed] == [("1", 0), ("2", 1)]
    assert found.failed[0].reason == "`< 10` does not hold"
    assert found.inputs == (15, "low")
    assert not found.by_default


def test_every_wrong_cell_is_told_at_once() -> None:
    with pytest.raises(TableProblemsError) as raised:
        _table("F", ('"x"', '"lo"', "amont"), ("-", "-", "1", "2"), inputs=("amount", "level"))

    places = {(one.row, one.column, one.is_result): one.problem.message
              for one in raised.value.problems}  # fmt: skip
    assert places == {
        (0, 0, False): "`=` compares a number with a string, which is always null",
        (0, 1, False): '`"lo"` is none of the options',
        (0, 0, True): "there is no `amont` here",
        (1, 0, True): "the row has 2 results, the table 1 columns",
    }


def test_results_must_have_the_type_of_their_column() -> None:
    table = Table("F", ("amount",), ("level",), (Row("1", ("-",), ('"hihg"',)),), ("5",))

    with pytest.raises(TableProblemsError) as raised:
        compile_table(table, SCOPE, (), (LEVEL,))

    assert [one.problem.help for one in raised.value.problems] == ['did you mean `"high"`?', None]


@pytest.mark.parametrize(("hit", "outputs"), [("X", ("a",)), ("C+", ("a", "b")), ("P", ("a",)),
                                              ("F", ())])  # fmt: skip
def test_a_table_must_fit_its_policy(hit: str, outputs: tuple[str, ...]) -> None:
    with pytest.raises(TableProblemsError):
        compile_table(Table(hit, ("amount",), outputs, ()), SCOPE)


def test_every_policy_of_the_standard_is_known() -> None:
    assert set(HIT_POLICIES) == {"U", "A", "P", "F", "R", "O", "C", "C+", "C<", "C>", "C#"}


def test_a_large_table_decides_by_look_up() -> None:
    rows = tuple(
        Row(str(n), (f'"k{n % 100}"', str(n // 100), f"[{n % 7}..{n % 7 + 3}]"), (str(n),))
        for n in range(2_000)
    )
    scope = Scope({"k": t.STRING, "n": t.NUMBER, "m": t.NUMBER})
    table = compile_table(Table("F", ("k", "n", "m"), ("r",), rows), scope)
    context = {"k": "k17", "n": 12, "m": 1_217 % 7 + 1}

    started = time.thread_time()
    for _ in range(200):
        assert table.decide(context) == {"r": 1_217}

    assert time.thread_time() - started < 0.2


def test_a_gap_and_an_overlap_are_found_with_an_example() -> None:
    table = _table("U", ("< 10", '"low"', "1"), ("[10..20]", "-", "2"), (">= 20", '"low"', "3"),
                   ("> 20", '"high"', "4"))  # fmt: skip

    assert [found.message for found in find_gaps(table)] == [
        'no row takes the input < 10, "high"',
        'the rows 2 and 3 both take the input 20, "low"',
    ]


def test_a_complete_table_has_no_findings() -> None:
    whole = _table("U", ("< 10", "-", "1"), (">= 10", '"low"', "2"), (">= 10", '"high"', "3"))
    with_default = _table("U", ("< 10", "-", "1"), defaults=("0",))
    first = _table("F", ("< 10", "-", "1"), ("-", "-", "2"))

    assert find_gaps(whole) == find_gaps(with_default) == find_gaps(first) == ()
