"""Checks 19 and 20: fields that one may not see cannot be asked about in any way."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from tests.fakes.depot import Caller, Depot
from tests.hostile.surface import (
    ADM,
    CUSTOMERS,
    HIDDEN,
    HIDDEN_TEXT,
    MGR,
    ORDERS,
    TECH,
)

#: Filters that ask about the hidden cost, in every way that the language has.
FILTERS = {
    "plain": f"{HIDDEN} > 5",
    "null": f"{HIDDEN} = null",
    "in": f"{HIDDEN} in [7, 8]",
    "record": f"record.{HIDDEN} > 5",
    "loop": f"some one in [record] satisfies one.{HIDDEN} > 5",
    "behind": f"some one in customer.orders satisfies one.{HIDDEN} > 5",
    "dynamic": f'get value(record, "{HIDDEN}") > 5',
    "old": f"old.{HIDDEN} > 5",
    "text": f'contains({HIDDEN_TEXT}, "secret7")',
    "own": f"user.manager.{HIDDEN} > 5",
}


def answers_about(caller: Caller, order: str) -> dict[str, Any]:
    """Return what is answered through every way of asking about one order."""
    cost, one = FILTERS["plain"], f"{ORDERS}/{order}"
    table = {"data": f"title,{HIDDEN}\nx,5\n".encode(), "content_type": "text/csv"}
    ways = {
        **{f"filter_{name}": caller.get(ORDERS, filter=text) for name, text in FILTERS.items()},
        "read": caller.get(one),
        "named": caller.get(one, fields=HIDDEN),
        "list": caller.get(ORDERS),
        "sort": caller.get(ORDERS, sort=HIDDEN),
        "search": caller.get(ORDERS, search="secret7"),
        "expand": caller.get(CUSTOMERS, fields="orders"),
        "expand_path": caller.get(CUSTOMERS, filter=f"count(orders[{cost}]) > 0"),
        "history": caller.get(f"{one}/history"),
        "conflict": caller.patch(one, {"pieces": 1}, 99),
        "write": caller.patch(one, {HIDDEN: 5}, 1),
        "check": caller.post("/expressions/check", {"expression": cost, "object": "order"}),
        "openapi": caller.get("/openapi.json"),
        "count": caller.get(ORDERS, count="1", filter=cost),
        "csv": caller.get(f"{ORDERS}/export.csv"),
        "csv_named": caller.get(f"{ORDERS}/export.csv", fields=HIDDEN),
        "csv_filter": caller.get(f"{ORDERS}/export.csv", filter=cost),
        "xlsx_sort": caller.get(f"{ORDERS}/export.xlsx", sort=HIDDEN),
        "import": caller("POST", f"{ORDERS}/import", **table),
        "files": caller.get(f"{one}/files"),
        "comments": caller.get(f"{one}/comments"),
        **pages_about(caller, order),
    }
    return {name: _plain(answer) for name, answer in ways.items()}


def pages_about(caller: Caller, order: str) -> dict[str, TestResponse]:
    """Return the pages that could say something about one order."""
    paths = {
        "page": f"/o/order/{order}", "page_list": "/o/order", "page_words": "/o/order?q=secret7",
        "page_search": "/search?q=secret7", "page_sort": f"/o/order?sort={HIDDEN}",
        "page_edit": f"/o/order/{order}/edit", "page_history": f"/o/order/{order}/history",
        "page_csv": "/o/order/export.csv",
    }  # fmt: skip
    return {name: caller.get_page(path) for name, path in paths.items()}


def _plain(answer: TestResponse) -> tuple[int, str, str | None]:
    """Return an answer without what is new in every answer."""
    text = re.sub(r'nonce="[^"]*"|name="_key" value="[^"]*"', "", answer.get_data(as_text=True))
    return (answer.status_code, text, answer.headers.get("ETag"))


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
        seen.append(answers_about(tech, order))

    differing = [name for name in seen[0] if seen[0][name] != seen[1][name]]

    assert differing == [], [(seen[0][name], seen[1][name]) for name in differing]
    assert all(status < 500 for status, _, _ in seen[0].values())


def test_19_a_workbook_of_either_is_the_same(depot: Depot) -> None:
    tech, order = depot.caller(TECH), depot.order(TECH, title="Book", internal_cost="8.88")

    seen = load_workbook(io.BytesIO(tech.get(f"{ORDERS}/export.xlsx").get_data())).active
    twin = depot.caller(MGR).get(f"{ORDERS}/export.xlsx").get_data()

    rows = [[cell.value for cell in row] for row in seen.iter_rows()]
    assert HIDDEN not in rows[0]
    assert order in [row[0] for row in rows]
    assert HIDDEN in [cell.value for cell in next(load_workbook(io.BytesIO(twin)).active.rows)]


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
