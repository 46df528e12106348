"""How often the database is asked: never once for each row, whatever a list shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from trellis.engine import query, records

from tests.integration.engine.conftest import House

SIMPLE = ("title", "client", "client.name", "client.region", "status", "amount", "double")
#: A formula without a column, a list of people, and owned rows: what lies behind a row.
DEEP = (*SIMPLE, "words", "helpers", "parts")


@contextmanager
def asked_of(house: House) -> Iterator[list[str]]:
    """Collect the statements that the engine runs meanwhile."""
    statements: list[str] = []
    engine = house.app.database.engine

    def hear(*heard: object) -> None:
        statements.append(str(heard[2]))

    sa.event.listen(engine, "before_cursor_execute", hear)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", hear)


@pytest.fixture
def filled(house: House) -> House:
    client = house.ids["acme"]
    for number in range(12):
        house.create("system", "case", {
            "title": f"case {number}", "client": client, "amount": number,
            "helpers": [house.ids["li"], house.ids["wu"]],
            "parts": [{"name": f"part {number} {part}"} for part in range(3)],
        })  # fmt: skip
    return house


def page_costs(house: House, fields: tuple[str, ...], limit: int) -> int:
    with house.app.workspace.reading(house.who("system")) as tx, asked_of(house) as statements:
        page = query.page(tx, "case", query.PageRequest(fields=fields, limit=limit))
    assert len(page.items) == limit
    return len(statements)


def test_a_page_with_labels_is_one_statement(filled: House) -> None:
    assert page_costs(filled, SIMPLE, 1) == page_costs(filled, SIMPLE, 12) == 1


def test_formulas_and_lists_of_a_page_are_read_for_all_rows_at_once(filled: House) -> None:
    one, many = page_costs(filled, DEEP, 1), page_costs(filled, DEEP, 12)

    # The page, its records (for formulas), links, people's names, parts.
    assert one == many <= 6


def test_what_is_read_at_once_is_what_is_read_for_one(filled: House) -> None:
    page = filled.page("system", fields=DEEP, limit=12)

    for item in page.items:
        alone = filled.get("system", "case", item["id"])
        assert {key: alone[key] for key in ("words", "helpers", "parts")} == {
            key: item[key] for key in ("words", "helpers", "parts")
        }
        assert item["words"].startswith("case C-")
        assert [person["title"] for person in item["helpers"]] == ["Li", "Wu"]
        assert len(item["parts"]) == 3


def test_a_count_joins_nothing_and_is_one_statement_more(filled: House) -> None:
    with filled.app.workspace.reading(filled.who("system")) as tx, asked_of(filled) as statements:
        query.page(tx, "case", query.PageRequest(fields=SIMPLE, count=True))

    counting = [text for text in statements if "count(" in text]
    assert len(statements) == 2
    assert [text.count("JOIN") for text in counting] == [0]


def test_writing_asks_once_for_all_that_is_named(filled: House) -> None:
    client = filled.ids["bond"]
    values = {"title": "new", "client": client, "amount": 5}
    writing = filled.app.workspace.transaction
    with writing(filled.who("system")) as tx, asked_of(filled) as statements:
        case = records.create(tx, "case", values)
    with writing(filled.who("system")) as tx, asked_of(filled) as changing:
        records.update(tx, "case", case, {"title": "newer"}, rev=1)

    first_words = [text.split()[0] for text in changing]
    # On PostgreSQL the row and its history are one statement.
    assert first_words in (["SELECT", "UPDATE", "INSERT"], ["SELECT", "WITH"])
    assert sum("trellis_history" in text and "INSERT" in text for text in statements) == 1
