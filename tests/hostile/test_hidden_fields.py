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
        "csv": caller.get(f"{ORDERS}/export.csv"),
        "csv_named": caller.get(f"{ORDERS}/export.csv", fields=HIDDEN),
        "csv_filter": caller.get(f"{ORDERS}/export.csv", filter=cost),
        "xlsx_sort": caller.get(f"{ORDERS}/export.xlsx", sort=HIDDEN),
        "import": caller(
            "POST",
            f"{ORDERS}/import",
            data=f"title,{HIDDEN}\nx,5\n".encode(),
            content_type="text/csv",
        ),
        "files": caller.get(f"{ORDERS}/{order}/files"),
        "comments": caller.get(f"{ORDERS}/{order}/comments"),
        "own": caller.get(ORDERS, filter=f"user.manager.{HIDDEN} > 5"),
    }
    pages = {
        "page": caller.get_page(f"/o/order/{order}"),
        "page_list": caller.get_page("/o/order"),
        "page_search": caller.get_page("/search?q=secret7"),
        "page_words": caller.get_page("/o/order?q=secret7"),
        "page_sort": caller.get_page(f"/o/order?sort={HIDDEN}"),
        "page_edit": caller.get_page(f"/o/order/{order}/edit"),
        "page_history": caller.get_page(f"/o/order/{order}/history"),
        "page_csv": caller.get_page("/o/order/export.csv"),
    }
    return {name: _plain(answer) for name, answer in {**ways, **pages}.items()}


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
        seen.append(answers_about(depot, tech, order))

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
