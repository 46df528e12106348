"""Pictures of every page of a running demo, and contact sheets to look at many of them at once.

Steps in as each person the sign-in page offers, follows their menu, opens the first record, its
dialogs, its form and its history (`picture_walks`), takes each page in the looks asked for, and
says what is cut off, too wide, or too small for a finger:

    trellis serve --workspace var --dev &
    python tools/pictures.py --out /tmp/pictures --looks desktop-light-en phone-dark-zh
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from picture_walks import Camera, walk
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

WIDTHS = {"desktop": (1440, 900), "phone": (390, 844), "small": (360, 740)}
LANGUAGES = {"en": "en", "zh": "zh-CN"}
LOOKS = ["-".join(one) for one in itertools.product(WIDTHS, ("light", "dark"), LANGUAGES)]
_SHEET = {"desktop": (3, 620), "phone": (7, 270), "small": (7, 270)}
_PER_SHEET = {"desktop": 9, "phone": 14, "small": 14}


@dataclass
class Look:
    """A width, a theme and a language."""

    name: str

    @property
    def width(self) -> str:
        """Return the name of the width."""
        return self.name.split("-")[0]

    @property
    def on_phone(self) -> bool:
        """Tell whether it is a phone's."""
        return self.width != "desktop"

    @property
    def theme(self) -> str:
        """Return `light` or `dark`."""
        return self.name.split("-")[1]

    @property
    def language(self) -> str:
        """Return the locale."""
        return LANGUAGES[self.name.split("-")[2]]


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
    noted: set[str] = set()
    for login in asked.people or _offered(browser, asked.address):
        context = browser.new_context(
            viewport={"width": wide, "height": high},
            color_scheme=look.theme,
            locale=look.language,
            is_mobile=look.on_phone,
            has_touch=look.on_phone,
        )
        page = _enter(context, asked.address, login, look.language)
        page.on("console", lambda said, login=login: _complain(login, said.type, said.text))
        page.on("pageerror", lambda error, login=login: print(f"script: {login} {error}"))
        camera = Camera(
            page, asked.address, folder, login, touched=look.on_phone, tall=asked.tall, noted=noted
        )
        walk(camera, re.compile(asked.pages), apply=asked.apply)
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
    parser.add_argument("--apply", action="store_true", help="also apply a small package")
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
