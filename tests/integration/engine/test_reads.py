"""Reads through the one door: filters, scopes, masks, paging."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from trellis.engine import query
from trellis.engine.errors import InvalidError, NotFoundError

from tests.integration.engine.conftest import House


@pytest.fixture
def filled(house: House) -> House:
    acme, bond = house.ids["acme"], house.ids["bond"]
    house.create("li", "case", {"title": "泵坏了 pump", "client": acme, "amount": "12.34",
                                "helpers": [house.ids["li"]], "due": "2026-03-05"})  # fmt: skip
    house.create("system", "case", {"title": "abroad", "client": bond, "amount": 5})
    house.create("system", "case", {"title": "empty", "client": acme})
    return house


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("amount > 12", ["泵坏了 pump"]),
        ("amount * 2 > 20", ["泵坏了 pump"]),
        ("amount = null", ["empty"]),
        ("not(amount > 6)", ["abroad"]),
        ("amount != 5", ["empty", "泵坏了 pump"]),
        ("not(amount in (5, 7))", ["empty", "泵坏了 pump"]),
        ("amount in [5..13)", ["abroad", "泵坏了 pump"]),
        ('client.name = "Acme"', ["empty", "泵坏了 pump"]),
        ('client.region.parent.name = "CN"', ["empty", "泵坏了 pump"]),
        ("client.region.parent = null", ["abroad"]),
        ('some h in helpers satisfies h.login = "li"', ["泵坏了 pump"]),
        ("count(helpers) = 0", ["abroad", "empty"]),
        ('every h in helpers satisfies h.login = "li"', ["abroad", "empty", "泵坏了 pump"]),
        ("sum(client.cases.amount) = null", ["empty", "泵坏了 pump"]),
        ('contains(title, "pump")', ["泵坏了 pump"]),
        ('starts with(title, "a") or amount = null', ["abroad", "empty"]),
        ('due = date("2026-03-05")', ["泵坏了 pump"]),
        ('due < today() + duration("P7D")', ["泵坏了 pump"]),
        ('status in ("new", "open")', ["abroad", "empty", "泵坏了 pump"]),
        ("helpers[1] = null", ["abroad", "empty"]),
    ],
)
def test_a_filter_keeps_its_rows(filled: House, condition: str, expected: list[str]) -> None:
    if condition.startswith("helpers["):
        with pytest.raises(InvalidError, match="cannot be SQL"):
            filled.titles("system", filter=condition)
        return

    assert filled.titles("system", filter=condition, sort=("title",)) == expected


def test_row_scopes_are_part_of_every_page(filled: House) -> None:
    assert sorted(filled.titles("li")) == ["empty", "泵坏了 pump"]
    assert len(filled.titles("cy")) == 3


@pytest.mark.parametrize(
    "request_part",
    [
        {"filter": "amount > 3"},
        {"filter": "client.total > 1"},
        {"sort": ("amount",)},
        {"fields": ("amount",)},
        {"fields": ("client.total",)},
        {"filter": "nothing_like_that > 3"},
    ],
)
def test_a_hidden_field_is_as_unknown_as_a_missing_one(
    filled: House, request_part: dict[str, object]
) -> None:
    with pytest.raises(InvalidError) as caught:
        filled.page("cy", **request_part)

    assert "no `" in caught.value.message or "no field" in caught.value.message


def test_a_hidden_field_in_a_loop_is_unknown_too(filled: House) -> None:
    condition = "some c in client.cases satisfies c.amount > 3"

    assert len(filled.titles("li", filter=condition)) == 2
    with pytest.raises(InvalidError):
        filled.titles("cy", filter=condition)


def test_hidden_fields_are_absent_from_records_and_history(filled: House) -> None:
    case = str(filled.page("li", search="pump").items[0]["id"])

    assert "amount" not in filled.get("cy", "case", case)
    with filled.app.workspace.reading(filled.who("cy")) as tx:
        entries = query.history(tx, "case", case)
    assert all("amount" not in entry["changes"] for entry in entries)


def test_a_person_without_rights_finds_no_object(filled: House) -> None:
    with pytest.raises(NotFoundError):
        filled.page("cy", "zone")


def test_pages_follow_each_other_without_gaps(filled: House) -> None:
    for number in range(7):
        filled.create("li", "case", {"title": f"t{number}", "client": filled.ids["acme"],
                                     "amount": number % 3})  # fmt: skip
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = filled.page("system", sort=("amount", "-title"), limit=3, cursor=cursor)
        seen += [str(item["title"]) for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == filled.titles("system", sort=("amount", "-title"), limit=100)
    assert len(seen) == 10


def test_a_cursor_is_good_for_its_own_question_only(filled: House) -> None:
    cursor = filled.page("system", limit=1).next_cursor

    with pytest.raises(InvalidError, match="not a cursor of this list"):
        filled.page("li", limit=1, cursor=cursor)


def test_search_finds_chinese_inside_words(filled: House) -> None:
    assert filled.titles("system", search="坏了") == ["泵坏了 pump"]
    assert filled.titles("system", search="PUMP 泵") == ["泵坏了 pump"]
    assert filled.titles("system", search="%") == []


def test_a_page_of_records_costs_one_statement(filled: House) -> None:
    statements: list[str] = []
    engine = filled.app.database.engine
    with filled.app.workspace.reading(filled.who("cy")) as tx:
        sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        query.page(tx, "case", query.PageRequest(fields=("title", "client.name", "client")))

    assert len(statements) == 1 + statements.count("ROLLBACK")


def test_a_count_is_given_only_when_asked_for(filled: House) -> None:
    assert filled.page("system").total is None
    assert filled.page("system", count=True, limit=1).total == 3
