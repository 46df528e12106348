"""A depot to attack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trellis.storage.database import Database

from tests.fakes.depot import Depot


@pytest.fixture
def depot(database: Database) -> Iterator[Depot]:
    """Give a depot with people, two customers and a few orders."""
    made = Depot(database)
    acme = made.customer("Acme", credit_limit="1000.00", contact=made.users["pia"])
    made.customer("Umbra", credit_limit="2000.00")
    for login, title in (("cora", "Chairs"), ("carl", "Desks"), ("mara", "Lamps")):
        made.order(login, title=title, customer=acme if login == "cora" else None)
    yield made
    made.close()
