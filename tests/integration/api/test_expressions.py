"""Expressions over HTTP: what is wrong with one, what it gives, what an editor may offer."""

from __future__ import annotations

from tests.fakes.depot import Depot

CHECK, EVALUATE = "/expressions/check", "/expressions/evaluate"


def test_a_wrong_name_is_told_with_its_place(depot: Depot) -> None:
    answer = depot.caller("mara").post(CHECK, {"expression": "amont > 5", "object": "order"})

    (problem,) = answer.json["problems"]
    assert (answer.json["ok"], problem["start"], problem["end"]) == (False, 0, 5)
    assert "amount" in problem["help"]


def test_a_right_one_is_told_with_its_type_and_what_it_reads(depot: Depot) -> None:
    answer = depot.caller("mara").post(CHECK, {"expression": "amount > 5", "object": "order"})

    assert answer.json["type"] == "boolean"
    assert answer.json["reads"] == ["record.amount"]


def test_an_editor_is_offered_the_names_that_the_caller_sees(depot: Depot) -> None:
    body = {"expression": "amount", "object": "order", "completions": True}

    seen = depot.caller("mara").post(CHECK, body).json["completions"]
    narrow = depot.caller("cora").post(CHECK, body).json["completions"]

    names = {one["name"]: one for one in seen["names"]}
    assert (names["amount"]["type"], names["amount"]["property"]) == ("number", True)
    assert "internal_cost" in names
    assert "internal_cost" not in {one["name"] for one in narrow["names"]}
    assert {"name": "count", "signatures": ["count(list)"],
            "doc": "How many elements a list has."} in seen["functions"]  # fmt: skip


def test_an_expression_is_evaluated_over_plain_values(depot: Depot) -> None:
    body = {"expression": "amount * 2", "context": {"amount": 1.5}}

    answer = depot.caller("mara").post(EVALUATE, body)

    assert (answer.json["ok"], answer.json["value"]) == (True, 3.0)


def test_a_value_that_would_be_huge_is_refused(depot: Depot) -> None:
    body = {"expression": '{a: for i in 1..900 return "x", b: for x in a return a}'}

    answer = depot.caller("mara").post(EVALUATE, body)

    assert answer.status_code == 422
    assert "too large" in str(answer.json)
