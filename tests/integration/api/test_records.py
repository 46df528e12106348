"""Records over HTTP: what the API promises to programs."""

from __future__ import annotations

import pytest

from tests.fakes.depot import Depot


def test_a_record_is_created_read_changed_and_deleted(depot: Depot) -> None:
    mara = depot.caller("mara")

    made = mara.post("/records/order", {"title": "Desks", "amount": "12.50", "pieces": 3})
    order = made.json["id"]
    read = mara.get(f"/records/order/{order}")
    changed = mara.patch(f"/records/order/{order}", {"pieces": 4}, 1)
    deleted = mara("DELETE", f"/records/order/{order}", rev=2)
    gone = mara.get(f"/records/order/{order}")

    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert made.headers["Location"] == f"/api/v1/records/order/{order}"
    assert (read.json["title"], read.json["amount"], read.json["status"]) == (
        "Desks",
        12.5,
        "new",
    )
    assert (changed.status_code, changed.json["pieces"], changed.headers["ETag"]) == (
        200,
        4,
        '"2"',
    )
    assert (deleted.status_code, gone.status_code) == (204, 404)


def test_a_deleted_record_comes_back(depot: Depot) -> None:
    mara, order = depot.caller("mara"), depot.order()
    mara("DELETE", f"/records/order/{order}", rev=1)

    back = mara.post(f"/records/order/{order}/restore")

    assert (back.status_code, back.json["title"]) == (200, "Chairs")


def test_a_page_has_references_with_titles_and_a_cursor(depot: Depot) -> None:
    mara, acme = depot.caller("mara"), depot.customer("Acme 有限公司")
    for number in range(5):
        depot.order(title=f"Order {number}", customer=acme)

    first = mara.get(
        "/records/order", fields="title,customer,customer.name", sort="title", limit="3"
    )
    second = mara.get("/records/order", fields="title", sort="title", limit="3",
                      cursor=first.json["next_cursor"])  # fmt: skip

    assert [one["title"] for one in first.json["items"]] == [
        "Order 0",
        "Order 1",
        "Order 2",
    ]
    assert first.json["items"][0]["customer"] == {"id": acme, "title": "Acme 有限公司"}
    assert first.json["items"][0]["customer.name"] == "Acme 有限公司"
    assert [one["title"] for one in second.json["items"]] == ["Order 3", "Order 4"]
    assert second.json["next_cursor"] is None
    assert "total" not in first.json


def test_a_total_is_counted_when_asked_for(depot: Depot) -> None:
    depot.order()
    depot.order(amount="99.00")

    page = depot.caller("mara").get("/records/order", filter="amount > 50", count="1")

    assert (page.json["total"], len(page.json["items"])) == (1, 1)


