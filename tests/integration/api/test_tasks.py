"""The inbox over HTTP: claim, complete, decide once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.depot import Caller, Depot


def first(caller: Caller, **query: str) -> dict[str, Any]:
    (task,) = caller.get("/tasks", **query).json["items"]
    return dict(task)


def act(caller: Caller, task: dict[str, Any], action: str, body: Any = None, **more: Any) -> Any:
    return caller.post(f"/tasks/{task['id']}/{action}", body, rev=task["rev"], **more)


@pytest.fixture
def cora(depot: Depot) -> Caller:
    """Return a clerk, with a big order that waits to be looked at."""
    depot.order("cora", amount="5000.00")
    return depot.caller("cora")


def claimed(cora: Caller) -> dict[str, Any]:
    return dict(act(cora, first(cora, pool="1"), "claim").json)


def test_pooled_work_is_claimed_and_completed(depot: Depot, cora: Caller) -> None:
    offered = first(cora, pool="1")

    mine = act(cora, offered, "claim")
    done = act(cora, mine.json, "complete", {"values": {"note": "fine"}}, key="k1")

    assert (offered["actions"], mine.json["holder"]) == (["claim"], depot.users["cora"])
    assert (done.status_code, done.json["state"], done.json["actions"]) == (
        200,
        "done",
        [],
    )
    assert cora.get("/tasks", mine="1").json["items"] == []
    assert first(cora, done="1")["id"] == offered["id"]


def test_a_seat_is_decided_once(depot: Depot, cora: Caller) -> None:
    act(cora, claimed(cora), "complete", key="k1")
    mara = depot.caller("mara")
    seat = first(mara)

    approved = act(mara, seat, "approve", {"comment": "ok"}, key="k2")
    replayed = act(mara, seat, "approve", {"comment": "ok"}, key="k2")
    late = act(mara, seat, "approve", {"comment": "ok"}, key="k3")

    assert (approved.status_code, replayed.json) == (200, approved.json)
    assert (late.status_code, late.json["code"]) == (409, "ALREADY_DECIDED")


def test_a_decision_needs_revision_and_key(cora: Caller) -> None:
    task = claimed(cora)

    without_key = cora.post(f"/tasks/{task['id']}/complete", rev=task["rev"])
    without_rev = cora.post(f"/tasks/{task['id']}/complete", key="k1")

    assert (without_key.status_code, without_rev.status_code) == (422, 428)


def test_a_stale_revision_is_refused(cora: Caller) -> None:
    task = claimed(cora)

    refused = cora.post(f"/tasks/{task['id']}/complete", rev=task["rev"] + 1, key="k1")

    assert (refused.status_code, refused.json["code"]) == (409, "REV_CONFLICT")


def test_what_concerns_somebody_else_is_not_found(depot: Depot, cora: Caller) -> None:
    task, pia = claimed(cora), depot.caller("pia")

    for answer in (pia.get(f"/tasks/{task['id']}"), act(pia, task, "complete", key="k1"),
                   act(pia, task, "claim")):  # fmt: skip
        assert (answer.status_code, answer.json["code"]) == (404, "NOT_FOUND")


def test_an_unknown_answer_is_refused(cora: Caller) -> None:
    assert act(cora, claimed(cora), "explode", key="k1").status_code in (404, 409, 422)


def test_an_instance_tells_where_it_stands(depot: Depot, cora: Caller) -> None:
    task = claimed(cora)

    seen = cora.get(f"/instances/{task['instance']}")
    hidden = depot.caller("pia").get(f"/instances/{task['instance']}")

    assert (seen.json["state"], seen.json["at"][0]["node"]) == ("running", "look")
    assert hidden.status_code == 404


def test_only_an_administrator_cancels_an_instance(depot: Depot, cora: Caller) -> None:
    task = claimed(cora)

    refused = cora.post(f"/instances/{task['instance']}/cancel")
    address = f"/instances/{task['instance']}/cancel"
    cancelled = depot.caller("ada").post(address, {"comment": "not wanted"})

    assert (refused.status_code, cancelled.json["state"]) == (403, "cancelled")


@pytest.mark.parametrize("query", [{"mine": "2"}, {"mine": "1", "pool": "1"}, {"limit": "0"},
                                   {"whose": "all"}])  # fmt: skip
def test_a_list_that_is_none_is_refused(depot: Depot, query: dict[str, str]) -> None:
    assert depot.caller("cora").get("/tasks", **query).status_code == 422


def seat_of(depot: Depot, cora: Caller) -> tuple[Caller, dict[str, Any]]:
    act(cora, claimed(cora), "complete", key="k1")
    mara = depot.caller("mara")
    return mara, first(mara)


def test_a_seat_is_transferred_and_its_history_told(depot: Depot, cora: Caller) -> None:
    mara, seat = seat_of(depot, cora)
    body = {"people": [depot.users["pia"]], "comment": "yours"}

    moved = act(mara, seat, "transfer", body, key="k2")
    again = act(mara, seat, "approve", key="k3")
    told = mara.get(f"/instances/{seat['instance']}").json["history"]

    assert (moved.status_code, moved.json["state"]) == (200, "transferred")
    assert (again.status_code, again.json["code"]) == (409, "ALREADY_DECIDED")
    assert [(one["action"], one["holder_after"]) for one in told] == [
        ("transfer", depot.users["pia"])
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"people": "x"}, {"people": [1]}, {"mode": 1}, {"on_reject": "no"},
        {"record_rev": "1"}, {"resume": "soon"}, {"whom": []},
    ],
)  # fmt: skip
def test_a_body_that_means_nothing_is_refused(
    depot: Depot, cora: Caller, body: dict[str, Any]
) -> None:
    mara, seat = seat_of(depot, cora)

    assert act(mara, seat, "transfer", body, key="k2").status_code == 422


def test_people_are_urged_and_only_administrators_step_in(depot: Depot, cora: Caller) -> None:
    _, seat = seat_of(depot, cora)
    address = f"/instances/{seat['instance']}"

    ada = depot.caller("ada")
    urged = ada.post(f"{address}/urge")
    again = ada.post(f"{address}/urge")
    forced = cora.post(f"{address}/force", {"outcome": "approve", "comment": "now"})
    unknown = cora.post(f"{address}/explode")

    assert (urged.status_code, again.json["code"]) == (200, "TOO_OFTEN")
    assert (forced.status_code, unknown.status_code) == (403, 404)
