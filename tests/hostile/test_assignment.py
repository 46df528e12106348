"""Checks 21 and 22: what one may not write is named and refused, whatever the way in."""

from __future__ import annotations

import pytest

from tests.fakes.depot import FILES, Depot
from tests.hostile.surface import (
    CUST,
    DES,
    HIDDEN,
    HIDDEN_TEXT,
    MGR,
    NOBODY,
    ORDERS,
    PACKAGE_APPLY,
    TECH,
    TECH2,
    send_file,
    signed_in,
)


@pytest.mark.parametrize(
    "key",
    ["id", "rev", "tenant_id", "tenant", "workspace", "created_at", "created_by", "updated_at",
     "updated_by", "version", "is_admin", "roles", "approved_by", "deleted", "deleted_at", "source",
     "_links", "customer.credit_limit", "items[0].approved", "__class__", HIDDEN, HIDDEN_TEXT,
     "number", "nope", ""],
)  # fmt: skip
def test_21_a_key_that_is_not_writable_is_named_and_nothing_is_stored(
    depot: Depot, key: str
) -> None:
    cora, order = depot.caller(TECH), depot.order(TECH)
    before = depot.caller(MGR).get(f"{ORDERS}/{order}").json

    created = cora.post(ORDERS, {"title": "x", key: "1"})
    patched = cora.patch(f"{ORDERS}/{order}", {"title": "x", key: "1"}, 1)
    bulk = cora.post(
        f"{ORDERS}/bulk", {"items": [{"op": "create", "values": {"title": "x", key: "1"}}]}
    )

    for refused in (created, patched, bulk):
        assert refused.status_code == 422
        assert key in [one["field"] for one in refused.json["details"]]
    assert depot.caller(MGR).get(f"{ORDERS}/{order}").json == before


def test_21_rows_of_children_are_held_to_the_same(depot: Depot) -> None:
    cora = depot.caller(TECH)

    refused = cora.post(ORDERS, {"title": "x", "lines": [{"item": "a", "approved": True}]})
    stolen = cora.post(
        ORDERS, {"title": "x", "lines": [{"item": "a", "order": depot.order(TECH2)}]}
    )
    twin = cora.post(ORDERS, {"title": "x", "lines": [{"item": "a"}]})

    assert (refused.status_code, twin.status_code) == (422, 201)
    assert stolen.status_code == 422 or _lines_of(depot, stolen.json["id"]) == 1


def _lines_of(depot: Depot, order: str) -> int:
    return len(depot.caller(MGR).get(f"{ORDERS}/{order}").json["lines"])


def test_21_an_order_cannot_be_given_to_somebody_elses_customer_unseen(depot: Depot) -> None:
    """A reference to a record that one may not read is refused like one that is not there."""
    pia = depot.caller(CUST)

    refused = pia.post(ORDERS, {"title": "x"})

    assert refused.status_code == 403


@pytest.mark.parametrize(
    "key", ["tenant_id", "is_admin", "deleted_at", "created_by", "_links", HIDDEN, "number",
            "customer.credit_limit"],
)  # fmt: skip
def test_22_nor_does_a_table_bring_such_a_key_in(depot: Depot, key: str) -> None:
    cora = depot.caller(TECH)
    before = cora.get(ORDERS, count="1").json["total"]

    def send(header: str) -> int:
        table = f"{header}\nTabled,1\n".encode()
        return cora("POST", f"{ORDERS}/import", data=table, content_type="text/csv").status_code

    assert (send(f"title,{key}"), send("title,pieces")) == (422, 200)
    assert cora.get(ORDERS, count="1").json["total"] == before + 1


def test_22_nor_a_form_with_a_field_of_somebodys_own(depot: Depot) -> None:
    browser, mara = signed_in(depot, TECH), depot.caller(MGR)
    extra = {HIDDEN: "5", "is_admin": "1", "status": "approved", "owner": depot.users[TECH2]}

    page = browser.get(f"/o/order/new?{HIDDEN}=5&title=Given&owner={depot.users[TECH2]}")
    browser.post("/o/order/new", title="From a form", **extra)

    made = mara.get(ORDERS, search="form").json["items"]
    assert f'name="{HIDDEN}"' not in page.get_data(as_text=True)
    for one in made:
        stored = mara.get(f"{ORDERS}/{one['id']}").json
        assert (stored[HIDDEN], stored["status"]) == (None, "new")
        assert stored["owner"]["id"] == depot.users[TECH]


def test_22_nor_the_data_of_a_package(own_depot: Depot) -> None:
    """Packages bring no records yet; when they do, they come through the records' door."""
    files = {**FILES, "data/order.csv": f"title,{HIDDEN}\nSeeded,5\n"}

    own_depot.caller(DES).post(PACKAGE_APPLY, {"files": files})

    assert own_depot.caller(MGR).get(ORDERS, search="Seeded").json["items"] == []


def test_21_a_file_of_somebody_else_cannot_be_named(depot: Depot) -> None:
    cora, carl = depot.caller(TECH), depot.caller(TECH2)
    theirs = send_file(carl, depot.order(TECH2))
    mine = send_file(cora, order := depot.order(TECH))

    stolen = cora.post(ORDERS, {"title": "x", "scan": theirs})
    moved = cora.post(ORDERS, {"title": "x", "scan": mine})
    missing = cora.post(ORDERS, {"title": "x", "scan": NOBODY})
    twin = cora.patch(f"{ORDERS}/{order}", {"scan": mine}, 1)

    assert (stolen.status_code, moved.status_code, twin.status_code) == (422, 422, 200)
    assert stolen.get_data() == missing.get_data()


def test_21_a_record_one_does_not_see_cannot_be_named(depot: Depot) -> None:
    cora, foreign = depot.caller(TECH), depot.order(TECH2)

    unseen = cora.post("/records/order_line", {"item": "a", "order": foreign})
    missing = cora.post("/records/order_line", {"item": "a", "order": NOBODY})
    twin = cora.post("/records/order_line", {"item": "a", "order": depot.order(TECH)})

    assert unseen.get_data() == missing.get_data()
    assert (unseen.status_code, twin.status_code) == (422, 201)
