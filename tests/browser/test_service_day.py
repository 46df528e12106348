"""A day of the service app in a real browser: from the customer's call to the confirmed repair."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fakes.demo_site import ROOT

TITLE = "Compressor stops after ten minutes"
PICKED = {"Channel": "客服热线", "Customer": "Brandt", "Site": "Plant Suzhou"}
CAUSE = "磨损"


def enter(page: Page, address: str, login: str) -> None:
    """Step in as somebody, in English."""
    page.context.clear_cookies()
    page.goto(f"{address}/login")
    page.locator(f"button[name=login][value='{login}']").click()
    page.wait_for_url(f"{address}/")
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    form = {"csrf_token": token, "language": "en", "back": "/"}
    page.request.post(f"{address}/profile/language", form=form)
    page.goto(f"{address}/")
    page.wait_for_selector("html[data-ready]")


def pick(page: Page, label: str, typed: str) -> None:
    """Choose the first record that fits what is typed."""
    page.get_by_label(label, exact=True).first.fill(typed)
    page.get_by_role("option", name=re.compile(re.escape(typed))).first.click()


def answer(page: Page, button: str) -> None:
    """Press a task's button on the page of its record, and agree in the dialog."""
    page.locator(".waiting").get_by_role("link", name=button, exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Done:")).to_be_visible()


def move(page: Page, button: str) -> None:
    """Run a transition from the record's buttons."""
    page.locator(".record-actions").get_by_role("link", name=button, exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text(f"Done: {button}")).to_be_visible()


def open_record(page: Page, address: str, key: str, title: str) -> None:
    page.goto(f"{address}/o/{key}?view=all&q={title.split()[0]}")
    page.locator("#list td.name a").first.click()
    page.wait_for_selector("html[data-ready]")


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Return a page of a phone of 390 px; it must never be wider than that."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    made = context.new_page()
    made.set_default_timeout(15000)
    yield made
    context.close()


def fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    )


def test_a_repair_from_the_call_to_the_confirmation(page: Page, phone: Page, service: str) -> None:
    page.set_default_timeout(15000)
    enter(page, service, "li.na")
    _takes_the_call(page)
    _triages(page)
    enter(page, service, "chen.jie")
    _chooses(page, service)
    enter(phone, service, "liu.yang")
    _goes_and_repairs(phone, service)
    enter(page, service, "li.na")
    open_record(page, service, "work_order", TITLE)
    answer(page, "It works")
    open_record(page, service, "ticket", TITLE)
    answer(page, "Settled, close it")
    expect(page.locator("h1 .badge")).to_have_text("Closed")


def _takes_the_call(page: Page) -> None:
    page.get_by_role("link", name="New Ticket").click()
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.get_by_role("textbox", name="Description").fill("It starts, runs a while, stops.")
    page.get_by_label("Service", exact=True).select_option("repair")
    for label, typed in PICKED.items():
        pick(page, label, typed)
    page.locator("#f-asset_unknown").check()
    page.get_by_label("Impact", exact=True).select_option("minor")
    page.get_by_label("Urgency", exact=True).select_option("normal")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("h1")).to_contain_text("TK-")
    expect(page.locator("h1 .badge")).to_have_text("In the pool")
    expect(page.locator(".waiting")).to_contain_text("Take a ticket from the pool")


def _triages(page: Page) -> None:
    page.locator(".waiting").get_by_role("button", name="Take over").click()
    answer(page, "Take it")
    expect(page.locator(".waiting")).to_contain_text("Triage the ticket")
    page.locator(".waiting").get_by_role("link", name="Send somebody").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Charge", exact=True).select_option("warranty")
    dialog.get_by_role("button", name="Send somebody").click()
    expect(page.locator("h1 .badge")).to_have_text("Dispatched")


def _chooses(page: Page, address: str) -> None:
    open_record(page, address, "work_order", TITLE)
    page.locator(".waiting").get_by_role("button", name="Take over").click()
    page.locator(".waiting").get_by_role("link", name="Dispatch").click()
    dialog = page.get_by_role("dialog")
    pick(page, "Engineer", "刘洋")
    dialog.get_by_label("Planned start", exact=True).fill("2030-03-04T09:00")
    dialog.get_by_role("button", name="Dispatch").click()
    expect(page.locator(".waiting")).to_contain_text("Accept the job")
    expect(page.locator(".waiting")).to_contain_text("刘洋")


