"""Home, inbox, search and notifications."""

from __future__ import annotations

import re
from dataclasses import replace

from flask.testing import FlaskClient
from trellis.engine.errors import ConflictError
from trellis.metadata.model.access import HomeCard, MenuItem, MenuSection, Role
from trellis.metadata.model.pages import View

from tests.fakes.desk import HERE, label
from tests.fakes.pages_site import PagesInMemory, furnished

LEAD = Role(
    "lead",
    label("Lead", "主管"),
    HERE,
    menu=(
        MenuSection(
            label("Money", "款项"), (MenuItem("object", "invoice", label("Bills", "账单"), HERE),)
        ),
    ),
    home=(HomeCard("count", "mine", label("My invoices", "我的发票"), HERE),),
)
MINE = View("mine", "invoice", label("Mine", "我的"), HERE)


def test_home_shows_tasks_recent_records_and_notifications(client: FlaskClient) -> None:
    html = client.get("/").text

    assert "Approve the discount" in html
    assert "Recently worked on" in html
    assert "Invoice overdue" in html


def test_home_and_menu_are_those_of_the_role(client: FlaskClient, desk: PagesInMemory) -> None:
    desk.catalog = replace(desk.catalog, version=3, roles={"lead": LEAD}, views={"mine": MINE})
    desk.roles = frozenset({"lead"})

    html = client.get("/").text

    assert '<span class="text">Bills</span>' in html
    assert "Customers</span>" not in html
    assert re.search(r'href="/o/invoice\?view=mine"><b>60</b><span>My invoices</span>', html)


def test_home_is_never_an_empty_page() -> None:
    html = PagesInMemory().app().test_client().get("/").text

    assert "Nothing waits for you" in html
    assert "What you create or change is listed here." in html


def test_a_task_that_is_late_looks_late(client: FlaskClient) -> None:
    assert 'class="when late"' in client.get("/inbox").text


def test_approving_in_place_sends_the_revision_and_the_request(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    dialog = client.get("/inbox/t1/approve", headers={"HX-Request": "true"}).text
    key = re.search(r'name="_key" value="([^"]+)"', dialog)
    assert key is not None

    answer = client.post(
        "/inbox/t1/approve",
        data={"_rev": "1", "_key": key[1], "_comment": "fine", "urgency": "low"},
    )

    task_id, sent = desk.tasks.answers[-1]
    assert (task_id, sent.action, sent.comment, sent.rev) == ("t1", "approve", "fine", 1)
    assert sent.request_id == key[1]
    assert sent.values == {"urgency": "low"}
    assert answer.status_code == 303


def test_rejecting_needs_a_reason(client: FlaskClient, desk: PagesInMemory) -> None:
    answer = client.post("/inbox/t1/reject", data={"_rev": "1", "_comment": " "})

    assert answer.status_code == 422
    assert "needs a reason" in answer.text
    assert desk.tasks.answers == []


def test_the_page_of_a_task_decides_too(client: FlaskClient, desk: PagesInMemory) -> None:
    html = client.get("/inbox/t1").text
    client.post("/inbox/t1", data={"_do": "approve", "_rev": "1", "_comment": "ok"})

    assert "空调机组季度保养费用" in html
    assert desk.tasks.answers[-1][1].action == "approve"


def test_an_action_that_is_not_offered_is_refused(client: FlaskClient, desk: PagesInMemory) -> None:
    client.application.register_error_handler(Exception, lambda error: (str(error), 404))

    assert client.post("/inbox/t0/approve").status_code == 404
    assert client.post("/inbox/t1", data={"_do": "delete"}).status_code == 404
    assert desk.tasks.answers == []


def test_a_task_somebody_else_decided_says_so(client: FlaskClient, desk: PagesInMemory) -> None:
    desk.tasks.refuse = ConflictError("ALREADY_DECIDED", "John Carter approved this already")

    answer = client.post("/inbox/t1/approve", data={"_rev": "1"})

    assert answer.status_code == 422
    assert "John Carter approved this already" in answer.text


def test_search_finds_across_objects(client: FlaskClient) -> None:
    html = client.get("/search?q=i").text

    assert "Acme Industrial Ltd" in html
    assert "Training day for operators" in html


def test_search_for_nothing_known_says_so(client: FlaskClient) -> None:
    assert "Nothing found" in client.get("/search?q=zzzz").text


def test_notifications_are_marked_as_read(client: FlaskClient, desk: PagesInMemory) -> None:
    client.post("/notifications/read")

    assert desk.notes.unread() == 0


def test_pages_speak_chinese_throughout() -> None:
    desk = furnished()
    desk.locale = "zh-CN"
    client = desk.app().test_client()

    for address in ("/", "/inbox", "/o/invoice", "/o/invoice/i6", "/o/invoice/new", "/search"):
        html = client.get(address).text
        for english in (">Save<", ">Search<", ">Inbox<", ">Edit<", ">Next page<", ">Activity<"):
            assert english not in html, (address, english)
