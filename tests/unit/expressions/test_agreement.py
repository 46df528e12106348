"""Generated expressions have the same value in Python, SQLite and PostgreSQL."""

from __future__ import annotations

import os
from random import Random, SystemRandom

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trellis.expressions import ExpressionProblemsError, check

from tests.unit.expressions.generated import KINDS, anything, conditions
from tests.unit.expressions.generated_leaves import any_of
from tests.unit.expressions.many import Comparison, Difference
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
#: Drawn without Hypothesis, many in one statement.
MANY = 100_000 if os.environ.get("TRELLIS_TEST_FULL") else 1_000
#: Differences that are made small and told.
MOST_TOLD = 20
CHANCE = st.randoms(use_true_random=False)


@FREELY
@given(chance=CHANCE)
def test_generated_conditions_agree(connection: sa.Connection, chance: Random) -> None:
    text = conditions(2)(chance)
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
@given(chance=CHANCE)
def test_generated_values_agree(connection: sa.Connection, chance: Random) -> None:
    text = any_of(*(kind(2) for kind in KINDS))(chance)
    if check(text, SCOPE):
        return

    try:
        in_sql = values_in_sql(connection, text)
    except ExpressionProblemsError as error:
        assert "cannot be SQL" in str(error)
        return

    pairs = list(zip(values_in_python(text), in_sql, strict=True))
    assert all(same(a, b) for a, b in pairs), pairs


def test_many_generated_expressions_agree(connection: sa.Connection) -> None:
    seed = SystemRandom().randrange(10**9)
    chance = Random(seed)  # noqa: S311 - a seed, to be told
    comparison, found = Comparison(connection), list[Difference]()

    while comparison.compared < MANY and len(found) < MOST_TOLD:
        texts = [anything(3 if at % 10 == 0 else 2)(chance) for at in range(500)]
        found += comparison.differences(texts)

    assert [comparison.smallest(one) for one in found[:MOST_TOLD]] == [], f"seed {seed}"
