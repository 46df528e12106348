"""Pictures of every page of a running demo, and contact sheets to look at many of them at once.

Steps in as each person the sign-in page offers, follows their menu, opens the first record, its
dialogs, its form and its history, and takes each page in the looks asked for:

    trellis serve --workspace var --dev &
    python tools/pictures.py --out /tmp/pictures --looks desktop-light-en phone-dark-zh
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
LANGUAGES = {"en": "en", "zh": "zh-CN"}
LOOKS = ["-".join(one) for one in itertools.product(WIDTHS, ("light", "dark"), LANGUAGES)]
FIXED = {
    "home": "/", "inbox": "/inbox", "pool": "/inbox?which=pool", "done": "/inbox?which=done",
    "notifications": "/notifications", "profile": "/profile", "search": "/search?q=a",
    "nowhere": "/o/nothing_here", "packages": "/admin/packages", "people": "/admin/users",
    "jobs": "/admin/jobs",
}  # fmt: skip
_SHEET = {"desktop": (3, 620), "phone": (7, 270)}
_PER_SHEET = {"desktop": 9, "phone": 14}


@dataclass
class Look:
    """A width, a theme and a language."""

    name: str

    @property
    def width(self) -> str:
        """Return the name of the width."""
        return self.name.split("-")[0]

    @property
    def theme(self) -> str:
        """Return `light` or `dark`."""
        return self.name.split("-")[1]

    @property
    def language(self) -> str:
        """Return the locale."""
        return LANGUAGES[self.name.split("-")[2]]


@dataclass
class Camera:
    """Takes pictures for one person in one look, and notes what the browser complains of."""

    page: Page
    address: str
    folder: Path
    person: str
    tall: bool = False
    taken: list[Path] = field(default_factory=list)

    def take(self, name: str, path: str) -> bool:
        """Open a page and take its picture; false when the server refuses it."""
        answer = self.page.goto(self.address + path)
        self.snap(name)
        return answer is not None and answer.ok

    def snap(self, name: str) -> None:
        """Take the page as it stands."""
        wide = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            print(f"wide by {wide} px: {self.person} {name} {self.page.url}")
        target = self.folder / f"{self.person}.{name}.png"
        self.page.screenshot(path=target, full_page=self.tall, animations="disabled")
        self.taken.append(target)

    def links(self, selector: str) -> list[str]:
        """Return the addresses of links on the page, each once."""
        found = self.page.locator(selector).evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        )
        return list(dict.fromkeys(link for link in found if link and link.startswith("/")))


def _offered(browser: Browser, address: str) -> list[str]:
    page = browser.new_page()
    page.goto(f"{address}/login")
    logins = page.locator("button[name=login]").evaluate_all("all => all.map(one => one.value)")
    page.close()
    return [str(login) for login in logins]


def _enter(context: BrowserContext, address: str, login: str, language: str) -> Page:
    page = context.new_page()
    page.goto(f"{address}/login")
    page.locator(f"button[name=login][value='{login}']").click()
    page.wait_for_load_state()
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    form = {"csrf_token": token, "language": language, "back": "/"}
    page.request.post(f"{address}/profile/language", form=form)
    return page


def _walk(camera: Camera, wanted: re.Pattern[str]) -> None:
    for name, path in FIXED.items():
        if wanted.search(name):
            camera.take(name, path)
    camera.page.goto(camera.address + "/")
    for link in camera.links(".side nav a"):
        match = re.match(r"/o/(\w+)(?:\?view=(\w+))?$", link)
        if match and wanted.search(match[1]):
            _walk_object(camera, match[1], link, match[2] or "")
    camera.page.goto(camera.address + "/inbox")
    for link in camera.links("a[href^='/inbox/']")[:1]:
        if wanted.search("task"):
            camera.take("task", link)


def _walk_object(camera: Camera, key: str, link: str, view: str) -> None:
    camera.take(f"{key}{'.' + view if view else ''}.list", link)
    records = camera.links("#list td.name a")
    if view:
        return
    camera.take(f"{key}.found", f"/o/{key}?q=a")
    camera.take(f"{key}.none", f"/o/{key}?q=zzzzzz")
    if camera.take(f"{key}.new", f"/o/{key}/new"):
        _break_form(camera, key)
    for record in records[:1]:
        camera.take(f"{key}.record", record)
        dialogs = camera.links(".record-actions a[data-dialog]")
        _open_dialog(camera, key)
        for dialog in dialogs[:1]:
            camera.take(f"{key}.transition", dialog)
        camera.take(f"{key}.edit", f"{record}/edit")
        camera.take(f"{key}.history", f"{record}/history")


def _open_dialog(camera: Camera, key: str) -> None:
    button = camera.page.locator(".record-actions > a[data-dialog]")
    if button.count():
        button.first.click()
        camera.page.wait_for_selector("dialog[open]", timeout=5000)
        camera.snap(f"{key}.dialog")


def _break_form(camera: Camera, key: str) -> None:
    camera.page.locator(
        "form[data-form] button[type=submit], .form-actions .btn-primary"
    ).first.click()
    camera.page.wait_for_timeout(500)
    if camera.page.locator(".invalid-feedback").count():
        camera.snap(f"{key}.mistakes")


def _sheets(browser: Browser, folder: Path, width: str, taken: list[Path]) -> Iterator[Path]:
    columns, size = _SHEET[width]
    step = _PER_SHEET[width]
    page = browser.new_page(viewport={"width": columns * (size + 12) + 12, "height": 800})
    for number, start in enumerate(range(0, len(taken), step), 1):
        cells = "".join(
            f"<figure><figcaption>{one.stem}</figcaption><img src='{one.name}'></figure>"
            for one in taken[start : start + step]
        )
        style = (
            "body{margin:8px;background:#999;display:flex;flex-wrap:wrap;gap:8px;"
            "font:13px sans-serif}"
            f"figure{{margin:0;width:{size}px}}img{{width:100%;max-height:1400px;object-fit:cover;"
            "object-position:top}"
        )
        sheet = folder / f"sheet{number:02d}.html"
        sheet.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{cells}")
        page.goto(sheet.as_uri())
        picture = sheet.with_suffix(".png")
        page.screenshot(path=picture, full_page=True)
        sheet.unlink()
        yield picture
    page.close()


def _one_look(browser: Browser, asked: argparse.Namespace, look: Look) -> None:
    folder = asked.out / look.name
    folder.mkdir(parents=True, exist_ok=True)
    wide, high = WIDTHS[look.width]
    taken: list[Path] = []
    for login in asked.people or _offered(browser, asked.address):
        context = browser.new_context(
            viewport={"width": wide, "height": high},
            color_scheme=look.theme,
            locale=look.language,
            is_mobile=look.width == "phone",
            has_touch=look.width == "phone",
        )
        page = _enter(context, asked.address, login, look.language)
        page.on("console", lambda said, login=login: _complain(login, said.type, said.text))
        page.on("pageerror", lambda error, login=login: print(f"script: {login} {error}"))
        camera = Camera(page, asked.address, folder, login, tall=asked.tall)
        _walk(camera, re.compile(asked.pages))
        taken += camera.taken
        context.close()
    for sheet in _sheets(browser, folder, look.width, taken):
        print(sheet)


def _complain(login: str, kind: str, text: str) -> None:
    if kind == "error" and "status of 4" not in text:
        print(f"console: {login} {text}")


def main() -> int:
    """Take the pictures asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--looks", nargs="+", default=LOOKS, choices=LOOKS, metavar="LOOK")
    parser.add_argument("--people", nargs="*", help="logins; everybody of the demo if absent")
    parser.add_argument("--pages", default=".", help="a pattern of page and object names")
    parser.add_argument("--tall", action="store_true", help="whole pages, not the first screen")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=flags)
        for name in asked.looks:
            _one_look(browser, asked, Look(name))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
