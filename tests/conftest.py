"""Databases for tests: whoever asks for `database` is run on SQLite and on PostgreSQL.

PostgreSQL is the server that `TRELLIS_TEST_POSTGRES` names, or one started for this run in a
folder of its own. Where neither is possible the tests say so by name, and fail when
`TRELLIS_REQUIRE_POSTGRES` is set.

Properties are tried on a sample that differs from run to run; with `TRELLIS_TEST_FULL` set, as by
`make test-full`, on as many examples as they state.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import settings
from trellis.storage.database import Database

from tests.fakes.postgres import PrivateServer, find_binaries
from tests.fakes.shelf import Shelf

# Machines are slow at times; no test fails for the time it took.
settings.register_profile("sample", deadline=None, max_examples=150, derandomize=False)
settings.register_profile("full", deadline=None, max_examples=10_000, derandomize=False)
settings.load_profile("full" if os.environ.get("TRELLIS_TEST_FULL") else "sample")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str | None]:
    """Give the address of a server on which databases may be made; None when there is none."""
    named = os.environ.get("TRELLIS_TEST_POSTGRES")
    if named:
        yield named
        return
    binaries = find_binaries()
    if binaries is None:
        yield None
        return
    # Not in pytest's own folder: another run of pytest shuts that to the server's user.
    with (
        TemporaryDirectory(prefix="trellis_pg_") as folder,
        PrivateServer(binaries, Path(folder)) as server,
    ):
        yield server.url


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str | None) -> Iterator[str | None]:
    """Give the address of a database of this run."""
    if postgres_url is None:
        yield None
        return
    server = sa.make_url(postgres_url).set(drivername="postgresql+psycopg")
    name = f"trellis_test_{os.getpid()}"
    do_statements(server, f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    do_statements(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> str | None:
    """Give the address of this run's PostgreSQL, and once None, which stands for SQLite."""
    return postgres_or_skip(request) if request.param == "postgresql" else None


@pytest.fixture(scope="session")
def shelf(
    postgres_database: str | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shelf]:
    """Give the ready-made workplaces of this run; the database they are made from outlives them."""
    made = Shelf(tmp_path_factory.mktemp("shelf"))
    yield made
    made.clear()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database."""
    yield from _empty_database(request, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Give a database that all tests of a module share; none of them may use `database` too."""
    yield from _empty_database(request, tmp_path_factory.mktemp("lasting"))


def _empty_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(f"sqlite:///{folder / 'test.db'}")
        yield made
        made.dispose()
        return
    url = postgres_or_skip(request)
    do_statements(sa.make_url(url), *_EMPTY)
    made = Database(url)
    yield made
    made.dispose()


def postgres_or_skip(request: pytest.FixtureRequest) -> str:
    """Return the address of this run's PostgreSQL; skip by name, or fail where it is required."""
    url: str | None = request.getfixturevalue("postgres_database")
    if url is None:
        text = "no PostgreSQL: set TRELLIS_TEST_POSTGRES or install the server's programs"
        if os.environ.get("TRELLIS_REQUIRE_POSTGRES"):
            pytest.fail(text)
        pytest.skip(text)
    return url


_EMPTY = (
    """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    """,
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
)


def do_statements(url: sa.URL, *statements: str) -> None:
    """Run statements of the server's administration, each for itself."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
