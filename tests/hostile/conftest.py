"""A depot to attack: one for the tests of a file together, or one of a test's own.

Most attacks change nothing, or only records they made; building a depot for each would cost
more than all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from trellis.storage.database import Database

from tests.conftest import do_statements, postgres_or_skip
from tests.fakes.depot import Depot
from tests.fakes.shelf import Shelf


def furnished(database: Database) -> Depot:
    """Return a depot with people, two customers and a few orders."""
    made = Depot(database)
    acme = made.customer("Acme", credit_limit="1234.56", contact=made.users["pia"])
    made.customer("Umbra", credit_limit="6543.21")
    for login, title in (("cora", "Chairs"), ("carl", "Desks"), ("mara", "Lamps")):
        made.order(login, title=title, customer=acme if login == "cora" else None)
    return made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def depot(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Depot]:
    """Give a depot that the tests of a file share: what they change, they make."""
    if request.param == "sqlite":
        made = furnished(Database(f"sqlite:///{tmp_path_factory.mktemp('depot') / 'test.db'}"))
        yield made
        made.close()
        return
    server = sa.make_url(postgres_or_skip(request))
    name = f"{server.database}_shared"
    do_statements(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    url = server.set(database=name).render_as_string(hide_password=False)
    made = furnished(Database(url))
    yield made
    made.close()
    do_statements(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def own_depot(shelf: Shelf, server: str | None) -> Depot:
    """Give a depot of the test's own, whose people and definitions it may change."""
    return shelf.take("furnished", server, lambda database, _: furnished(database))
