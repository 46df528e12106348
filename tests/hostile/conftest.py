"""A depot to attack: one for the tests of a file together, or one of a test's own.

Most attacks change nothing, or only records they made; building a depot for each would cost
more than all of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from flask import Flask, Response, g, request
from trellis.storage.database import Database
from trellis.storage.platform_tables.trail import AUDIT

from tests.conftest import do_statements, postgres_or_skip
from tests.fakes.depot import Depot
from tests.fakes.shelf import Shelf

#: No answer takes longer ("always" of the checks).
MAX_SECONDS = 5.0
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass
class Watch:
    """What holds always: no fault, no endless answer, an audit row for each refused write."""

    depot: Depot
    faults: list[str] = field(default_factory=list)
    refused: int = 0
    audited: int = 0

    def install(self, app: Flask) -> None:
        """Look at every answer of an application."""
        app.before_request(self.begin)
        app.after_request(self.note)

    @staticmethod
    def begin() -> None:
        """Remember when a request came."""
        g.hostile_began = time.monotonic()

    def note(self, answer: Response) -> Response:
        """Note what an answer says."""
        took = time.monotonic() - g.get("hostile_began", time.monotonic())
        if answer.status_code >= 500 or took > MAX_SECONDS:
            self.faults.append(f"{request.method} {request.path}: {answer.status}, {took:.1f} s")
        known = g.get("trellis_proof") is not None
        if known and request.method not in SAFE and 400 <= answer.status_code < 500:
            # An address or a method that does not exist is no write.
            self.refused += request.routing_exception is None
        return answer

    def begin_test(self) -> None:
        """Forget what earlier tests did."""
        self.faults, self.refused, self.audited = [], 0, self._rows()

    def check(self) -> None:
        """Fail when something that holds always did not."""
        assert self.faults == []
        assert self._rows() - self.audited == self.refused

    def _rows(self) -> int:
        statement = sa.select(sa.func.count()).where(AUDIT.c.action == "refused_write")
        with self.depot.workspace.database.read() as connection:
            return int(connection.execute(statement).scalar_one())


WATCHES: dict[int, Watch] = {}


@pytest.fixture(autouse=True)
def always(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold every test of this folder to what holds always."""
    names = {"depot", "own_depot"} & set(request.fixturenames)
    watches = [WATCHES[id(request.getfixturevalue(name))] for name in names]
    for watch in watches:
        watch.begin_test()
    yield
    for watch in watches:
        watch.check()


def furnished(database: Database) -> Depot:
    """Return a depot with people, two customers and a few orders."""
    made = Depot(database)
    watch = WATCHES[id(made)] = Watch(made)
    watch.install(made.app)
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
