"""Pages over a workspace in memory, and over the real engine behind the real door."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from trellis.access.room import AccessRoom
from trellis.access.sign_in import Attempt
from trellis.engine.workspace import Workspace
from trellis.storage.database import Database
from trellis.web.app import create_app
from trellis.web.pages.joining import WorkspacePages
from trellis.web.security import SESSION_COOKIE
from werkzeug.test import TestResponse

from tests.fakes.office import Office
from tests.fakes.pages_site import PagesInMemory, furnished
from tests.fakes.shelf import Shelf


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

    @property
    def database(self) -> Database:
        """Return the database."""
        return self.office.application.database

    @property
    def workspace(self) -> Workspace:
        """Return the workspace."""
        return self.office.application.workspace

    @property
    def access(self) -> AccessRoom:
        """Return the room of access."""
        return self.office.application.access

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
def office_desk(shelf: Shelf, server: str | None) -> Desk:
    return shelf.take("desk", server, open_desk)


def open_desk(database: Database, folder: Path) -> Desk:
    """Open an office and make its application."""
    office = Office(database, folder)
    joined = WorkspacePages(office.workspace, office.application.flows)
    app = create_app(office.workspace, office.settings, office.application.access, joined)
    return Desk(office, app)
