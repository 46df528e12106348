"""Conditions and values in SQL agree with Python, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from trellis.expressions import ExpressionProblemsError

from tests.unit.expressions.sample import (
    rows_in_python,
    rows_in_sql,
    same,
    values_in_python,
    values_in_sql,
)

CONDITIONS = Path(__file__).parents[2] / "golden" / "expressions" / "sql_conditions.txt"
VALUES = Path(__file__).parents[2] / "golden" / "expressions" / "sql_values.txt"


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]


@pytest.mark.parametrize("text", _lines(CONDITIONS))
def test_a_condition_keeps_the_same_rows_in_python_and_in_sql(
    connection: sa.Connection, text: str
) -> None:
    assert rows_in_sql(connection, text) == rows_in_python(text)


@pytest.mark.parametrize("text", _lines(CONDITIONS))
def test_a_condition_is_true_false_or_null_for_the_same_rows(
    connection: sa.Connection, text: str
) -> None:
    assert values_in_sql(connection, text) == values_in_python(text)


@pytest.mark.parametrize("text", _lines(CONDITIONS))
def test_a_negated_condition_keeps_the_same_rows(connection: sa.Connection, text: str) -> None:
    negated = f"not({text})"

    assert rows_in_sql(connection, negated) == rows_in_python(negated)


@pytest.mark.parametrize("text", _lines(VALUES))
def test_a_value_is_the_same_in_python_and_in_sql(connection: sa.Connection, text: str) -> None:
    in_sql, in_python = values_in_sql(connection, text), values_in_python(text)

    differences = [(a, b) for a, b in zip(in_python, in_sql, strict=True) if not same(a, b)]
    assert not differences


def test_working_time_of_each_row_is_refused_with_what_to_do_instead(
    connection: sa.Connection,
) -> None:
    with pytest.raises(ExpressionProblemsError, match="keep its result in a stored formula"):
        rows_in_sql(connection, 'business duration(opened, closed, "office") > duration("PT1H")')
