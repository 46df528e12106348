"""A depot over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trellis.storage.database import Database

from tests.fakes.depot import Depot


@pytest.fixture
def depot(database: Database) -> Iterator[Depot]:
    """Give a depot with people and without orders."""
    made = Depot(database)
    yield made
    made.close()
