"""Checks D, as far as the foundation's door holds them: states, races, decisions made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from werkzeug.test import TestResponse

from tests.fakes.depot import Caller, Depot
from tests.hostile.surface import MGR, ORDERS, TECH, TECH2

AT_ONCE = 50


def at_once(calls: Sequence[Callable[[], TestResponse]]) -> list[TestResponse]:
    """Make several calls that begin together."""
    barrier = Barrier(len(calls))

    def make(call: Callable[[], TestResponse]) -> TestResponse:
        barrier.wait(timeout=60)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(make, calls))


def events(depot: Depot, order: str) -> list[str]:
    """Return what happened to an order, the newest first."""
    items = depot.caller(MGR).get(f"{ORDERS}/{order}/history").json["items"]
    return [one["transition"] or one["action"] for one in items]


def test_29_a_state_changes_through_transitions_only(depot: Depot) -> None:
    mara, order = depot.caller(MGR), depot.order(MGR)
    update = {"op": "update", "id": order, "rev": 1, "values": {"status": "approved"}}
    table = f"id,rev,status\n{order},1,approved\n".encode()

    refused = [
        mara.patch(f"{ORDERS}/{order}", {"status": "approved"}, 1),
        mara.post(f"{ORDERS}/bulk", {"items": [update]}),
        mara.post(ORDERS, {"title": "x", "status": "approved"}),
        mara.post(f"{ORDERS}/bulk", {"items": [
            {"op": "create", "values": {"title": "x", "status": "closed"}}]}),
        mara("POST", f"{ORDERS}/import", data=table, content_type="text/csv"),
        mara("POST", f"{ORDERS}/import", data=b"title,status\nx,closed\n",
             content_type="text/csv"),
    ]  # fmt: skip
    twin = mara.post(f"{ORDERS}/{order}/transitions/approve", rev=1)

    assert {one.status_code for one in refused} == {422}
    assert (twin.status_code, events(depot, order)) == (200, ["approve", "create"])


def test_30_a_transition_out_of_turn_has_no_effect(depot: Depot) -> None:
    mara, cora = depot.caller(MGR), depot.caller(TECH)
    order, poor = depot.order(TECH), depot.order(TECH, amount="0.00")
    go = f"{ORDERS}/{order}/transitions"
    body = {"values": {"note": "done"}, "comment": "over"}
    mara.post(f"{go}/approve", rev=1)

    assert mara.post(f"{go}/approve", rev=2).status_code == 409  # not from here
    assert cora.post(f"{go}/approve", rev=2).status_code in (403, 409)  # nor by them
    assert mara.post(f"{go}/close", {"values": {"note": "x"}}, rev=2).status_code == 422
    assert mara.post(f"{go}/close", {"comment": "x"}, rev=2).status_code == 422
    assert mara.post(f"{go}/fly", rev=2).status_code == 422
    guarded = mara.post(f"{ORDERS}/{poor}/transitions/close", body, rev=1)
    twin = mara.post(f"{go}/close", body, rev=2)

    assert (guarded.status_code, twin.status_code) == (409, 200)
    assert events(depot, poor) == ["create"]
    assert events(depot, order) == ["close", "approve", "create"]


def test_30_nobody_decides_on_anothers_task(depot: Depot) -> None:
    depot.order(TECH, title="Big", amount="1500.00")
    cora, carl = depot.caller(TECH), depot.caller(TECH2)
    task = cora.get("/tasks", pool="1").json["items"][0]
    held = cora.post(f"/tasks/{task['id']}/claim", rev=task["rev"]).json

    stolen = carl.post(f"/tasks/{task['id']}/complete", rev=held["rev"], key="k-steal")
    early = depot.caller(MGR).post(f"/tasks/{task['id']}/approve", rev=held["rev"], key="k-early")
    twin = cora.post(
        f"/tasks/{task['id']}/complete", {"values": {"note": "fine"}}, rev=held["rev"], key="k-own"
    )

    assert stolen.status_code in (403, 404, 409)
    assert early.status_code in (403, 404, 409)
    assert twin.status_code == 200


def closed_order(depot: Depot) -> tuple[str, str]:
    """Return a closed order and a line of it."""
    mara = depot.caller(MGR)
    made = mara.post(ORDERS, {"title": "x", "amount": 5, "lines": [{"item": "a"}]}).json
    body = {"values": {"note": "done"}, "comment": "over"}
    mara.post(f"{ORDERS}/{made['id']}/transitions/close", body, rev=made["rev"])
    return made["id"], made["lines"][0]["id"]


def test_31_a_closed_order_is_changed_by_no_way_in(depot: Depot) -> None:
    mara, (order, line) = depot.caller(MGR), closed_order(depot)
    lines, before = "/records/order_line", events(depot, order)
    update = {"op": "update", "id": order, "rev": 2, "values": {"title": "y"}}

    refused = [
        mara.patch(f"{ORDERS}/{order}", {"title": "y"}, 2),
        mara.patch(f"{ORDERS}/{order}", {"lines": []}, 2),
        mara.post(f"{ORDERS}/bulk", {"items": [update]}),
        mara.patch(f"{lines}/{line}", {"item": "b"}, 1),
        mara("DELETE", f"{lines}/{line}", rev=1),
        mara.post(lines, {"item": "c", "order": order}),
    ]
    table = f"id,rev,title\n{order},2,y\n".encode()
    by_table = mara("POST", f"{ORDERS}/import", data=table, content_type="text/csv")

    assert {one.status_code for one in refused} == {409}
    assert by_table.status_code == 422
    assert events(depot, order) == before


def test_31_a_line_of_an_open_order_does_change(depot: Depot) -> None:
    mara = depot.caller(MGR)
    made = mara.post(ORDERS, {"title": "x", "lines": [{"item": "a"}]}).json

    changed = mara.patch(f"/records/order_line/{made['lines'][0]['id']}", {"item": "b"}, 1)

    assert changed.status_code == 200


def test_34_fifty_equal_approvals_approve_once(depot: Depot) -> None:
    mara, order = depot.caller(MGR), depot.order(MGR)
    callers = [Caller(depot.app.test_client(), mara.token) for _ in range(AT_ONCE)]

    answers = at_once(
        [lambda c=c: c.post(f"{ORDERS}/{order}/transitions/approve", rev=1) for c in callers]
    )  # type: ignore[misc]

    statuses = sorted(one.status_code for one in answers)
    assert statuses == [200] + [409] * (AT_ONCE - 1)
    assert events(depot, order) == ["approve", "create"]


def test_34_fifty_with_one_key_get_one_answer(depot: Depot) -> None:
    mara, order = depot.caller(MGR), depot.order(MGR)
    callers = [Caller(depot.app.test_client(), mara.token) for _ in range(AT_ONCE)]

    answers = at_once(
        [
            lambda c=c: c.post(f"{ORDERS}/{order}/transitions/approve", rev=1, key="k-34")
            for c in callers
        ]
    )  # type: ignore[misc]

    assert {one.status_code for one in answers} == {200}
    assert len({one.get_data() for one in answers}) == 1
    assert events(depot, order) == ["approve", "create"]


def test_36_of_two_steps_at_once_one_wins(depot: Depot) -> None:
    mara = depot.caller(MGR)
    body = {"values": {"note": "done"}, "comment": "over"}
    for _ in range(10):
        order = depot.order(MGR)
        path = f"{ORDERS}/{order}/transitions"
        one, two = (Caller(depot.app.test_client(), mara.token) for _ in range(2))

        answers = at_once([
            lambda c=one, p=path: c.post(f"{p}/approve", rev=1),
            lambda c=two, p=path: c.post(f"{p}/close", body, rev=1),
        ])  # type: ignore[misc]  # fmt: skip

        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert len(events(depot, order)) == 2


def test_36_a_task_is_claimed_by_one(depot: Depot) -> None:
    for round_ in range(5):
        order = depot.order(MGR, title=f"Claim {round_}", amount="1500.00")
        callers = depot.caller(TECH), depot.caller(TECH2)
        pool = callers[0].get("/tasks", pool="1").json["items"]
        task = next(one for one in pool if one["about"]["id"] == order)

        answers = at_once([
            lambda c=c, t=task: c.post(f"/tasks/{t['id']}/claim", rev=t["rev"]) for c in callers
        ])  # type: ignore[misc]  # fmt: skip

        assert sorted(one.status_code for one in answers)[0] == 200
        assert sorted(one.status_code for one in answers)[1] in (403, 404, 409)


@pytest.mark.parametrize("second", [{"title": "b"}, {"pieces": 7}])
def test_37_an_update_over_an_unseen_one_is_refused(
    depot: Depot, second: dict[str, object]
) -> None:
    """Of other fields too: that is the explicit rule."""
    mara, order = depot.caller(MGR), depot.order(MGR)
    mara.patch(f"{ORDERS}/{order}", {"title": "a"}, 1)

    stale = mara.patch(f"{ORDERS}/{order}", second, 1)
    blind = mara.patch(f"{ORDERS}/{order}", second)
    twin = mara.patch(f"{ORDERS}/{order}", second, 2)

    assert (stale.status_code, blind.status_code, twin.status_code) == (409, 428, 200)
    assert stale.json["code"] == "REV_CONFLICT"
