"""Decision tables of a catalog: allowed values of inputs, ranks of outputs, rows by date."""

from __future__ import annotations

from datetime import date

import pytest
from trellis.engine.errors import InvalidError
from trellis.engine.rules.plan import DecisionPlan, decision_plan
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import package_from_files

FILES = {
    "app.yaml": b"app: shop\nversion: 1.0.0\nlabel: Shop\n",
    "options.yaml": b"options:\n  level: {high: {label: High}, low: {label: Low}}\n",
    "rules.yaml": b"""
decisions:
  next:
    hit: P
    inputs: [{expr: level, options: level}]
    outputs: [{name: rank, options: level}]
    rows:
      - [['-'], ['"low"']]
      - [['"high"'], ['"high"'], {until: "2026-03-01"}]
""",
}


@pytest.fixture(scope="module")
def plan() -> DecisionPlan:
    catalog = compile_catalog([package_from_files(FILES)])
    return decision_plan(catalog, catalog.decisions["next"])


def test_the_rank_of_outputs_is_the_order_of_their_options(plan: DecisionPlan) -> None:
    assert plan.decide({"level": "high"}, date(2026, 2, 28)) == {"rank": "high"}


def test_a_row_counts_until_its_day(plan: DecisionPlan) -> None:
    found = plan.explain({"level": "high"}, date(2026, 3, 1))

    assert found.outputs == {"rank": "low"}
    assert found.failed[0].reason == "the row is not valid on this day"


def test_an_input_outside_the_options_is_refused_by_name(plan: DecisionPlan) -> None:
    with pytest.raises(InvalidError, match="`level` is `hihg`, which is none of its options"):
        plan.decide({"level": "hihg"}, None)


def test_an_input_without_a_value_is_tried(plan: DecisionPlan) -> None:
    assert plan.decide({"level": None}, None) == {"rank": "low"}
