"""A workshop on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from trellis.storage.database import Database

from tests.fakes.workshop import Workshop


@pytest.fixture
def workshop(database: Database, tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(database, tmp_path)
    yield made
    made.close()
