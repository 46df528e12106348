"""Many writes in one request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.depot import Depot


def creates(*titles: Any) -> list[dict[str, Any]]:
    return [{"op": "create", "values": {"title": title}} for title in titles]


def test_all_items_are_written(depot: Depot) -> None:
    mara, old = depot.caller("mara"), depot.order()

    done = mara.post(
        "/records/order/bulk",
        {"items": [
            *creates("a", "b"),
            {"op": "update", "id": old, "rev": 1, "values": {"pieces": 5}},
            {"op": "transition", "id": old, "rev": 2, "transition": "approve"},
            {"op": "delete", "id": old, "rev": 3},
        ]},
    )  # fmt: skip

    assert [one["status"] for one in done.json["items"]] == [201, 201, 200, 200, 204]
    assert len(mara.get("/records/order").json["items"]) == 2


def test_one_wrong_item_undoes_all_and_is_named(depot: Depot) -> None:
    mara = depot.caller("mara")

    refused = mara.post("/records/order/bulk", {"mode": "all", "items": creates("a", None, "c")})

    assert refused.status_code == 422
    assert [one["index"] for one in refused.json["details"]] == [1]
    assert mara.get("/records/order").json["items"] == []


def test_each_item_stands_for_itself_when_asked_so(depot: Depot) -> None:
    mara = depot.caller("mara")

    done = mara.post("/records/order/bulk", {"mode": "each", "items": creates("a", None, "c")})

    assert [one["status"] for one in done.json["items"]] == [201, 422, 201]
    assert done.json["items"][1]["details"][0]["field"] == "title"
    assert len(mara.get("/records/order").json["items"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": {}},
        {"items": [5]},
        {"items": creates("a"), "mode": "some"},
        {"items": creates("a"), "dry": True},
        {"items": [{"op": "drop"}]},
        {"items": [{"op": ["create"]}]},
        {"items": [{"op": "create", "values": []}]},
        {"items": [{"op": "create", "value": {}}]},
    ],
)
def test_a_bulk_that_is_none_is_refused(depot: Depot, body: dict[str, Any]) -> None:
    assert depot.caller("mara").post("/records/order/bulk", body).status_code == 422


def test_an_item_needs_the_revision(depot: Depot) -> None:
    item = {"op": "update", "id": depot.order(), "values": {"pieces": 1}}

    refused = depot.caller("mara").post("/records/order/bulk", {"items": [item]})

    assert refused.status_code == 428


def test_a_thousand_fit_and_no_more(depot: Depot) -> None:
    mara = depot.caller("mara")

    refused = mara.post("/records/order/bulk", {"items": creates(*["a"] * 1001)})
    done = mara.post("/records/order/bulk", {"items": creates(*["a"] * 1000)})

    assert (refused.status_code, done.status_code) == (413, 200)


def test_status_does_not_slip_in_by_bulk(depot: Depot) -> None:
    item = {
        "op": "update",
        "id": depot.order(),
        "rev": 1,
        "values": {"status": "approved"},
    }

    refused = depot.caller("mara").post("/records/order/bulk", {"items": [item]})

    assert refused.json["details"][0]["code"] == "TRANSITION_ONLY"


def test_a_bulk_is_replayed_whole(depot: Depot) -> None:
    mara = depot.caller("mara")

    first = mara.post("/records/order/bulk", {"items": creates("a", "b")}, key="k1")
    second = mara.post("/records/order/bulk", {"items": creates("a", "b")}, key="k1")

    assert second.json == first.json
    assert len(mara.get("/records/order").json["items"]) == 2
