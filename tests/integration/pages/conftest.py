"""Pages over a workspace in memory, and over the real engine behind the real door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from trellis.access.sign_in import Attempt
from trellis.storage.database import Database
from trellis.web.app import create_app
from trellis.web.pages.joining import WorkspacePages
from trellis.web.security import SESSION_COOKIE
from werkzeug.test import TestResponse

from tests.fakes.office import Office
from tests.fakes.pages_site import PagesInMemory, furnished


@pytest.fixture
def desk() -> PagesInMemory:
    return furnished()


@pytest.fixture
def client(desk: PagesInMemory) -> FlaskClient:
    return desk.app().test_client()


class Browser(FlaskClient):
    """A client that sends the CSRF value of the page it looked at, as a browser's forms do."""

    token = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request, and remember the value of the page that comes back."""
        headers = dict(kwargs.pop("headers", None) or {})
        if self.token:
            headers.setdefault("X-CSRF-Token", self.token)
        answer = super().open(*args, headers=headers, **kwargs)
        page = answer.text if answer.mimetype == "text/html" else ""
        found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
        if found is not None:
            self.token = found[1]
        return answer


@dataclass
class Desk:
    """An office and how to work in it."""

    office: Office
    app: Flask

    def browser(self, login: str) -> Browser:
        """Return a browser in which somebody is signed in."""
        self.app.test_client_class = Browser
        made = self.app.test_client()
        assert isinstance(made, Browser)
        session = self.office.application.access.enter_as(login, Attempt(login, "", "127.0.0.1"))
        made.set_cookie(SESSION_COOKIE, session.secret)
        made.token = session.csrf
        return made

    def enter(self, login: str, *roles: str, locale: str = "en") -> Browser:
        """Add somebody and return their browser."""
        self.office.person(login, *roles, locale=locale)
        return self.browser(login)

    def anna(self) -> Browser:
        """Return the browser of a seller."""
        return self.enter("anna", "seller")


@pytest.fixture
def office_desk(database: Database, tmp_path: Path) -> Iterator[Desk]:
    office = Office(database, tmp_path)
    joined = WorkspacePages(office.workspace, office.application.flows)
    app = create_app(office.workspace, office.settings, office.application.access, joined)
    yield Desk(office, app)
    office.close()
