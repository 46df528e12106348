"""Checks B: dynamic queries; each has a lawful twin, or a refusal would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.fakes.depot import Caller, Depot
from tests.hostile.surface import CUST, CUSTOMERS, HIDDEN, HIDDEN_BEHIND, MGR, ORDERS, TECH

INJECTIONS = (
    "id;select+pg_sleep(5)", "(select 1)", "-1", "1", "id desc", "id--", "id/**/", "'", '"', "`",
    "title; drop table r_order", "title) or 1=1 --", "title nulls first", "rowid", "ctid",
    "sqlite_version()", "random()", "*", "r_order.f_title", "f_title", "title,,", "\u0000",
    "__class__", "..", "customer..name",
)  # fmt: skip


def quick(caller: Caller, path: str, **query: str) -> TestResponse:
    """Return an answer that is no fault; `conftest` holds every answer to five seconds."""
    answer = caller.get(path, **query)
    assert answer.status_code < 500
    return answer


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("parameter", ["sort", "fields", "view", "cursor"])
def test_10_a_name_that_is_none_is_refused_quickly(depot: Depot, parameter: str, text: str) -> None:
    mara = depot.caller(MGR)

    refused = quick(mara, ORDERS, **{parameter: text})
    twin = quick(mara, ORDERS, sort="-title", fields="title", view="open_orders")

    if text != "title,,":  # an empty name between commas is no name
        assert refused.status_code == 422
    assert {"Lamps", "Desks", "Chairs"} <= {one["title"] for one in twin.json["items"]}


@pytest.mark.parametrize("parameter", ["sort", "fields"])
@pytest.mark.parametrize("login", [TECH, CUST])
def test_10_unknown_and_hidden_names_get_the_same_answer(
    depot: Depot, login: str, parameter: str
) -> None:
    caller = depot.caller(login)

    unknown = quick(caller, ORDERS, **{parameter: "external_cost"})
    hidden = quick(caller, ORDERS, **{parameter: HIDDEN})

    assert unknown.status_code == hidden.status_code == 422
    assert _alike(unknown, hidden, "external_cost", HIDDEN)


def _alike(unknown: TestResponse, hidden: TestResponse, name: str, secret: str) -> bool:
    """Tell whether two refusals are the same but for the name that was asked for."""
    return unknown.get_data(as_text=True).replace(name, "?") == hidden.get_data(
        as_text=True
    ).replace(secret, "?")


@pytest.mark.parametrize(
    "text",
    [
        "1=1 --", "title = 'a' or 1=1", 'title = "a" or', "{}", '{"status":{"$raw":"1=1"}}', "[]",
        'title = "a"; drop table r_order', "exists(select 1)", "id in (select id from r_user)",
        "true) or (true", 'title = "a" union select 1', "1", '"text"', "title", "amount", "null",
        "now()", "record", "user",
    ],
)  # fmt: skip
def test_11_a_filter_that_is_no_condition_never_means_all_rows(depot: Depot, text: str) -> None:
    answer = quick(depot.caller(MGR), ORDERS, filter=text)

    assert answer.status_code == 422 or answer.json["items"] == []


def test_11_lists_in_filters_are_bounded_and_an_empty_one_finds_nothing(depot: Depot) -> None:
    mara = depot.caller(MGR)

    empty = quick(mara, ORDERS, filter="title in []")
    many = quick(mara, ORDERS, filter="amount in [" + ",".join(["1"] * 100_000) + "]")
    twin = quick(mara, ORDERS, filter='title in ["Chairs", "Desks"]')

    assert empty.status_code == 422 or empty.json["items"] == []
    assert many.status_code == 422
    assert {one["title"] for one in twin.json["items"]} == {"Chairs", "Desks"}


SIGNS = ("'", '"', "\\", "%", "_", "100%", "a_b", "O'Neil", 'say "x"', "\\%", "--", "/*", "工单'%_")


@pytest.mark.parametrize("sign", SIGNS)
def test_12_signs_of_sql_are_characters(depot: Depot, sign: str) -> None:
    mara = depot.caller(MGR)
    mara.post(ORDERS, {"title": f"has {sign} in it"})
    quoted = sign.replace("\\", "\\\\").replace('"', '\\"')

    equal = quick(mara, ORDERS, filter=f'title = "has {quoted} in it"', fields="title")
    part = quick(mara, ORDERS, filter=f'contains(title, "{quoted} in")', fields="title")
    begins = quick(mara, ORDERS, filter=f'starts with(title, "has {quoted}")', fields="title")

    for answer in (equal, part, begins):
        assert [one["title"] for one in answer.json["items"]] == [f"has {sign} in it"]


@pytest.mark.parametrize("sign", ["%", "_", "*", "?", "\\"])
def test_12_a_wildcard_is_none(depot: Depot, sign: str) -> None:
    mara, quoted = depot.caller(MGR), sign.replace("\\", "\\\\")

    found = quick(mara, ORDERS, filter=f'contains(title, "C{quoted}rs")')
    searched = quick(mara, ORDERS, search=f"C{sign}rs")

    assert (found.json["items"], searched.json["items"]) == ([], [])


@pytest.mark.parametrize("text", ["\x00", "a\x00b"])
@pytest.mark.parametrize("parameter", ["filter", "search", "cursor", "view", "sort"])
def test_12_nul_is_refused(depot: Depot, parameter: str, text: str) -> None:
    assert quick(depot.caller(MGR), ORDERS, **{parameter: text}).status_code == 422


@pytest.mark.parametrize("parameter", ["search", "filter", "sort", "cursor"])
def test_12_bytes_that_are_no_utf8_find_nothing(depot: Depot, parameter: str) -> None:
    answer = depot.caller(MGR)("GET", f"{ORDERS}?{parameter}=%ed%a0%80")

    assert answer.status_code == 422 or answer.json["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "*", "customer.*", "customer.*.*.*", "__dict__", "customer.__class__", "record.title",
        "customer.orders.customer.orders.customer.orders.customer.orders.customer.orders.customer",
    ],
)  # fmt: skip
def test_13_paths_are_names_and_not_endless(depot: Depot, path: str) -> None:
    assert quick(depot.caller(MGR), ORDERS, fields=path).status_code == 422


@pytest.mark.parametrize("login", [TECH, CUST])
def test_13_hidden_fields_are_absent(depot: Depot, login: str) -> None:
    caller = depot.caller(login)

    page = quick(caller, ORDERS)
    one = quick(caller, f"{ORDERS}/{page.json['items'][0]['id']}")

    for record in (*page.json["items"], one.json):
        assert not {HIDDEN, "remark"} & set(record)
    assert "1234.56" not in page.get_data(as_text=True) + one.get_data(as_text=True)


@pytest.mark.parametrize("path", [HIDDEN, HIDDEN_BEHIND])
@pytest.mark.parametrize(
    "parameter", ["group_by", "having", "aggregate[max]", "distinct", "expand"]
)
def test_14_there_is_no_aggregate_to_ask_through(depot: Depot, parameter: str, path: str) -> None:
    assert quick(depot.caller(TECH), ORDERS, **{parameter: path}).status_code == 422


def test_14_a_count_cannot_be_asked_about_a_hidden_field(depot: Depot) -> None:
    tech = depot.caller(TECH)

    refused = quick(tech, ORDERS, filter=f"{HIDDEN} > 5", count="1")
    twin = quick(depot.caller(MGR), ORDERS, filter=f"{HIDDEN} > 5", count="1")

    assert (refused.status_code, twin.json["total"] >= 3) == (422, True)


@pytest.mark.parametrize(
    "query",
    [{"limit": "-1"}, {"limit": "1e9"}, {"limit": "1000000000"}, {"limit": "NaN"}, {"limit": "１"},
     {"offset": "1000000000000"}, {"page": "NaN"}, {"cursor": "e30"}, {"cursor": "A" * 4000},
     {"cursor": "=" * 10}, {"cursor": "\u00e9"}],
)  # fmt: skip
def test_15_pages_cannot_be_forged(depot: Depot, query: dict[str, str]) -> None:
    assert quick(depot.caller(MGR), ORDERS, **query).status_code == 422


def test_15_a_cursor_belongs_to_its_person_and_question(depot: Depot) -> None:
    mara = depot.caller(MGR)
    depot.order("mara")
    cursor = quick(mara, ORDERS, limit="1", sort="title").json["next_cursor"]

    twin = quick(mara, ORDERS, limit="1", sort="title", cursor=cursor)
    other_person = quick(depot.caller(TECH), ORDERS, limit="1", sort="title", cursor=cursor)
    other_question = quick(mara, ORDERS, limit="1", sort="-title", cursor=cursor)
    other_object = quick(mara, CUSTOMERS, limit="1", cursor=cursor)
    altered = quick(mara, ORDERS, limit="1", sort="title", cursor=cursor[:-2] + "AA")

    assert twin.status_code == 200
    assert {one.status_code for one in (other_person, other_question, other_object, altered)} == {
        422
    }


BAD_VIEW: dict[str, Any] = {
    "where": "where: '{text}'",
    "sort": "sort: ['{text}']",
    "columns": "columns: ['{text}']",
}


@pytest.mark.parametrize("key", list(BAD_VIEW))
@pytest.mark.parametrize("text", ["(select 1)", "id;select+pg_sleep(5)", "nope", "1=1 --"])
def test_16_a_saved_view_with_such_texts_is_refused_when_saved(
    depot: Depot, key: str, text: str
) -> None:
    line = BAD_VIEW[key].format(text=text)
    files = {
        "app.yaml": "app: extra\nversion: 1.0.0\nlabel: {en: Extra}\nlanguage: en\n",
        "views.yaml": f"views:\n  bad:\n    object: order\n    label: {{en: Bad}}\n    {line}\n",
    }
    twin = {**files, "views.yaml": files["views.yaml"].replace(line, "where: 'amount > 1'")}
    designer = depot.caller("dan")

    checked = designer.post("/packages/check", {"files": files})
    applied = designer.post("/packages/apply", {"files": files})
    lawful = designer.post("/packages/check", {"files": twin})

    assert checked.status_code == applied.status_code == 422
    assert lawful.json["ok"] is True
