"""Delegations and hand-overs over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.depot import Caller, Depot


@pytest.fixture
def cora(depot: Depot) -> Caller:
    """Return a clerk."""
    return depot.caller("cora")


def other(depot: Depot) -> str:
    return next(user for login, user in sorted(depot.users.items()) if login != "cora")


def delegate(caller: Caller, to: str, **more: Any) -> Any:
    return caller.post("/delegations", {"to": to, **more})


def test_a_person_delegates_sees_it_and_ends_it(depot: Depot, cora: Caller) -> None:
    made = delegate(cora, other(depot), end="2099-01-01T18:00:00", reason="leave", mode="also")

    (listed,) = cora.get("/delegations").json["items"]
    gone = cora("DELETE", f"/delegations/{made.json['id']}")

    assert (made.status_code, listed["running"], listed["reason"]) == (201, True, "leave")
    assert listed["end"] == "2099-01-01T18:00:00Z"
    assert gone.status_code == 204
    (ended,) = cora.get("/delegations").json["items"]
    assert (ended["running"], ended["revoked_at"] is not None) == (False, True)
    again = cora("DELETE", f"/delegations/{made.json['id']}")
    assert (again.status_code, again.json["code"]) == (409, "ENDED")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"end": "tomorrow"}, "end"),
        ({"end": "1999-01-01"}, "end"),
        ({"limit": "much"}, "limit"),
        ({"flows": "all"}, "flows"),
        ({"absence": "yes"}, "absence"),
        ({"mode": "twice"}, "mode"),
    ],
)
def test_what_does_not_fit_is_named(depot: Depot, cora: Caller, more: Any, field: str) -> None:
    refused = delegate(cora, other(depot), **more)

    assert refused.status_code == 422
    assert refused.json["details"][0]["field"] == field


def test_nobody_helps_themselves_to_the_rights_of_others(depot: Depot, cora: Caller) -> None:
    boss = other(depot)

    taken = cora.post("/delegations", {"from": boss, "to": depot.users["cora"]})
    seen = cora.get(f"/users/{boss}/work")
    moved = cora.post(f"/users/{boss}/handover", {"to": depot.users["cora"], "everything": True})

    assert [one.status_code for one in (taken, seen, moved)] == [403, 403, 403]
    assert taken.json["code"] == "NOT_THE_LEADER"


def test_a_leader_sees_and_hands_over_what_somebody_has(depot: Depot) -> None:
    leader, order, cora = depot.caller("ada"), depot.order("cora"), depot.users["cora"]

    had = leader.get(f"/users/{cora}/work").json
    done = leader.post(f"/users/{cora}/handover",
                       {"to": depot.users["carl"],
                        "records": [{"object": "order", "id": order}]})  # fmt: skip
    report = leader.get(f"/users/{cora}/handovers").json["items"]

    assert had["counts"] == {"order": 1}
    assert done.json == {"moved": 1, "refused": []}
    assert [(one["record"], one["to"], one["cause"]) for one in report] == [
        (order, depot.users["carl"], "by_hand")
    ]
