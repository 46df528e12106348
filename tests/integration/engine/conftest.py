"""A small application with people, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from trellis.engine import query, records
from trellis.engine.query import Page, PageRequest
from trellis.storage.database import Database

from tests.fakes.shelf import Shelf
from tests.fakes.staffed import StaffedApp, open_staffed

APP = Path(__file__).parents[2] / "fakes" / "cases_app"
PEOPLE = {"li": "worker", "wu": "worker", "cy": "clerk", "bo": "boss", "bea": "boss"}


class House(StaffedApp):
    """Short ways to handle cases as somebody."""

    def create(self, login: str, object_key: str, values: Mapping[str, Any]) -> str:
        """Create a record as somebody."""
        with self.writing(login) as tx:
            return records.create(tx, object_key, values)

    def update(
        self, login: str, object_key: str, record_id: str, values: Mapping[str, Any],
        rev: int | None = None,
    ) -> int:  # fmt: skip
        """Change a record as somebody."""
        with self.writing(login) as tx:
            return records.update(tx, object_key, record_id, values, rev=rev)

    def move(
        self, login: str, record_id: str, name: str, values: Mapping[str, Any] | None = None,
        comment: str | None = None,
    ) -> int:  # fmt: skip
        """Run a transition of a case as somebody."""
        with self.writing(login) as tx:
            return records.transition(tx, "case", record_id, name, values, comment=comment)

    def delete(self, login: str, object_key: str, record_id: str) -> None:
        """Delete a record as somebody."""
        with self.writing(login) as tx:
            records.delete(tx, object_key, record_id)

    def get(self, login: str, object_key: str, record_id: str) -> dict[str, Any]:
        """Return a record as somebody sees it."""
        with self.reading(login) as tx:
            return query.get(tx, object_key, record_id)

    def page(self, login: str, object_key: str = "case", **request: Any) -> Page:
        """Return a page as somebody sees it."""
        with self.reading(login) as tx:
            return query.page(tx, object_key, PageRequest(**request))

    def titles(self, login: str, **request: Any) -> list[str]:
        """Return the titles of the cases on a page."""
        return [str(item["title"]) for item in self.page(login, **request).items]


@pytest.fixture
def house(shelf: Shelf, server: str | None) -> House:
    return shelf.take("house", server, open_house)


def open_house(database: Database, folder: Path) -> House:
    """Open a house with its people."""
    made = open_staffed(House, APP, PEOPLE, database, folder)
    with made.writing("system") as tx:
        zone = records.create(tx, "zone", {"name": "CN"})
        city = records.create(tx, "zone", {"name": "SH", "parent": zone})
        abroad = records.create(tx, "zone", {"name": "DE"})
        made.ids |= {"zone": zone, "city": city, "abroad": abroad}
        for login in PEOPLE:
            records.update(tx, "user", made.ids[login], {"home_zone": zone})
        made.ids["acme"] = records.create(tx, "client", {"name": "Acme", "region": city})
        made.ids["bond"] = records.create(tx, "client", {"name": "Bond", "region": abroad})
    return made
