"""A request sent twice happens once."""

from __future__ import annotations

import threading

import pytest

from tests.fakes.depot import Depot


def test_the_second_request_gets_the_first_answer(depot: Depot) -> None:
    mara = depot.caller("mara")

    first = mara.post("/records/order", {"title": "a"}, key="k1")
    second = mara.post("/records/order", {"title": "a"}, key="k1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.get_data() == first.get_data()
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(mara.get("/records/order").json["items"]) == 1


def test_another_request_under_the_same_key_is_refused(depot: Depot) -> None:
    mara = depot.caller("mara")
    mara.post("/records/order", {"title": "a"}, key="k1")

    refused = mara.post("/records/order", {"title": "b"}, key="k1")

    assert (refused.status_code, refused.json["code"]) == (409, "KEY_REUSED")


def test_keys_of_two_people_do_not_meet(depot: Depot) -> None:
    depot.caller("mara").post("/records/order", {"title": "a"}, key="k1")

    other = depot.caller("cora").post("/records/order", {"title": "a"}, key="k1")

    assert (other.status_code, other.json["owner"]["id"]) == (201, depot.users["cora"])


def test_a_refused_request_leaves_its_key_free(depot: Depot) -> None:
    mara = depot.caller("mara")

    refused = mara.post("/records/order", {"title": None}, key="k1")
    again = mara.post("/records/order", {"title": "a"}, key="k1")

    assert (refused.status_code, again.status_code) == (422, 201)


def test_a_change_is_replayed_after_its_revision_is_gone(depot: Depot) -> None:
    mara, order = depot.caller("mara"), depot.order()

    first = mara.patch(f"/records/order/{order}", {"pieces": 2}, 1, key="k1")
    second = mara.patch(f"/records/order/{order}", {"pieces": 2}, 1, key="k1")

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json == first.json


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel", "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(depot: Depot, key: str) -> None:
    refused = depot.caller("mara").post("/records/order", {"title": "a"}, key=key)

    assert refused.status_code == 422


def test_twenty_at_once_under_one_key_make_one_record(depot: Depot) -> None:
    token = depot.token("mara")
    statuses: list[int] = []

    def send() -> None:
        answer = depot.app.test_client().post(
            "/api/v1/records/order", json={"title": "a"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"},
        )  # fmt: skip
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [201] * 20
    assert len(depot.caller("mara").get("/records/order").json["items"]) == 1
