"""Every field type is filled in, saved, read back and changed, under the server's own policy."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
#: Label → what is typed, and how the record page says it.
TYPED = {
    "Name": ("A sample", "A sample"),
    "Note": ("one\ntwo", "one\ntwo"),
    "Pieces": ("1,200", "1,200"),
    "Weight (kg)": ("12.5", "12.500"),
    "Price": ("1234.5", "CN¥1,234.50"),
    "Share": ("12.5", "12.5%"),
    "Made on": ("2026-11-01", "1 Nov 2026"),
    "Seen at": ("2026-03-02T14:30", "2 Mar 2026 14:30"),
    "Opens": ("08:30", "08:30"),
    "Takes": ("1h 30m", "1h 30m"),
    "E-mail": ("a@example.com", "a@example.com"),
    "Phone": ("+86 21 6000 1234", "+86 21 6000 1234"),
    "Web site": ("https://example.com/a", "https://example.com/a"),
    "Code": ("QR-7", "QR-7"),
}


def enter(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.get_by_role("button", name="Mei").click()
    page.wait_for_url(f"{address}/")


def shown(page: Page, label: str) -> str:
    cell = page.locator(".section dl > div", has=page.locator(f"dt:text-is('{label}')"))
    return cell.locator("dd").inner_text()


def fill_everything(page: Page) -> None:
    for label, (text, _) in TYPED.items():
        page.get_by_label(label, exact=True).first.fill(text)
    page.get_by_role("textbox", name="Story").fill("Rich text")
    page.locator("#f-checked").check()
    page.get_by_text("Red", exact=True).click()
    page.get_by_text("Blue", exact=True).click()
    for label in ("Group", "Other groups"):
        page.get_by_label(label, exact=True).fill("First")
        page.get_by_role("option", name="First group").click()
    for label in ("Keeper", "Helpers"):
        page.get_by_label(label, exact=True).fill("Mei")
        page.get_by_role("option", name="Mei").first.click()
    page.get_by_label("Role", exact=True).select_option("keeper")
    page.get_by_label("City").fill("Shanghai")
    page.get_by_label("Street").fill("1 Nanjing Road")
    page.get_by_label("Latitude").fill("31.23")
    page.get_by_label("Longitude").fill("121.47")
    page.get_by_label("Extra").fill('{"a": 1}')
    page.locator("input[name='parts.0.name']").fill("Bolt")
    page.locator("input[name='parts.0.pieces']").fill("4")
    page.locator("input[name='parts.0.price']").fill("2.5")


def add_files(page: Page) -> None:
    picture = {"name": "a.png", "mimeType": "image/png", "buffer": PNG}
    paper = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"}
    page.locator("input[type=file][name=picture]").set_input_files([picture])
    page.locator("input[type=file][name=paper]").set_input_files([paper])
    page.locator("input[type=file][name=papers]").set_input_files(
        [paper, {**paper, "name": "b.txt"}]
    )
    pad = page.locator("canvas.pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 80, steps=4)
    page.mouse.up()


def test_every_field_is_typed_saved_and_read_back(page: Page, sampler: str) -> None:
    enter(page, sampler)
    page.goto(f"{sampler}/o/sample/new")
    page.wait_for_selector("html[data-ready]")
    fill_everything(page)
    add_files(page)
    page.get_by_label("Size", exact=True).first.select_option("large")
    page.get_by_label("Why so large").fill("Because")

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("heading", name="A sample")).to_be_visible()
    told = {label: shown(page, label) for label in TYPED}
    assert told == {label: text for label, (_, text) in TYPED.items()}
    composed = {
        "Story": "Rich text", "Checked": "Yes", "Size": "Large", "Colours": "Red\nBlue",
        "Group": "First group 第一组", "Other groups": "First group 第一组", "Role": "Keeper",
        "Address": "1 Nanjing Road, Shanghai", "Spot": "31.23, 121.47", "Worth": "1,481,400.00",
        "Parts in all": "1", "Why so large": "Because",
    }  # fmt: skip
    assert {label: shown(page, label) for label in composed} == composed
    assert "Mei" in shown(page, "Keeper")
    assert "Mei" in shown(page, "Helpers")
    assert "a.txt" in shown(page, "Paper")
    assert "b.txt" in shown(page, "More papers")
    section = page.locator(".section")
    assert section.locator("img").count() == 2
    expect(page.get_by_role("link", name="Bolt")).to_be_visible()


def test_an_untouched_form_saves_what_was_there(page: Page, sampler: str) -> None:
    enter(page, sampler)
    page.goto(f"{sampler}/o/sample?view=all&q=Everything")
    page.get_by_role("link", name="Everything").click()
    before = page.locator(".section dl").inner_text()
    page.get_by_role("link", name="Edit").click()

    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("heading", name="Everything")).to_be_visible()
    assert page.locator(".section dl").inner_text() == before


def test_every_unreadable_text_is_told_beside_its_field(page: Page, sampler: str) -> None:
    enter(page, sampler)
    page.goto(f"{sampler}/o/sample/new")
    wrong = ("Pieces", "Weight (kg)", "Price", "Share", "Takes", "E-mail", "Web site", "Extra")
    page.get_by_label("Name", exact=True).first.fill("Wrong")
    for label in wrong:
        page.get_by_label(label, exact=True).first.fill("{nonsense")

    page.get_by_role("button", name="Save", exact=True).click()

    page.wait_for_selector("form[data-invalid]")
    for label in wrong:
        box = page.get_by_label(label, exact=True).first
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(box).to_have_value("{nonsense")


def test_the_form_works_without_scripts(browser: Browser, sampler: str, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, sampler)
    page.goto(f"{sampler}/o/sample/new")
    page.get_by_label("Name", exact=True).first.fill("Plain")
    page.get_by_label("Size", exact=True).first.select_option("large")
    page.get_by_role("button", name="Save", exact=True).click()

    page.get_by_label("Why so large").fill("Asked for it")
    page.get_by_label("Group", exact=True).fill("First group 第一组")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("heading", name="Plain")).to_be_visible()
    assert shown(page, "Why so large") == "Asked for it"
    context.close()


def test_what_scripts_built_stays_when_the_form_shows_more(page: Page, sampler: str) -> None:
    enter(page, sampler)
    page.goto(f"{sampler}/o/sample/new")
    page.wait_for_selector(".rich-tools")
    page.get_by_role("textbox", name="Story").fill("Kept")

    page.get_by_label("Size", exact=True).first.select_option("large")
    expect(page.get_by_label("Why so large")).to_be_visible()

    page.get_by_label("Group", exact=True).fill("First")
    page.get_by_role("option", name="First group").click()
    expect(page.locator(".rich-tools")).to_be_visible()
    expect(page.get_by_role("textbox", name="Story")).to_have_text("Kept")
    expect(page.locator("canvas.pad")).to_be_visible()
    page.get_by_role("button", name="Add a row").click()
    expect(page.locator("[data-rows] tbody tr")).to_have_count(2)
