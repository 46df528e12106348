"""Checks 23 and 24: nobody gives themselves rights, and what is taken is gone at once."""

from __future__ import annotations

import pytest

from tests.fakes.depot import FILES, Depot
from tests.hostile.surface import (
    ADM,
    CUST,
    DES,
    MGR,
    ORDERS,
    PACKAGE_APPLY,
    TECH,
    sign_in,
    signed_in,
)


@pytest.mark.parametrize("login", [DES, MGR, TECH])
def test_23_nobody_grants_without_the_right(depot: Depot, login: str) -> None:
    caller = depot.caller(login)

    for refused in (
        caller("PUT", f"/users/{depot.users[login]}/roles", {"roles": ["chief"]}),
        caller("PUT", f"/users/{depot.users[CUST]}/roles", {"roles": ["chief"]}),
        caller.post("/records/user", {"login": "eve", "name": "Eve"}),
        caller.post("/tokens", {"label": "x"}),
    ):
        assert refused.status_code in (403, 404)


def test_23_an_administrator_does_not_grant_to_themselves(own_depot: Depot) -> None:
    ada = own_depot.caller(ADM)

    refused = ada("PUT", f"/users/{own_depot.users[ADM]}/roles", {"roles": ["chief", "manager"]})
    twin = ada("PUT", f"/users/{own_depot.users[TECH]}/roles", {"roles": ["clerk", "manager"]})

    assert (refused.status_code, twin.status_code) == (403, 200)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("can: [packages, design]", "can: [packages, design, users]"),
        ("can: [packages, design]", "can: [packages, design]\n    grants: {order: all}"),
    ],
)
def test_23_a_package_does_not_widen_its_installers_role(
    own_depot: Depot, old: str, new: str
) -> None:
    roles = FILES["roles.yaml"].replace(old, new)
    assert roles != FILES["roles.yaml"]
    dan = own_depot.caller(DES)

    refused = dan.post(PACKAGE_APPLY, {"files": {**FILES, "roles.yaml": roles}})
    renamed = FILES["options.yaml"].replace("{en: Small}", "{en: Little}")
    twin = dan.post(PACKAGE_APPLY, {"files": {**FILES, "options.yaml": renamed}})

    assert (refused.status_code, refused.json["code"]) == (403, "OWN_ROLES")
    assert (twin.status_code, dan.get(ORDERS).status_code) == (200, 404)


def test_23_a_token_does_not_make_tokens(depot: Depot) -> None:
    mara = depot.caller(MGR)

    assert mara.post("/tokens", {"label": "x", "roles": ["manager"]}).status_code == 403


def test_24_a_role_taken_away_is_gone_at_the_next_request(own_depot: Depot) -> None:
    mara, ada = own_depot.caller(MGR), own_depot.caller(ADM)
    assert mara.get(ORDERS).status_code == 200

    ada("PUT", f"/users/{own_depot.users[MGR]}/roles", {"roles": []})

    assert mara.get(ORDERS).status_code == 404


@pytest.mark.parametrize("change", ["deactivate", "delete", "password"])
def test_24_who_is_shut_out_is_out_at_the_next_request(own_depot: Depot, change: str) -> None:
    mara, ada = own_depot.caller(MGR), own_depot.caller(ADM)
    user = f"/records/user/{own_depot.users[MGR]}"
    assert mara.get("/me").status_code == 200

    if change == "password":
        own_depot.set_password(MGR)
    elif change == "delete":
        assert ada("DELETE", user, rev=1).status_code == 204
    else:
        assert ada.patch(user, {"active": False}, 1).status_code == 200

    assert mara.get("/me").status_code == 401


def test_24_who_comes_back_has_no_old_token(own_depot: Depot) -> None:
    mara, ada = own_depot.caller(MGR), own_depot.caller(ADM)
    user = f"/records/user/{own_depot.users[MGR]}"

    ada.patch(user, {"active": False}, 1)
    ada.patch(user, {"active": True}, 2)

    assert mara.get("/me").status_code == 401
    assert own_depot.caller(MGR).get("/me").status_code == 200


@pytest.mark.parametrize("change", ["role", "password", "deactivate", "sign_out"])
def test_24_a_browser_is_out_at_its_next_request(own_depot: Depot, change: str) -> None:
    browser, ada = signed_in(own_depot, MGR), own_depot.caller(ADM)
    mara = own_depot.users[MGR]
    assert browser.is_inside()

    if change == "role":
        ada("PUT", f"/users/{mara}/roles", {"roles": ["clerk"]})
    elif change == "password":
        own_depot.set_password(MGR, "four yellow camels")
    elif change == "deactivate":
        ada.patch(f"/records/user/{mara}", {"active": False}, 1)
    else:
        browser.post("/logout")

    assert not browser.is_inside()
    assert browser.get("/o/order").headers["Location"].startswith("/login")


def test_24_who_was_shut_out_does_not_enter_again(own_depot: Depot) -> None:
    signed_in(own_depot, MGR)
    ada = own_depot.caller(ADM)

    ada.patch(f"/records/user/{own_depot.users[MGR]}", {"active": False}, 1)
    _, shut = sign_in(own_depot, MGR)
    ada.patch(f"/records/user/{own_depot.users[MGR]}", {"active": True}, 2)
    _, back = sign_in(own_depot, MGR)

    assert (shut.status_code, back.status_code) == (401, 303)


@pytest.mark.parametrize("login", [DES, MGR])
def test_23_administration_by_pages_is_refused_too(depot: Depot, login: str) -> None:
    browser = signed_in(depot, login)
    user = depot.users[CUST]

    for path in (f"/admin/users/{user}/roles", f"/admin/users/{user}/password",
                 f"/admin/users/{user}/deactivate"):  # fmt: skip
        assert browser.post(path, role="chief", roles="chief").status_code == 403

    assert depot.caller(CUST).get("/me").json["roles"] == ["portal"]


def test_23_an_administrator_makes_nobody_greater_than_themselves(own_depot: Depot) -> None:
    """Who administers users, and nothing else, hands out no other administration."""
    roles = FILES["roles.yaml"] + "  desk:\n    label: {en: Desk}\n    can: [users]\n"
    own_depot.caller(ADM).post(PACKAGE_APPLY, {"files": {**FILES, "roles.yaml": roles}})
    own_depot.add_user("desi", "desk")
    desk = own_depot.caller("desi")

    above = desk("PUT", f"/users/{own_depot.users[TECH]}/roles", {"roles": ["chief"]})
    over = desk("PUT", f"/users/{own_depot.users[ADM]}/roles", {"roles": []})
    twin = desk("PUT", f"/users/{own_depot.users[TECH]}/roles", {"roles": ["manager"]})

    assert (above.status_code, over.status_code, twin.status_code) == (403, 403, 200)
