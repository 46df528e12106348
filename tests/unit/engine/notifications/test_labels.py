"""Placeholders that name a choice are told by its label."""

from __future__ import annotations

import pytest
from trellis.engine.notifications.labels import labels_of

from tests.fakes.desk import CATALOG


@pytest.mark.parametrize(
    "expression", ["urgency", "record.urgency", "old.urgency", " record . urgency "]
)
def test_a_path_to_a_choice_has_the_labels_of_its_options(expression: str) -> None:
    labels = labels_of(CATALOG, "invoice", expression)

    assert labels["high"].text("en") == "High"


def test_a_path_goes_through_references() -> None:
    assert labels_of(CATALOG, "invoice", "customer.level")["high"].text("en") == "High"


def test_the_states_of_a_lifecycle_are_choices() -> None:
    assert labels_of(CATALOG, "invoice", "status")["paid"].text("zh-CN") == "已付款"


@pytest.mark.parametrize("expression", ["title", "amount + 1", "nowhere.urgency", "customer", ""])
def test_other_expressions_have_no_labels(expression: str) -> None:
    assert labels_of(CATALOG, "invoice", expression) == {}
