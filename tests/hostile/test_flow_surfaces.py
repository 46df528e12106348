"""Checks 21, 23, 32 and 36 where flows are started, told messages, and people are stood in for."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from trellis.storage.platform_tables.flows import INSTANCE

from tests.fakes.depot import Depot
from tests.hostile.surface import ADM, CUST, MGR

FORBIDDEN_KEYS = ("id", "owner", "created_at", "state", "version", "is_admin", "starter", "vars")


def instances(depot: Depot) -> int:
    """Return how many flows have been started."""
    with depot.database.read() as connection:
        return int(
            connection.execute(sa.select(sa.func.count()).select_from(INSTANCE)).scalar_one()
        )


@pytest.mark.parametrize("key", FORBIDDEN_KEYS)
def test_21_a_start_by_hand_takes_nothing_but_a_record_or_values(depot: Depot, key: str) -> None:
    before = instances(depot)

    refused = depot.caller(CUST).post("/flows/any/start", {key: "x"})

    assert refused.status_code in (400, 422)
    assert key in refused.text
    assert instances(depot) == before


@pytest.mark.parametrize("login", [CUST, MGR])
def test_21_only_who_has_the_right_sends_messages(depot: Depot, login: str) -> None:
    refused = depot.caller(login).post("/messages/paid", {"payload": {"amount": 1}})

    assert refused.status_code == 403


@pytest.mark.parametrize("key", [*FORBIDDEN_KEYS, "instance", "token"])
def test_21_a_message_takes_nothing_but_what_it_says(depot: Depot, key: str) -> None:
    refused = depot.caller(ADM).post("/messages/paid", {key: "x"})

    assert refused.status_code in (400, 422)
    assert key in refused.text


@pytest.mark.parametrize("login", [CUST, MGR])
def test_23_and_32_nobody_stands_in_for_whom_they_do_not_lead(depot: Depot, login: str) -> None:
    me, boss = depot.users[login], depot.users[ADM]

    refused = depot.caller(login).post("/delegations", {"from": boss, "to": me})

    assert refused.status_code == 403
    assert depot.caller(ADM).get("/delegations").json["items"] == []
    assert depot.caller(login).get(f"/users/{boss}/work").status_code == 403