def _goes_and_repairs(phone: Page, address: str) -> None:
    open_record(phone, address, "work_order", TITLE)
    assert fits(phone)
    answer(phone, "Accept")
    for button in ("Depart", "Check in", "Start work"):
        move(phone, button)
        assert fits(phone)
    phone.locator(".record-actions").get_by_role("link", name="Finish", exact=True).click()
    dialog = phone.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Diagnosis").fill("The fan belt was worn; replaced.")
    dialog.get_by_label("Result", exact=True).select_option("fixed")
    pick(phone, "Cause", CAUSE)
    assert fits(phone)
    dialog.get_by_role("button", name="Finish").click()
    expect(phone.locator("h1 .badge")).not_to_have_text("Working")


def test_the_manager_lets_a_customer_on_hold_be_served(page: Page, service: str) -> None:
    page.set_default_timeout(15000)
    enter(page, service, "li.na")
    held = {**PICKED, "Customer": "杭州钱江冷链", "Site": "下沙冷库"}
    page.get_by_role("link", name="New Ticket").click()
    page.get_by_label("Title", exact=True).fill("Cold store too warm")
    page.get_by_role("textbox", name="Description").fill("Four degrees too warm.")
    page.get_by_label("Service", exact=True).select_option("repair")
    for label, typed in held.items():
        pick(page, label, typed)
    page.locator("#f-asset_unknown").check()
    page.get_by_label("Impact", exact=True).select_option("minor")
    page.get_by_label("Urgency", exact=True).select_option("normal")
    page.get_by_label("Charge", exact=True).select_option("billable")
    page.get_by_label("Estimated charge", exact=True).fill("900")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".waiting").get_by_role("button", name="Take over").click()
    answer(page, "Take it")
    answer(page, "Send somebody")
    expect(page.locator("h1 .badge")).not_to_have_text("Dispatched")

    enter(page, service, "zhao.jun")
    page.locator(".items").get_by_role("link", name="Release a customer").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Done: Release a customer")).to_be_visible()


#: What the administrator's package gets wrong: file, what should stand there, what does, and the
#: words by which a message names it and its mending.
MISTAKES = (
    ("objects.yaml", b"type: phone", b"type: fone", "fone", "`phone`"),
    ("objects.yaml", b"to: customer, required", b"to: custmer, required", "custmer", "`customer`"),
    ("views.yaml", b"sort: [resolve_by]", b"sort: [resolve_bye]", "resolve_bye", "`resolve_by`"),
    ("roles.yaml", b"read: all", b"reed: all", "reed", "`read`"),
    ("forms.yaml", b"service_type, channel", b"service_tipe, channel", "service_tipe",
     "`service_type`"),
)  # fmt: skip


def packed_without(path: Path, left: set[int]) -> Path:
    """Write the app as an archive with the mistakes that are left."""
    folder = ROOT / "apps" / "service"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.yaml")):
            data = file.read_bytes()
            for name, right, wrong, *_ in (MISTAKES[place] for place in sorted(left)):
                if file.name == name:
                    assert right in data
                    data = data.replace(right, wrong, 1)
            archive.writestr(f"service/{file.relative_to(folder)}", data)
    return path


def upload(page: Page, path: Path) -> None:
    page.get_by_label("Files").set_input_files(path)
    page.get_by_role("button", name="Check").click()


def test_five_mistakes_of_a_package_are_mended_from_the_messages(
    page: Page, service: str, tmp_path: Path
) -> None:
    page.set_default_timeout(30000)
    enter(page, service, "admin")
    page.get_by_role("link", name="Packages").click()
    left = set(range(len(MISTAKES)))

    # A stage does not run on what the one before refused, so the messages may come in rounds.
    for _ in MISTAKES:
        if not left:
            break
        upload(page, packed_without(tmp_path / "broken.zip", left))
        told = page.locator(".problem").all_inner_texts()
        assert told, left
        found = {one for one in left if any(_names(text, one) for text in told)}
        assert found, told
        left -= found

    upload(page, packed_without(tmp_path / "mended.zip", set()))
    expect(page.locator(".problem")).to_have_count(0)


def _names(text: str, place: int) -> bool:
    """Tell whether a message says where a mistake is, what it is, and how to mend it."""
    file, _, _, wrong, mending = MISTAKES[place]
    return bool(re.search(rf"{file}:\d+:\d+", text)) and wrong in text and mending in text
