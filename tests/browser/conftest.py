"""A real browser on pages over a workspace in memory, under the strict content policy.

Skipped by name where no Chromium or no built assets are there.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.fakes.pages_site import STATIC, PagesInMemory, furnished

#: What every page is served with, styles and scripts from our own files only.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine."""
    asked = os.environ.get("CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome")
    return asked or next((path for name in names if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser's tests, saying what is missing."""
    missing = []
    if find_chromium() is None:
        missing.append("no chromium")
    if not (STATIC / "dist" / ".vite" / "manifest.json").exists():
        missing.append("front end not built")
    if missing:
        for item in items:
            if item.path.is_relative_to(__file__.rpartition("/")[0]):
                item.add_marker(pytest.mark.skip(reason=f"browser: {', '.join(missing)}"))


@dataclass
class Served:
    """Pages in memory, at an address."""

    desk: PagesInMemory
    address: str


@pytest.fixture
def served() -> Iterator[Served]:
    """Serve furnished pages for one test."""
    desk = furnished()
    app: Flask = desk.app()

    @app.after_request
    def strict(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(desk, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return one Chromium for all tests."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """Return a page; the test fails when it breaks the policy or a script fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    made = context.new_page()
    made.set_default_timeout(8000)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # A refused form is an answer of 422: the browser reports it, and it is meant.
        if message.type == "error" and "status of 422" not in message.text:
            complaints.append(message.text)

    made.on("console", listen)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []
