"""A depot over HTTP."""

from __future__ import annotations

import pytest

from tests.fakes.depot import Depot
from trellis.storage.database import Database


@pytest.fixture
def depot(database: Database) -> Depot:
    """Return a depot with people and without orders."""
    return Depot(database)
