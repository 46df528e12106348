"""A working day in a real browser, on the real engine, under the server's own policy."""

from __future__ import annotations

import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.fakes.office import Office, desk_files

Place = tuple[Office, str]


def enter(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/login")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(f"{address}/")
    page.wait_for_selector("html[data-ready]")


def leave(page: Page) -> None:
    page.locator(".side-foot summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")


def test_from_an_invoice_to_its_approval(page: Page, office: Place) -> None:
    made, address = office
    made.add("customer", name="Nordwind GmbH")

    enter(page, address, "Anna")
    page.get_by_role("link", name="New Invoice").click()
    page.get_by_label("Title").fill("Compressor overhaul 空压机大修")
    page.get_by_label("Customer").fill("nord")
    page.get_by_role("option", name="Nordwind GmbH").click()
    page.get_by_label("Amount").fill("20,000")
    page.get_by_label("Urgency").select_option("high")
    page.get_by_label("Reason").fill("The line is down")
    page.get_by_label("Item").first.fill("Drive unit")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("heading", name="Compressor overhaul")).to_be_visible()
    expect(page.locator("main").get_by_text("CN¥20,000.00").first).to_be_visible()

    page.goto(f"{address}/inbox?which=pool")
    page.get_by_role("button", name="Take over").click()
    page.goto(f"{address}/inbox")
    page.get_by_role("link", name="Complete").click()
    page.get_by_role("dialog").get_by_label("Comment").fill("fits the contract")
    page.get_by_role("dialog").get_by_role("button", name="Complete").click()
    expect(page.get_by_text("Done: Check the amount")).to_be_visible()
    leave(page)

    enter(page, address, "Bob")
    expect(page.locator("main").get_by_text("Approve the discount").first).to_be_visible()
    page.get_by_role("link", name="Approve", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Done: Approve the discount")).to_be_visible()


def test_a_package_with_mistakes_is_mended_from_the_messages(
    page: Page, office: Place, tmp_path: Path
) -> None:
    _, address = office
    files = desk_files()
    files["objects.yaml"] = files["objects.yaml"].replace(b"type: phone", b"type: fone")
    broken, mended = tmp_path / "broken.zip", tmp_path / "mended.zip"
    for path, content in ((broken, files), (mended, desk_files())):
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in content.items():
                archive.writestr(f"desk/{name}", data.replace(b"1.0.0", b"1.1.0"))

    enter(page, address, "Root")
    page.get_by_role("link", name="Packages").click()
    page.get_by_label("Files").set_input_files(broken)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("did you mean `phone`?")).to_be_visible()
    expect(page.locator(".excerpt mark")).to_have_text("fone")

    page.get_by_label("Files").set_input_files(mended)
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("Applied: version 3 is in use.")).to_be_visible()


def test_hostile_texts_run_nothing_on_any_page(page: Page, office: Place) -> None:
    made, address = office
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    customer = made.add("customer", name=hostile)
    invoice = made.add("invoice", title=hostile, customer=customer, reason=hostile)

    enter(page, address, "Anna")
    paths = (
        "/",
        "/o/invoice",
        f"/o/invoice/{invoice}",
        f"/o/invoice/{invoice}/edit",
        f"/o/customer/{customer}",
        "/search?q=img",
        "/o/invoice?q=%3Cscript%3E",
    )
    for path in paths:
        page.goto(address + path)
        page.wait_for_selector("html[data-ready]")
    page.get_by_label("Search", exact=False).first.fill("img")

    assert asked == []


def test_theme_and_language_are_chosen_from_the_menu(page: Page, office: Place) -> None:
    _, address = office
    enter(page, address, "Anna")

    page.locator(".side-foot summary").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.wait_for_selector("html[data-theme=dark]")
    page.locator(".side-foot summary").click()
    page.get_by_role("menuitemradio", name="简体中文").click()

    page.wait_for_selector("html[lang=zh-CN]")
    expect(page.get_by_role("link", name="待办").first).to_be_visible()
