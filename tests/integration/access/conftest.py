"""People before a gate."""

from __future__ import annotations

import pytest
from trellis.storage.database import Database

from tests.fakes.gatehouse import Gatehouse


@pytest.fixture
def gate(database: Database) -> Gatehouse:
    """Return a gatehouse over an empty database."""
    return Gatehouse(database)
