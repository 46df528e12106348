"""A small company on the service app: made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from trellis.clock import SetClock
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.wiring import open_application

from tests.fakes.company import Company, found_company


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Give the file of a company's database, and its records by short names."""
    folder = tmp_path_factory.mktemp("company")
    company = _open(folder, f"sqlite:///{folder / 'company.db'}")
    found_company(company)
    company.app.database.dispose()
    return folder / "company.db", company.ids


@pytest.fixture
def company(founded: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Company]:
    made, ids = founded
    shutil.copy(made, tmp_path / "company.db")
    company = _open(tmp_path, f"sqlite:///{tmp_path / 'company.db'}")
    company.ids |= ids
    company.clock.moment += timedelta(minutes=1)
    yield company
    company.app.database.dispose()


@pytest.fixture
def company_anywhere(database: Database, tmp_path: Path) -> Iterator[Company]:
    """Give a company on each of the databases."""
    company = _open(tmp_path, database.url.render_as_string(hide_password=False))
    found_company(company)
    yield company
    company.app.database.dispose()


def _open(folder: Path, url: str) -> Company:
    clock = SetClock()
    app = open_application(Settings(folder, url, "k" * 40, folder / "files"), clock)
    return Company(app, clock)
