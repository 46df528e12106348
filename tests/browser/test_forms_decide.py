"""Forms that decide themselves: what is shown, required and filled in, without the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.test_office import Place, enter
from tests.fakes.offers import fill_offers


@pytest.fixture
def form(page: Page, offers: Place) -> Page:
    """Open the form of a new offer."""
    made, address = offers
    fill_offers(made)
    enter(page, address, "Sally")
    open_form(page, f"{address}/o/offer/new")
    return page


def open_form(page: Page, address: str) -> None:
    """Open a form and wait until its script is there."""
    with page.expect_response(re.compile(r"/assets/form-")):
        page.goto(address)
    page.wait_for_load_state("networkidle")


@contextmanager
def asking_nothing(page: Page) -> Iterator[None]:
    """Fail when the page sends a request meanwhile; a picker that is entered offers records."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if "/pick/" not in request.url:
            sent.append(request.url)

    page.on("request", note)
    yield
    page.remove_listener("request", note)
    assert sent == []


def pick(page: Page, label: str, typed: str) -> None:
    page.get_by_label(label, exact=True).first.fill(typed)
    page.get_by_role("option", name=typed).first.click()


def pick_client(page: Page, name: str) -> None:
    """Choose a client; a condition over what is masked asks the server then."""
    with page.expect_response("**/o/offer/form?id="):
        pick(page, "Client", name)


def label_of(page: Page, key: str) -> str:
    return page.locator(f"label[for=f-{key}]").get_attribute("class") or ""


def test_what_is_typed_shows_requires_and_computes_without_a_request(form: Page) -> None:
    expect(form.get_by_label("Reason")).to_be_hidden()

    with asking_nothing(form):
        form.get_by_label("Urgency").select_option("high")
        expect(form.get_by_label("Reason")).to_be_visible()
        assert "required" in label_of(form, "reason") and "required" in label_of(form, "client")
        form.get_by_label("Urgency").select_option("normal")
        expect(form.get_by_label("Reason")).to_be_hidden()
        form.get_by_label("Amount", exact=True).fill("12,000")
        form.get_by_label("Discount").fill("2.5")
        expect(form.locator("#f-net")).to_have_text("€11,700.00")
        form.get_by_label("Effort").fill("9h")
        expect(form.get_by_label("Crew")).to_be_visible()


def test_it_goes_on_without_a_connection(form: Page) -> None:
    form.context.set_offline(True)

    form.get_by_label("Urgency").select_option("high")
    expect(form.get_by_label("Reason")).to_be_visible()
    form.get_by_label("Due").fill("2026-03-01")
    expect(form.get_by_label("Why so early")).to_be_visible()
    form.get_by_label("Due").fill("2026-03-02")

    expect(form.get_by_label("Why so early")).to_be_hidden()


def test_what_is_hidden_is_not_sent_and_what_is_shown_is_judged(form: Page) -> None:
    form.get_by_label("Title").fill("An offer")
    form.get_by_label("Urgency").select_option("high")
    form.get_by_label("Reason").fill("the line is down")
    form.get_by_label("Urgency").select_option("normal")
    form.get_by_role("button", name="Save", exact=True).click()

    expect(form.get_by_role("heading", name="An offer")).to_be_visible()
    expect(form.get_by_text("the line is down")).to_have_count(0)


def test_a_picked_record_fills_what_nobody_has_touched(form: Page) -> None:
    form.get_by_label("Title").fill("An offer")
    expect(form.get_by_label("Pieces")).to_have_value("1")

    pick_client(form, "Rich")

    expect(form.get_by_label("Pieces")).to_have_value("10")
    expect(form.get_by_label("Country")).to_have_value("Abroad")
    expect(form.locator("#f-tier")).to_have_text("Gold")
    form.get_by_label("Pieces").fill("3")
    pick_client(form, "Poor")
    expect(form.get_by_label("Country")).to_have_value("Home")
    expect(form.get_by_label("Pieces")).to_have_value("3")


def test_what_lies_behind_an_unknown_record_waits_for_the_connection(form: Page) -> None:
    form.get_by_label("Amount", exact=True).fill("5000")
    form.get_by_label("Discount").fill("0")
    form.get_by_label("Client", exact=True).fill("Po")
    expect(form.get_by_role("option", name="Poor")).to_be_visible()

    form.context.set_offline(True)
    form.get_by_role("option", name="Poor").click()
    form.get_by_label("Amount", exact=True).fill("6000")
    form.get_by_label("Urgency").select_option("high")
    expect(form.get_by_label("Reason")).to_be_visible()

    # Whether 6,000 is beyond a limit that is not known nobody can say, so nothing changes.
    expect(form.get_by_label("Approval")).to_be_hidden()
    form.context.set_offline(False)
    expect(form.get_by_label("Approval")).to_be_visible()


def test_rows_fill_and_add_themselves_up(form: Page) -> None:
    pick(form, "Article", "Crate")

    expect(form.locator("[name='lines.0.price']")).to_have_value("450.00")
    expect(form.locator("[name='lines.0.quantity']")).to_have_value("1")
    expect(form.locator("[id='f-lines.0.sum']")).to_have_text("€450.00")
    expect(form.locator("#f-total")).to_have_text("€450.00")
    with asking_nothing(form):
        form.locator("[name='lines.0.quantity']").fill("12")
        expect(form.locator("#f-total")).to_have_text("€5,400.00")
        expect(form.locator("[name='lines.0.remark']")).to_be_visible()
        form.get_by_role("button", name="Add a row").click()
        form.locator("[name$='.price']").nth(1).fill("100")
        expect(form.locator("#f-total")).to_have_text("€5,500.00")
    expect(form.get_by_label("Freight")).to_be_visible()


def test_an_input_gives_way_to_what_it_holds_when_it_becomes_read_only(form: Page) -> None:
    form.get_by_label("Remarks").fill("as agreed")

    with asking_nothing(form):
        form.get_by_label("Title").fill("A title of more than twenty signs")
        expect(form.get_by_label("Remarks")).to_be_hidden()
        expect(form.locator("#d-remarks output")).to_have_text("as agreed")
        form.get_by_label("Title").fill("Short")

    expect(form.get_by_label("Remarks")).to_have_value("as agreed")


def test_what_reads_a_masked_field_is_still_asked_of_the_server(form: Page) -> None:
    assert "secret" not in form.locator("script[data-form-logic]").inner_text()

    pick_client(form, "Rich")

    expect(form.get_by_label("Risk")).to_have_count(0)


def test_a_form_without_scripts_shows_what_the_server_decides(
    browser: Browser, page: Page, offers: Place
) -> None:
    made, address = offers
    offer = fill_offers(made)
    enter(page, address, "Sally")
    state = page.context.storage_state()
    plain = browser.new_context(java_script_enabled=False, storage_state=state).new_page()

    plain.goto(f"{address}/o/offer/{offer}/edit")

    expect(plain.get_by_label("Reason")).to_be_visible()
    expect(plain.get_by_label("Crew")).to_be_hidden()
    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.get_by_role("heading", name="First")).to_be_visible()
    plain.context.close()
