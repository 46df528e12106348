"""Checks C: who may see and do what, through every door the product has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from trellis.storage.database import Database
from trellis.storage.platform_tables.trail import AUDIT
from werkzeug.routing import AnyConverter, BaseConverter
from werkzeug.test import TestResponse

from tests.fakes.depot import FILES, Caller, Depot
from tests.hostile.surface import (
    ADM,
    CUST,
    CUSTOMERS,
    DES,
    HIDDEN,
    HIDDEN_TEXT,
    MGR,
    ORDERS,
    PACKAGE_APPLY,
    TECH,
    TECH2,
)

#: The only addresses that answer somebody who is not signed in (17).
PUBLIC = {"/login", "/login/demo", "/login/language", "/healthz", "/readyz"}


def addresses(depot: Depot) -> Iterator[tuple[str, str]]:
    """Yield every (method, address) of the application, with ids that name nothing."""
    adapter = depot.app.url_map.bind("localhost")
    for rule in depot.app.url_map.iter_rules():
        values = {name: _filling(name, rule._converters[name]) for name in rule.arguments}
        address = adapter.build(rule.endpoint, values)
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            yield method, address


def _filling(name: str, converter: BaseConverter) -> str:
    """Return a value that an address takes: one of its own, an object, or an id of nothing."""
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return "order" if name == "object_key" else "x1"


def test_17_every_address_wants_somebody_signed_in_but_for_a_list(depot: Depot) -> None:
    stranger = depot.caller()
    answered = set()

    for method, address in addresses(depot):
        answer = stranger.client.open(address, method=method)
        entered = answer.status_code == 401 or (
            answer.status_code == 303 and answer.headers["Location"].startswith("/login")
        )
        if not entered:
            answered.add(address)

    assert answered == PUBLIC


def test_17_no_address_fails_for_somebody_with_few_rights(depot: Depot) -> None:
    cust = depot.caller(CUST)

    for method, address in addresses(depot):
        answer = cust.client.open(
            address, method=method, headers={"Authorization": f"Bearer {cust.token}"}
        )
        assert answer.status_code < 500, (method, address)


@pytest.mark.parametrize(
    "path", ["/admin/users", "/admin/packages", "/admin/jobs", "/admin/history", "/metrics"]
)
def test_17_administration_is_for_administrators(depot: Depot, path: str) -> None:
    def status(login: str) -> int:
        headers = {"Authorization": f"Bearer {depot.token(login)}"}
        return depot.browser().get(path, headers=headers).status_code

    assert (status(CUST), status(MGR), status(ADM)) == (403, 403, 200)


def test_17_reading_changes_nothing(depot: Depot) -> None:
    mara = depot.caller(ADM)
    before = _everything(depot)

    for method, address in addresses(depot):
        if method == "GET":
            mara.client.get(address, headers={"Authorization": f"Bearer {mara.token}"})

    assert _everything(depot) == before


def _everything(depot: Depot) -> dict[str, int]:
    """Return how many rows each table has, but for when tokens were used."""
    with depot.workspace.database.read() as connection:
        names = sa.inspect(connection).get_table_names()
        return {
            name: connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in names
        }


NOBODY = "019cadc6-9a80-73ef-96d3-c84ea27ced90"
#: What each may do with (their own, somebody else's, a deleted, a missing) order: statuses.
MATRIX: dict[tuple[str, str], tuple[int, int, int, int]] = {
    (MGR, "read"): (200, 200, 404, 404),
    (MGR, "update"): (200, 200, 404, 404),
    (MGR, "delete"): (204, 204, 404, 404),
    (MGR, "transition"): (200, 200, 404, 404),
    (MGR, "comment"): (201, 201, 404, 404),
    (MGR, "history"): (200, 200, 404, 404),
    (MGR, "undelete"): (404, 404, 200, 404),
    (TECH, "read"): (200, 404, 404, 404),
    (TECH, "update"): (200, 404, 404, 404),
    (TECH, "delete"): (204, 404, 404, 404),
    (TECH, "transition"): (403, 404, 404, 404),
    (TECH, "comment"): (201, 404, 404, 404),
    (TECH, "history"): (200, 404, 404, 404),
    (TECH, "undelete"): (404, 404, 200, 404),
    (DES, "read"): (404, 404, 404, 404),
    (DES, "update"): (404, 404, 404, 404),
    (DES, "delete"): (404, 404, 404, 404),
    (DES, "transition"): (404, 404, 404, 404),
    (DES, "comment"): (404, 404, 404, 404),
    (DES, "history"): (404, 404, 404, 404),
    (DES, "undelete"): (404, 404, 404, 404),
}


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
        case "history":
            return caller.get(f"{path}/history")
        case _:
            return caller.post(f"{path}/restore")


@pytest.mark.parametrize(("login", "action"), list(MATRIX))
def test_18_each_may_do_what_the_table_says(depot: Depot, login: str, action: str) -> None:
    caller, mara = depot.caller(login), depot.caller(MGR)
    own, other = depot.order(login), depot.order(TECH2)
    deleted = depot.order(login)
    mara("DELETE", f"{ORDERS}/{deleted}", rev=1)

    statuses = tuple(do(caller, action, which).status_code
                     for which in (own, other, deleted, NOBODY))  # fmt: skip

    assert statuses == MATRIX[(login, action)]


@pytest.mark.parametrize("action", ["read", "update", "delete", "transition", "comment", "history"])
def test_18_foreign_and_missing_are_the_same_answer(depot: Depot, action: str) -> None:
    cora, foreign = depot.caller(TECH), depot.order(TECH2)

    hidden, missing = do(cora, action, foreign), do(cora, action, NOBODY)

    assert hidden.get_data() == missing.get_data()
    assert dict(hidden.headers) == dict(missing.headers)


def answers_about(depot: Depot, caller: Caller, order: str) -> dict[str, Any]:
    """Return what is answered through every way of asking about one order."""
    cost = f"{HIDDEN} > 5"
    loop = f"some one in [record] satisfies one.{HIDDEN} > 5"
    behind = f"some one in customer.orders satisfies one.{HIDDEN} > 5"
    ways = {
        "read": caller.get(f"{ORDERS}/{order}"),
        "named": caller.get(f"{ORDERS}/{order}", fields=HIDDEN),
        "list": caller.get(ORDERS),
        "filter": caller.get(ORDERS, filter=cost),
        "filter_null": caller.get(ORDERS, filter=f"{HIDDEN} = null"),
        "filter_in": caller.get(ORDERS, filter=f"{HIDDEN} in [7, 8]"),
        "filter_record": caller.get(ORDERS, filter=f"record.{HIDDEN} > 5"),
        "filter_loop": caller.get(ORDERS, filter=loop),
        "filter_behind": caller.get(ORDERS, filter=behind),
        "filter_dynamic": caller.get(ORDERS, filter=f'get value(record, "{HIDDEN}") > 5'),
        "filter_old": caller.get(ORDERS, filter=f"old.{HIDDEN} > 5"),
        "sort": caller.get(ORDERS, sort=HIDDEN),
        "search": caller.get(ORDERS, search="secret7"),
        "text": caller.get(ORDERS, filter=f'contains({HIDDEN_TEXT}, "secret7")'),
        "expand": caller.get(CUSTOMERS, fields="orders"),
        "expand_path": caller.get(CUSTOMERS, filter=f"count(orders[{HIDDEN} > 5]) > 0"),
        "history": caller.get(f"{ORDERS}/{order}/history"),
        "conflict": caller.patch(f"{ORDERS}/{order}", {"pieces": 1}, 99),
        "write": caller.patch(f"{ORDERS}/{order}", {HIDDEN: 5}, 1),
        "check": caller.post("/expressions/check", {"expression": cost, "object": "order"}),
        "openapi": caller.get("/openapi.json"),
        "count": caller.get(ORDERS, count="1", filter=cost),
        "own": caller.get(ORDERS, filter=f"user.manager.{HIDDEN} > 5"),
    }
    return {name: _plain(answer) for name, answer in ways.items()}


def _plain(answer: TestResponse) -> tuple[int, str, str | None]:
    return (answer.status_code, answer.get_data(as_text=True), answer.headers.get("ETag"))


def test_19_two_orders_that_differ_in_a_hidden_field_look_the_same(depot: Depot) -> None:
    """The same order with two costs: nothing that a technician can ask tells them apart."""
    tech, order = depot.caller(TECH), depot.order(TECH, title="Probe")
    seen = []
    for cost, remark in (("1.00", "plain"), ("7.00", "secret7")):
        with depot.workspace.database.write() as connection:
            table = depot.workspace.latest().table("order")
            columns = table.columns
            connection.execute(
                sa.update(table.table)
                .where(columns["id"] == order)
                .values({columns[HIDDEN].name: cost, columns[HIDDEN_TEXT].name: remark})
            )
        seen.append(answers_about(depot, tech, order))

    differing = [name for name in seen[0] if seen[0][name] != seen[1][name]]

    assert differing == []
    assert all(status < 500 for status, _, _ in seen[0].values())


def test_19_the_lawful_twin_is_told(depot: Depot) -> None:
    mara, order = depot.caller(MGR), depot.order(TECH, title="Probe", remark="secret7")

    assert mara.get(f"{ORDERS}/{order}").json[HIDDEN] == 7
    assert mara.get(ORDERS, filter=f"{HIDDEN} = 7", search="secret7").json["items"]


def test_19_what_the_api_describes_has_no_hidden_name(depot: Depot) -> None:
    text = depot.caller(TECH).get("/openapi.json").get_data(as_text=True)
    page = depot.caller(TECH).get("/api/docs").get_data(as_text=True)

    assert not [name for name in (HIDDEN, HIDDEN_TEXT, "credit_limit") if name in text + page]
    assert HIDDEN in depot.caller(MGR).get("/openapi.json").get_data(as_text=True)


@pytest.mark.parametrize(
    "name", ["password", "password_hash", "auth_version", "token", "hash", "csrf", "credential"]
)
@pytest.mark.parametrize("login", [ADM, MGR])
def test_20_secrets_are_in_no_query_language(depot: Depot, login: str, name: str) -> None:
    caller = depot.caller(login)

    for refused in (
        caller.get("/records/user", filter=f'starts with({name}, "$argon2")'),
        caller.get("/records/user", fields=name),
        caller.get("/records/user", sort=name),
        caller.get("/records/user", filter=f'starts with(user.{name}, "$")'),
        caller.get("/records/order", fields=f"owner.{name}"),
    ):
        assert refused.status_code in (404, 422)


@pytest.mark.parametrize(
    "table",
    ["trellis_token", "trellis_session", "trellis_credential", "token", "r_user", "sqlite_master"],
)
def test_20_tables_of_the_platform_are_no_objects(depot: Depot, table: str) -> None:
    assert depot.caller(ADM).get(f"/records/{table}").status_code == 404


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


def test_23_an_administrator_does_not_grant_to_themselves(depot: Depot) -> None:
    ada = depot.caller(ADM)

    refused = ada("PUT", f"/users/{depot.users[ADM]}/roles", {"roles": ["chief", "manager"]})
    twin = ada("PUT", f"/users/{depot.users[TECH]}/roles", {"roles": ["clerk", "manager"]})

    assert (refused.status_code, twin.status_code) == (403, 200)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("can: [packages, design]", "can: [packages, design, users]"),
        ("can: [packages, design]", "can: [packages, design]\n    grants: {order: all}"),
    ],
)
def test_23_a_package_does_not_widen_its_installers_role(depot: Depot, old: str, new: str) -> None:
    roles = FILES["roles.yaml"].replace(old, new)
    assert roles != FILES["roles.yaml"]
    dan = depot.caller(DES)

    refused = dan.post(PACKAGE_APPLY, {"files": {**FILES, "roles.yaml": roles}})
    renamed = FILES["options.yaml"].replace("{en: Small}", "{en: Little}")
    twin = dan.post(PACKAGE_APPLY, {"files": {**FILES, "options.yaml": renamed}})

    assert (refused.status_code, refused.json["code"]) == (403, "OWN_ROLES")
    assert (twin.status_code, dan.get(ORDERS).status_code) == (200, 404)


def test_23_a_token_does_not_make_tokens(depot: Depot) -> None:
    mara = depot.caller(MGR)

    assert mara.post("/tokens", {"label": "x", "roles": ["manager"]}).status_code == 403


def test_24_a_role_taken_away_is_gone_at_the_next_request(depot: Depot) -> None:
    mara, ada = depot.caller(MGR), depot.caller(ADM)
    assert mara.get(ORDERS).status_code == 200

    ada("PUT", f"/users/{depot.users[MGR]}/roles", {"roles": []})

    assert mara.get(ORDERS).status_code == 404


@pytest.mark.parametrize("change", ["deactivate", "delete", "password"])
def test_24_who_is_shut_out_is_out_at_the_next_request(depot: Depot, change: str) -> None:
    mara, ada = depot.caller(MGR), depot.caller(ADM)
    user = f"/records/user/{depot.users[MGR]}"
    assert mara.get("/me").status_code == 200

    if change == "password":
        depot.set_password(MGR)
    elif change == "delete":
        assert ada("DELETE", user, rev=1).status_code == 204
    else:
        assert ada.patch(user, {"active": False}, 1).status_code == 200

    assert mara.get("/me").status_code == 401


def test_24_who_comes_back_has_no_old_token(depot: Depot) -> None:
    mara, ada = depot.caller(MGR), depot.caller(ADM)
    user = f"/records/user/{depot.users[MGR]}"

    ada.patch(user, {"active": False}, 1)
    ada.patch(user, {"active": True}, 2)

    assert mara.get("/me").status_code == 401
    assert depot.caller(MGR).get("/me").status_code == 200


def test_25_another_workspace_is_another_world(depot: Depot, tmp_path: Path) -> None:
    """Ids, tokens and cursors of one workspace mean nothing in another; nor do headers."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    other = Depot(Database(url))
    mara, order = depot.caller(MGR), other.order("mara", title="Theirs")
    depot.order("mara"), other.order("mara")
    stranger = replace(mara, token=other.token(MGR))
    cursor = other.caller(MGR).get(ORDERS, limit="1").json["next_cursor"]

    assert mara.get(f"{ORDERS}/{order}").get_data() == mara.get(f"{ORDERS}/{NOBODY}").get_data()
    assert stranger.get("/me").status_code == 401
    assert mara.get(ORDERS, limit="1", cursor=cursor).status_code in (200, 422)
    assert mara.post(ORDERS, {"title": "x", "customer": other.customer("T")}).status_code == 422
    for header in ("X-Tenant", "X-Workspace", "X-Forwarded-Host"):
        seen = mara("GET", ORDERS, headers={header: "other"})
        assert "Theirs" not in seen.get_data(as_text=True)
    other.close()


