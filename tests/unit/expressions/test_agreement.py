"""Generated expressions have the same value in Python, SQLite and PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trellis.expressions import ExpressionProblemsError, check

from tests.unit.expressions.generated import conditions, dates, lengths, moments, numbers, strings
from tests.unit.expressions.sample import (
    SCOPE,
    rows_in_python,
    rows_in_sql,
    same,
    values_in_python,
    values_in_sql,
)

FREELY = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip


@FREELY
@given(text=conditions(2))
def test_generated_conditions_agree(connection: sa.Connection, text: str) -> None:
    if check(text, SCOPE):
        return

    try:
        in_sql = values_in_sql(connection, text)
    except ExpressionProblemsError as error:
        assert "cannot be SQL" in str(error)
        return

    assert in_sql == values_in_python(text)
    assert rows_in_sql(connection, text) == rows_in_python(text)
    assert rows_in_sql(connection, f"not({text})") == rows_in_python(f"not({text})")


@FREELY
@given(text=st.one_of(numbers(2), strings(2), dates(2), moments(2), lengths(2)))
def test_generated_values_agree(connection: sa.Connection, text: str) -> None:
    if check(text, SCOPE):
        return

    try:
        in_sql = values_in_sql(connection, text)
    except ExpressionProblemsError as error:
        assert "cannot be SQL" in str(error)
        return

    pairs = list(zip(values_in_python(text), in_sql, strict=True))
    assert all(same(a, b) for a, b in pairs), pairs
