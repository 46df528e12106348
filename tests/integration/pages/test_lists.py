"""The list of an object's records."""

from __future__ import annotations

from dataclasses import replace

from flask.testing import FlaskClient
from trellis.metadata.model.pages import SortKey, View
from trellis.metadata.model.texts import ExpressionText

from tests.fakes.desk import HERE, label
from tests.fakes.pages_site import FULL, PagesInMemory

OPEN = View(
    "open",
    "invoice",
    label("Open", "未结"),
    HERE,
    where=ExpressionText('status != "paid"', HERE),
    columns=("title", "customer.name", "amount"),
    sort=(SortKey("due_at", descending=True),),
)


def page(client: FlaskClient, address: str, status: int = 200, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == status
    return answer.text


def test_a_list_shows_fifty_rows_and_leads_to_the_next(client: FlaskClient) -> None:
    html = page(client, "/o/invoice")

    assert html.count('<tr><td class="pick">') == 50
    assert 'href="/o/invoice?cursor=next" rel="next"' in html


def test_a_view_gives_columns_order_and_condition(client: FlaskClient, desk: PagesInMemory) -> None:
    desk.catalog = replace(desk.catalog, version=2, views={"open": OPEN})

    html = page(client, "/o/invoice?view=open")

    _, ask = desk.records.asked[-1]
    assert ask.view == "open"
    assert ask.sort == ("-due_at",)
    assert ask.fields == ("title", "customer.name", "amount")
    assert '<a href="/o/invoice?view=open" aria-current="page">Open</a>' in html


def test_filters_of_the_address_reach_the_query_and_are_shown(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    html = page(client, "/o/invoice?f.urgency=high&filter=amount+%3E+5&q=drive")

    _, ask = desk.records.asked[-1]
    assert ask.filter == 'record.urgency in ("high") and (amount > 5)'
    assert ask.search == "drive"
    assert "Urgency <b>High</b>" in html
    assert 'href="/o/invoice?filter=amount+%3E+5&amp;q=drive"' in html


def test_a_condition_that_cannot_be_read_is_said_beside_the_box(client: FlaskClient) -> None:
    html = page(client, "/o/invoice?filter=broken")

    assert "the condition ends too early" in html


def test_a_script_gets_the_rows_only(client: FlaskClient) -> None:
    html = page(client, "/o/invoice?q=drive", **{"HX-Request": "true"})

    assert "<html" not in html
    assert "Spare drive" in html


def test_going_back_in_the_browser_gets_the_whole_page(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    assert "<html" in page(client, "/o/invoice", **headers)


def test_an_object_without_rights_is_not_there(client: FlaskClient, desk: PagesInMemory) -> None:
    desk.records.allowed["invoice"] = replace(FULL, read=False)

    client.application.register_error_handler(Exception, lambda error: (str(error), 404))

    assert "there is no such page" in page(client, "/o/invoice", 404)
    assert "there is no such page" in page(client, "/o/nothing", 404)


def test_a_masked_field_is_in_no_column_filter_or_heading(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    desk.records.allowed["invoice"] = replace(FULL, hidden=frozenset({"amount"}))

    html = page(client, "/o/invoice?f.amount.min=5&sort=-amount")

    assert "Amount" not in html
    assert "record.amount" not in desk.records.asked[-1][1].filter


def test_counting_is_done_only_when_asked(client: FlaskClient, desk: PagesInMemory) -> None:
    page(client, "/o/invoice")
    assert desk.records.asked[-1][1].count is False

    assert "50 of 60" in page(client, "/o/invoice?count=1")


def test_nobody_who_may_not_create_is_offered_to(client: FlaskClient, desk: PagesInMemory) -> None:
    desk.records.allowed["invoice"] = replace(FULL, create=False)

    assert "/o/invoice/new" not in page(client, "/o/invoice")


def test_an_empty_list_says_how_to_begin(client: FlaskClient, desk: PagesInMemory) -> None:
    desk.records.rows["invoice"] = {}

    html = page(client, "/o/invoice")

    assert "No records yet" in html
    assert 'href="/o/invoice/new"' in html


def test_bulk_tells_how_many_were_done_and_why_others_were_not(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    answer = client.post(
        "/o/invoice/bulk",
        data={"id": ["i1", "i2"], "transition": "send", "back": "//evil.example"},
        follow_redirects=True,
    )

    assert "2 records done." in answer.text
    assert answer.request.path == "/"
    assert [written[2] for written in desk.records.written] == ["i1", "i2"]


def test_the_columns_a_person_chose_stay_theirs_until_the_usual_ones_are_wanted(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    kept = client.post("/o/invoice/columns", data={"col": ["amount"], "back": "/o/invoice?q=a"})

    assert kept.location == "/o/invoice?q=a"
    page(client, "/o/invoice")
    assert desk.records.asked[-1][1].fields == ("amount",)
    client.post("/o/invoice/columns", data={"usual": "1"})
    page(client, "/o/invoice")
    assert len(desk.records.asked[-1][1].fields) > 1


def test_an_address_that_names_columns_means_those(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    client.post("/o/invoice/columns", data={"col": ["amount"]})

    page(client, "/o/invoice?col=title&col=urgency")

    assert desk.records.asked[-1][1].fields == ("title", "urgency")
