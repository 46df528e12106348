"""A real browser on pages over a workspace in memory, under the strict content policy.

Skipped by name where no Chromium or no built assets are there.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from trellis.storage.database import Database
from trellis.storage.platform_tables.catalog import SETTING
from trellis.web.app import create_app
from trellis.web.pages.joining import WorkspacePages
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.fakes.demo_site import ROOT, demo_site
from tests.fakes.offers import offers_files
from tests.fakes.office import Office
from tests.fakes.pages_site import STATIC, PagesInMemory, furnished

#: What every page is served with, styles and scripts from our own files only.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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


def serve(app: Flask) -> Iterator[str]:
    """Serve an application until the generator is closed; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[Office, str]]:
    """Serve a real workspace with a seller, a boss and an administrator in its demo."""
    database = Database(f"sqlite:///{tmp_path / 'office.db'}")
    made = Office(database, tmp_path)
    people = [("anna", "seller"), ("bob", "boss"), ("root", "admin")]
    for login, role in people:
        made.person(login, role)
    offered = [{"login": login, "name": login.title(), "post": role} for login, role in people]
    with made.application.database.write() as connection:
        connection.execute(sa.insert(SETTING), {"key": "demo_people", "value": offered})
    joined = WorkspacePages(made.workspace, made.application.flows)
    app = create_app(made.workspace, made.settings, made.application.access, joined)
    for address in serve(app):
        yield made, address
    made.close()
    database.dispose()


@pytest.fixture
def offers(tmp_path: Path) -> Iterator[tuple[Office, str]]:
    """Serve a workspace whose forms decide much, with a seller in its demo."""
    database = Database(f"sqlite:///{tmp_path / 'offers.db'}")
    made = Office(database, tmp_path, files=offers_files())
    made.person("sally", "seller")
    sally = [{"login": "sally", "name": "Sally", "post": "seller"}]
    with made.application.database.write() as connection:
        connection.execute(sa.insert(SETTING), {"key": "demo_people", "value": sally})
    joined = WorkspacePages(made.workspace, made.application.flows)
    app = create_app(made.workspace, made.settings, made.application.access, joined)
    for address in serve(app):
        yield made, address
    made.close()
    database.dispose()


def _demo(app_folder: Path, folder: Path) -> Iterator[str]:
    application, app = demo_site(app_folder, folder)
    yield from serve(app)
    application.database.dispose()


@pytest.fixture(scope="module")
def sampler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the app that has a field of every type; yield its address."""
    yield from _demo(ROOT / "tests" / "fakes" / "sampler", tmp_path_factory.mktemp("sampler"))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the service app with its people and master data; yield its address."""
    yield from _demo(ROOT / "apps" / "service", tmp_path_factory.mktemp("service"))


@pytest.fixture
def served() -> Iterator[Served]:
    """Serve furnished pages for one test."""
    desk = furnished()
    app: Flask = desk.app()

    @app.after_request
    def strict(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    for address in serve(app):
        yield Served(desk, address)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return one Chromium for all tests."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return a page; the test fails when it breaks the policy or a script fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    made = context.new_page()
    made.set_default_timeout(8000)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # A refused form is an answer of 422: the browser reports it, and it is meant.
        # A page left while something was on its way resets the connection; that is no fault.
        expected = ("status of 422", "net::ERR_", "htmx:error: Failed to fetch")
        if message.type == "error" and not any(text in message.text for text in expected):
            complaints.append(message.text)

    made.on("console", listen)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []
