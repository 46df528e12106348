"""Item definitions: what conforms, what is made to fit, what is null."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from trellis.expressions import encode

from tests.unit.expressions.dmn.models import (
    data,
    decision,
    item,
    knowledge,
    model,
    structure,
    text,
)

TYPES = (
    item("tLevel", "string", allowed='"low", "high"'),
    item("tLevels", "tLevel", many=True),
    structure("tPerson", name="string", age="number"),
    item("tPeople", "tPerson", many=True),
    structure("tTree", label="string", below="tTree").replace(
        '<itemComponent name="below"', '<itemComponent name="below" isCollection="true"'
    ),
    '<itemDefinition name="tPair" isCollection="true"><typeRef>number</typeRef>'
    "<typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>",
)  # fmt: skip
JO = {"name": "Jo", "age": 7}


@pytest.mark.parametrize(
    ("of", "value", "expected"),
    [
        ("string", "a", "a"), ("string", 1, None), ("number", "1", None), ("number", [1], 1),
        ("Any", [1], [1]), ("boolean", None, None), ("tLevel", "low", "low"),
        ("tLevel", "odd", None), ("tLevels", ["low", "high"], ["low", "high"]),
        ("tLevels", "low", ["low"]), ("tLevels", ["low", "odd"], None), ("tPerson", JO, JO),
        ("tPerson", {"name": "Jo"}, None), ("tPerson", {**JO, "more": 1}, {**JO, "more": 1}),
        ("tPerson", {"name": 1, "age": 7}, None), ("tPerson", [JO], JO), ("tPeople", JO, [JO]),
        ("tPeople", [JO, 1], None), ("tPair", [1, 2], [1, 2]), ("tPair", [1], None),
        ("tTree", {"label": "a", "below": [{"label": "b", "below": []}]},
         {"label": "a", "below": [{"label": "b", "below": []}]}),
        ("tTree", {"label": 1, "below": []}, None),
    ],
)  # fmt: skip
def test_a_value_is_fitted_to_the_type_of_its_data(of: str, value: Any, expected: Any) -> None:
    found = model(*TYPES, data("x", of), decision("d", text("x"), ["=x"]))

    assert found.evaluate("d", {"x": value}) == expected


def test_a_date_becomes_the_moment_at_its_start() -> None:
    found = model(data("x", "date and time"), decision("d", text("x"), ["=x"]))

    value = found.evaluate("d", {"x": date(2026, 3, 2)})

    assert encode(value) == {"t": "date and time", "v": "2026-03-02T00:00:00Z"}


def test_a_result_of_another_type_is_null_and_says_so() -> None:
    answer = model(decision("d", text('"a"'), of="number")).explain("d", {})

    assert answer.value is None
    assert answer.warnings == ("the value of `d` is no number, or is not allowed",)


def test_texts_may_name_the_models_types() -> None:
    found = model(
        *TYPES,
        decision("person", text('{name: "Jo", age: 7} instance of tPerson')),
        decision("people", text('[{name: "Jo"}] instance of tPeople')),
        decision("typed", text("(function(p: tPerson) p.age)({name: 1, age: 2})")),
    )

    assert found.evaluate("person", {}) is True
    assert found.evaluate("people", {}) is False
    assert found.problems == ()


def test_parameters_and_results_of_knowledge_are_fitted() -> None:
    found = model(
        knowledge("f", ["n: number"], text("[n]"), of="number"),
        decision("good", text("f([3])"), ["@f"]),
        decision("bad", text('f("3")'), ["@f"]),
    )

    assert found.evaluate("good", {}) == Decimal(3)
    assert found.evaluate("bad", {}) is None


def test_a_type_that_there_is_not_is_refused_with_a_hint() -> None:
    with pytest.raises(
        ValueError, match=r"there is no type `tPersn`\n  help: did you mean `tPerson`"
    ):
        model(*TYPES, data("x", "tPersn"))
