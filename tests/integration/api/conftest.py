"""A depot over HTTP."""

from __future__ import annotations

import pytest

from tests.fakes.depot import Depot
from tests.fakes.shelf import Shelf


@pytest.fixture
def depot(shelf: Shelf, server: str | None) -> Depot:
    """Give a depot with people and without orders."""
    return shelf.take("depot", server, lambda database, _: Depot(database))
