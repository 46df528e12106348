"""What scripts add to pages that work without them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served


def go(page: Page, served: Served, path: str) -> None:
    page.goto(served.address + path)
    page.wait_for_selector("html[data-ready]")


def test_a_transition_opens_as_a_dialog_and_leads_back(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice/i6")

    page.get_by_role("link", name="Mark as paid").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Issued").fill("2026-03-02")
    dialog.get_by_label("Comment").fill("by bank")
    dialog.get_by_role("button", name="Mark as paid").click()

    expect(page.get_by_text("Done: Mark as paid")).to_be_visible()
    assert served.desk.records.written[-1][3] == "pay"


def test_a_refused_dialog_stays_open_beside_its_mistake(page: Page, served: Served) -> None:
    go(page, served, "/inbox")

    page.get_by_role("link", name="Reject").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Reject").click()

    expect(dialog.get_by_text("needs a reason")).to_be_visible()
    expect(dialog.get_by_label("Comment")).to_be_focused()
    assert served.desk.tasks.answers == []


def test_escape_closes_a_dialog(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice/i6")
    page.get_by_role("link", name="Mark as paid").click()
    expect(page.get_by_role("dialog")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_picker_finds_and_takes_a_record_by_keyboard(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice/new")

    page.get_by_label("Title").fill("Offer")
    box = page.get_by_label("Customer")
    box.fill("nord")
    expect(page.get_by_role("option", name="Nordwind GmbH")).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("Nordwind GmbH")
    page.get_by_role("button", name="Save", exact=True).click()

    page.wait_for_url("**/o/invoice/invoice-61")
    assert served.desk.records.written[-1][2]["customer"] == "c3"  # type: ignore[index]


def test_a_condition_changes_the_form_and_keeps_what_was_typed(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice/new")
    page.get_by_label("Title").fill("Offer")
    expect(page.get_by_label("Reason")).to_be_hidden()

    page.get_by_label("Urgency").select_option("high")

    expect(page.get_by_label("Reason")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Offer")


def test_the_first_mistake_is_focused(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice/new")
    page.get_by_label("Title").fill("Offer")
    page.get_by_label("Customer").fill("nord")
    page.get_by_role("option", name="Nordwind GmbH").click()
    page.get_by_label("Amount").fill("lots")

    page.get_by_role("button", name="Save", exact=True).click()

    page.wait_for_selector("form[data-invalid]")
    expect(page.get_by_label("Amount")).to_be_focused()


def test_rows_are_added_in_place(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice/new")

    page.get_by_role("button", name="Add a row").click()
    page.get_by_label("Item").nth(1).fill("Drive")
    page.get_by_label("Title").fill("Offer")
    page.get_by_role("button", name="Save", exact=True).click()

    page.wait_for_url("**/o/invoice/invoice-61")
    assert served.desk.records.written[-1][2]["lines"][0]["item"] == "Drive"  # type: ignore[index]


def test_the_keyboard_walks_a_list_and_opens_a_row(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url("**/o/invoice/i1")


def test_x_selects_a_row_and_offers_what_can_be_done(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice")
    expect(page.get_by_role("toolbar")).to_be_hidden()

    page.keyboard.press("j")
    page.keyboard.press("x")

    expect(page.get_by_text("1 selected")).to_be_visible()


def test_slash_searches_and_letters_are_typed_there(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice")

    page.keyboard.press("/")
    page.keyboard.type("drive")

    expect(page.locator("#list tbody tr")).to_have_count(8)
    expect(page).to_have_url(re.compile(r"q=drive"))
    expect(page.get_by_placeholder("Search in Invoices")).to_be_focused()


@pytest.mark.parametrize(("keys", "path"), [("gi", "/inbox"), ("gh", "/"), ("n", "/o/invoice/new")])
def test_shortcuts_go_places(page: Page, served: Served, keys: str, path: str) -> None:
    go(page, served, "/o/invoice")

    for key in keys:
        page.keyboard.press(key)

    page.wait_for_url(served.address + path)


def test_the_question_mark_shows_the_shortcuts(page: Page, served: Served) -> None:
    go(page, served, "/inbox")

    page.keyboard.press("?")

    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()


def test_a_click_beside_the_link_opens_the_row(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice")

    page.locator("#list tbody tr").nth(3).locator("td").last.click()

    page.wait_for_url("**/o/invoice/i3")


def test_a_comment_appears_without_leaving_the_page(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice/i6")

    page.get_by_label("Comment").fill("Call back on Monday")
    page.get_by_role("button", name="Send", exact=True).click()

    expect(page.locator("#activity").get_by_text("Call back on Monday")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("")


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice")
    menu = page.locator("details[data-menu]", has_text="Condition (FEEL)")

    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")


def test_unsaved_work_is_not_left_silently(page: Page, served: Served) -> None:
    go(page, served, "/o/invoice/new")
    page.get_by_label("Title").fill("Offer")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.get_by_role("link", name="Inbox").first.click()
    page.wait_for_url("**/inbox")

    assert asked == ["beforeunload"]


PAGES = (
    "/",
    "/inbox",
    "/inbox/t1",
    "/o/invoice",
    "/o/invoice/i6",
    "/o/invoice/i6/edit",
    "/o/invoice/i6/history",
    "/o/invoice/i6/t/pay",
    "/search?q=a",
    "/notifications",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_small_phone(browser: Browser, served: Served, path: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    made = context.new_page()
    made.goto(served.address + path)

    wide = made.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    context.close()

    assert wide == 0


@pytest.mark.parametrize("path", PAGES)
def test_every_page_reads_and_writes_without_scripts(
    browser: Browser, served: Served, path: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    made = context.new_page()

    answer = made.goto(served.address + path)
    assert answer is not None
    assert answer.ok
    assert made.get_by_role("link", name="Home").first.is_visible()
    context.close()


def test_a_record_is_created_without_scripts(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    made = context.new_page()
    made.goto(f"{served.address}/o/invoice/new")

    made.get_by_label("Title").fill("Offer")
    made.get_by_label("Customer").fill("Nordwind")
    made.get_by_role("button", name="Save", exact=True).click()

    made.wait_for_url("**/o/invoice/invoice-61")
    context.close()
    assert served.desk.records.written[-1][2] == {
        "title": "Offer",
        "customer": "c3",
        "urgency": "normal",
        "paid": False,
    }
