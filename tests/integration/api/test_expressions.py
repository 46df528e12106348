"""Expressions over HTTP: what is wrong with one, what it gives, what an editor may offer."""

from __future__ import annotations

import re

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
    assert {
        "name": "count",
        "signatures": ["count(list)"],
        "doc": "How many elements a list has.",
        "family": "Lists",
    } in seen["functions"]


def test_labels_and_docs_are_in_the_language_of_the_caller(depot: Depot) -> None:
    depot.add_user("lin", "manager", language="zh-CN")
    body = {"expression": "1", "object": "order", "completions": True}

    found = {login: depot.caller(login).post(CHECK, body).json["completions"]
             for login in ("mara", "lin")}  # fmt: skip

    english, chinese = ({one["name"]: (one["label"], one.get("doc")) for one in answer["names"]}
                        for answer in found.values())  # fmt: skip
    assert (english["amount"], chinese["amount"]) == (("Amount", "Before tax"), ("金额", "不含税"))
    assert (english["created_at"][0], chinese["created_at"][0]) == ("Created", "创建时间")
    assert (english["user"][0], chinese["user"][0]) == ("The person signed in", "当前登录的人")
    docs = {one["name"]: (one["doc"], one["family"]) for one in found["lin"]["functions"]}
    assert docs["count"] == ("列表有多少个元素。", "列表")
    assert all(re.search(r"[\u4e00-\u9fff]", doc) for doc, _ in docs.values())


def test_an_object_that_the_caller_may_not_read_offers_nothing(depot: Depot) -> None:
    depot.add_user("nobody")
    body = {"expression": "1", "object": "order", "completions": True}

    assert depot.caller("nobody").post(CHECK, body).status_code == 404


def test_without_an_object_the_functions_alone_are_offered(depot: Depot) -> None:
    body = {"expression": "1", "completions": True}

    found = depot.caller("mara").post(CHECK, body).json["completions"]

    assert found["names"] == []
    assert {"now", "count", "date and time"} <= {one["name"] for one in found["functions"]}


def test_an_expression_is_evaluated_over_plain_values(depot: Depot) -> None:
    body = {"expression": "amount * 2", "context": {"amount": 1.5}}

    answer = depot.caller("mara").post(EVALUATE, body)

    assert (answer.json["ok"], answer.json["value"]) == (True, 3.0)


def test_a_value_that_would_be_huge_is_refused(depot: Depot) -> None:
    body = {"expression": '{a: for i in 1..900 return "x", b: for x in a return a}'}

    answer = depot.caller("mara").post(EVALUATE, body)

    assert answer.status_code == 422
    assert "too large" in str(answer.json)