def test_28_todays_rule_applies_to_yesterdays_value(depot: Depot) -> None:
    """A field hidden by a new version is hidden in the history of before."""
    cora, order = depot.caller(TECH), depot.order(TECH)
    mara = depot.caller(MGR)
    mara.patch(f"{ORDERS}/{order}", {"pieces": 77}, 1)
    before = cora.get(f"{ORDERS}/{order}/history").get_data(as_text=True)
    roles = FILES["roles.yaml"].replace(
        "order: {internal_cost: hidden, remark: hidden}\n      customer",
        "order: {internal_cost: hidden, remark: hidden, pieces: hidden}\n      customer",
    )
    depot.caller(ADM).post(PACKAGE_APPLY, {"files": {**FILES, "roles.yaml": roles}})

    after = cora.get(f"{ORDERS}/{order}/history").get_data(as_text=True)

    assert "77" in before
    assert "77" not in after
    assert "77" in mara.get(f"{ORDERS}/{order}/history").get_data(as_text=True)


def test_every_refused_write_leaves_a_row_in_the_audit(depot: Depot) -> None:
    cora, order = depot.caller(TECH), depot.order(TECH)

    cora.patch(f"{ORDERS}/{order}", {"nope": 1}, 1)
    cora.post(f"{ORDERS}/{order}/transitions/approve", rev=1)
    cora.patch(f"{ORDERS}/{NOBODY}", {"pieces": 1}, 1)

    with depot.workspace.database.read() as connection:
        rows = connection.execute(
            sa.select(AUDIT.c.actor, AUDIT.c.outcome)
            .where(AUDIT.c.action == "refused_write")
            .order_by(AUDIT.c.id)
        ).all()
    assert [tuple(row) for row in rows] == [
        (depot.users[TECH], "INVALID"),
        (depot.users[TECH], "NOT_YOURS"),
        (depot.users[TECH], "NOT_FOUND"),
    ]
