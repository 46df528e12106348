"""Check 18: what each role may do with records: own, others', deleted and missing ones."""

from __future__ import annotations

import io

import pytest
from werkzeug.test import TestResponse

from tests.fakes.depot import Caller, Depot
from tests.hostile.surface import ADM, CUST, DES, MGR, NOBODY, ORDERS, TECH, TECH2

#: What each may do with (their own, somebody else's, a deleted, a missing) order: statuses.
MATRIX: dict[tuple[str, str], tuple[int, int, int, int]] = {
    (MGR, "read"): (200, 200, 404, 404),
    (MGR, "update"): (200, 200, 404, 404),
    (MGR, "delete"): (204, 204, 404, 404),
    (MGR, "transition"): (200, 200, 404, 404),
    (MGR, "comment"): (201, 201, 404, 404),
    (MGR, "history"): (200, 200, 404, 404),
    (MGR, "attach"): (201, 201, 404, 404),
    (MGR, "undelete"): (404, 404, 200, 404),
    (TECH, "read"): (200, 404, 404, 404),
    (TECH, "update"): (200, 404, 404, 404),
    (TECH, "delete"): (204, 404, 404, 404),
    (TECH, "transition"): (403, 404, 404, 404),
    (TECH, "comment"): (201, 404, 404, 404),
    (TECH, "history"): (200, 404, 404, 404),
    (TECH, "attach"): (201, 404, 404, 404),
    (TECH, "undelete"): (404, 404, 200, 404),
    (CUST, "read"): (200, 404, 404, 404),
    (CUST, "update"): (403, 404, 404, 404),
    (CUST, "delete"): (403, 404, 404, 404),
    (CUST, "transition"): (403, 404, 404, 404),
    (CUST, "comment"): (201, 404, 404, 404),
    (CUST, "attach"): (201, 404, 404, 404),
    (CUST, "history"): (200, 404, 404, 404),
    (CUST, "undelete"): (404, 404, 404, 404),
    **{(who, what): (404, 404, 404, 404) for who in (DES, ADM) for what in (
        "read", "update", "delete", "transition", "comment", "attach", "history", "undelete")},
}  # fmt: skip


def do(caller: Caller, action: str, order: str) -> TestResponse:
    path = f"{ORDERS}/{order}"
    match action:
        case "read":
            return caller.get(path)
        case "update":
            return caller.patch(path, {"pieces": 5}, 1)
        case "delete":
            return caller("DELETE", path, rev=1)
        case "transition":
            return caller.post(f"{path}/transitions/approve", rev=1)
        case "comment":
            return caller.post(f"{path}/comments", {"text": "hello"})
        case "attach":
            return caller("POST", f"{path}/files", data={"file": (io.BytesIO(b"text"), "a.txt")})
        case "history":
            return caller.get(f"{path}/history")
        case _:
            return caller.post(f"{path}/restore")


def customer_of_portal(depot: Depot) -> str:
    """Return a customer whose contact the person of the portal is."""
    return depot.customer("Theirs", contact=depot.users[CUST])


@pytest.mark.parametrize(("login", "action"), list(MATRIX))
def test_18_each_may_do_what_the_table_says(depot: Depot, login: str, action: str) -> None:
    caller, mara = depot.caller(login), depot.caller(MGR)
    theirs = {"customer": customer_of_portal(depot)} if login == CUST else {}
    own, other = depot.order(login, **theirs), depot.order(TECH2)
    deleted = depot.order(login, **theirs)
    mara("DELETE", f"{ORDERS}/{deleted}", rev=1)

    statuses = tuple(do(caller, action, which).status_code
                     for which in (own, other, deleted, NOBODY))  # fmt: skip

    assert statuses == MATRIX[(login, action)]


@pytest.mark.parametrize(
    "action", ["read", "update", "delete", "transition", "comment", "attach", "history"]
)
def test_18_foreign_and_missing_are_the_same_answer(depot: Depot, action: str) -> None:
    cora, foreign = depot.caller(TECH), depot.order(TECH2)

    hidden, missing = do(cora, action, foreign), do(cora, action, NOBODY)

    assert hidden.get_data() == missing.get_data()
    assert dict(hidden.headers) == dict(missing.headers)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_18_only_who_may_takes_records_away(depot: Depot, kind: str) -> None:
    def status(login: str) -> int:
        return depot.caller(login).get(f"{ORDERS}/export.{kind}").status_code

    assert [status(login) for login in (MGR, TECH, CUST, DES, ADM)] == [200, 200, 403, 404, 404]


def test_18_a_table_holds_only_ones_own(depot: Depot) -> None:
    depot.order(TECH, title="Mine"), depot.order(TECH2, title="Not mine")

    text = depot.caller(TECH).get(f"{ORDERS}/export.csv").get_data(as_text=True)

    assert "Mine" in text
    assert "Not mine" not in text


def test_18_a_record_is_replaced_by_nobody(depot: Depot) -> None:
    """There is no PUT: what is not sent would be emptied."""
    mara, order = depot.caller(MGR), depot.order(MGR)

    assert mara("PUT", f"{ORDERS}/{order}", {"title": "x"}, rev=1).status_code == 405
