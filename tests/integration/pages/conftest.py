"""Pages over a workspace in memory."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.fakes.pages_site import PagesInMemory, furnished


@pytest.fixture
def desk() -> PagesInMemory:
    return furnished()


@pytest.fixture
def client(desk: PagesInMemory) -> FlaskClient:
    return desk.app().test_client()