def test_a_view_narrows_a_page(depot: Depot) -> None:
    mara, order = depot.caller("mara"), depot.order()
    depot.order()
    mara.post(f"/records/order/{order}/transitions/close",
              {"values": {"note": "done"}, "comment": "fine"}, rev=1)  # fmt: skip

    page = mara.get("/records/order", view="open_orders")

    assert len(page.json["items"]) == 1


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"filtre": "1"}, "filtre"),
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"count": "yes"}, "count"),
        ({"view": "nope"}, "view"),
        ({"sort": "a,b,c,d,e"}, "sort"),
        ({"sort": "nope"}, "nope"),
        ({"fields": "nope"}, "nope"),
        ({"fields": "customer.orders.customer.orders.customer"}, "customer"),
        ({"filter": "amount >"}, "filter"),
        ({"filter": "nope = 1"}, "filter"),
        ({"cursor": "forged"}, "cursor"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(
    depot: Depot, query: dict[str, str], named: str
) -> None:
    refused = depot.caller("mara").get("/records/order", **query)

    assert refused.status_code == 422
    assert named in str(refused.json["details"])


def test_a_misspelt_parameter_gets_the_likely_one(depot: Depot) -> None:
    refused = depot.caller("mara").get("/records/order", filtr="amount > 1")

    assert refused.json["details"][0]["hint"] == "did you mean `filter`?"


def test_a_parameter_twice_is_refused(depot: Depot) -> None:
    refused = depot.caller("mara")("GET", "/records/order?limit=1&limit=2")

    assert (refused.status_code, refused.json["details"][0]["code"]) == (
        422,
        "REPEATED",
    )


def test_a_write_needs_the_revision(depot: Depot) -> None:
    mara, order = depot.caller("mara"), depot.order()

    for method, path, body in (
        ("PATCH", "", {"pieces": 1}), ("DELETE", "", None), ("POST", "/transitions/approve", {}),
    ):  # fmt: skip
        refused = mara(method, f"/records/order/{order}{path}", body)
        assert (refused.status_code, refused.json["code"]) == (
            428,
            "PRECONDITION_REQUIRED",
        )


@pytest.mark.parametrize("header", ["*", "abc", "-1", '"1', "1, 2", "999999999999"])
def test_a_revision_that_is_none_is_refused(depot: Depot, header: str) -> None:
    order = depot.order()

    refused = depot.caller("mara").patch(f"/records/order/{order}", {"pieces": 1},
                                         headers={"If-Match": header})  # fmt: skip

    assert refused.status_code in (409, 422)


def test_a_stale_revision_names_both_values(depot: Depot) -> None:
    mara, order = depot.caller("mara"), depot.order(pieces=1)
    mara.patch(f"/records/order/{order}", {"pieces": 2}, 1)

    refused = mara.patch(f"/records/order/{order}", {"pieces": 3}, 1)

    assert (refused.status_code, refused.json["code"]) == (409, "REV_CONFLICT")
    assert {"field": "pieces", "yours": 3, "theirs": 2} in refused.json["details"]


def test_a_transition_moves_the_record(depot: Depot) -> None:
    mara, order = depot.caller("mara"), depot.order()

    moved = mara.post(f"/records/order/{order}/transitions/approve", rev=1)

    assert (moved.status_code, moved.json["status"]) == (200, "approved")


@pytest.mark.parametrize(
    ("login", "name", "body", "status"),
    [
        ("cora", "approve", {}, 403),
        ("cora", "nope", {}, 422),
        ("cora", "close", {"comment": "x"}, 422),
        ("cora", "close", {"values": {"note": "x"}}, 422),
        ("cora", "close", {"values": {"note": "x", "pieces": 9}, "comment": "x"}, 422),
        ("cora", "close", {"notes": "x"}, 422),
    ],
)
def test_a_transition_that_is_not_allowed_changes_nothing(
    depot: Depot, login: str, name: str, body: dict[str, object], status: int
) -> None:
    caller, order = depot.caller(login), depot.order(login)

    refused = caller.post(f"/records/order/{order}/transitions/{name}", body, rev=1)
    after = caller.get(f"/records/order/{order}")

    assert refused.status_code == status
    assert (after.json["status"], after.json["rev"]) == ("new", 1)


def test_decimals_are_numbers_where_a_double_says_them_exactly(depot: Depot) -> None:
    mara = depot.caller("mara")

    exact = mara.post("/records/order", {"title": "a", "weight": 0.125, "amount": 1234567890.12})
    whole = mara.post("/records/order", {"title": "b", "weight": "7.000"})

    assert (exact.json["weight"], exact.json["amount"]) == (0.125, 1234567890.12)
    assert exact.get_data(as_text=True).count('"weight":0.125') == 1
    assert whole.json["weight"] == 7


def test_moments_come_in_utc(depot: Depot) -> None:
    made = depot.caller("mara").post(
        "/records/order",
        {"title": "a", "due_at": "2026-03-31T14:00:00+08:00", "due_on": "2026-03-31"},
    )

    assert (made.json["due_at"], made.json["due_on"]) == (
        "2026-03-31T06:00:00Z",
        "2026-03-31",
    )


def test_child_rows_are_written_with_their_record(depot: Depot) -> None:
    made = depot.caller("mara").post(
        "/records/order",
        {"title": "a", "lines": [{"item": "Chair", "quantity": 2}, {"item": "桌子"}]},
    )

    assert [one["title"] for one in made.json["lines"]] == ["Chair", "桌子"]


def test_history_tells_who_did_what(depot: Depot) -> None:
    mara, order = depot.caller("mara"), depot.order(pieces=1)
    mara.patch(f"/records/order/{order}", {"pieces": 2}, 1)

    history = mara.get(f"/records/order/{order}/history").json["items"]

    assert [one["action"] for one in history] == ["update", "create"]
    assert history[0]["changes"] == {"pieces": [1, 2]}
    assert history[0]["actor"]["title"] == "Mara"
    assert history[1]["actor"] == {"id": "system", "title": "System"}


def test_comments_are_said_and_read(depot: Depot) -> None:
    cora, order = depot.caller("cora"), depot.order("cora")

    said = cora.post(f"/records/order/{order}/comments", {"text": "已联系客户"})
    read = cora.get(f"/records/order/{order}/comments")

    assert said.status_code == 201
    assert [(one["text"], one["author"]["id"]) for one in read.json["items"]] == [
        ("已联系客户", depot.users["cora"])
    ]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 5}, {"text": "x" * 20_001},
                                  {"text": "x", "author": "y"}, {"text": "\x00"}])  # fmt: skip
def test_a_comment_that_does_not_fit_is_refused(depot: Depot, body: dict[str, object]) -> None:
    order = depot.order()

    refused = depot.caller("mara").post(f"/records/order/{order}/comments", body)

    assert refused.status_code == 422


@pytest.mark.parametrize("record_id", ["nope", "1", "%00", "00000000-0000-0000-0000-00000000000",
                                       "019cadc6-9a80-73ef-96d3-c84ea27ced90"])  # fmt: skip
def test_what_is_no_record_is_not_found(depot: Depot, record_id: str) -> None:
    mara = depot.caller("mara")

    answers = [
        mara.get(f"/records/order/{record_id}"),
        mara.patch(f"/records/order/{record_id}", {"pieces": 1}, 1),
        mara("DELETE", f"/records/order/{record_id}", rev=1),
        mara.get(f"/records/order/{record_id}/history"),
        mara.get(f"/records/order/{record_id}/comments"),
    ]

    assert {one.status_code for one in answers} == {404}


def test_errors_have_one_form(depot: Depot) -> None:
    mara = depot.caller("mara")

    for answer in (
        mara.get("/records/nope"), mara.get("/nope"), mara("PUT", "/records/order"),
        mara.post("/records/order", {"nope": 1}), depot.caller().get("/me"),
        mara("POST", "/records/order", data=b"{", content_type="application/json"),
    ):  # fmt: skip
        assert answer.status_code >= 400
        assert set(answer.json) == {"code", "message", "hint", "details"}
