"""The sample's rows in a database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from trellis.expressions.to_sql import register_sqlite_functions

from tests.unit.expressions.sample import META, fill


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    """Give a connection to a database with the sample's rows."""
    url = "sqlite://"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")
        if url is None:
            pytest.skip("no PostgreSQL: set TRELLIS_TEST_POSTGRES or install the server's programs")
    engine = sa.create_engine(url)
    with engine.connect() as made:
        if request.param == "sqlite":
            register_sqlite_functions(made.connection.dbapi_connection)
        META.drop_all(made)
        fill(made)
        made.commit()
        yield made
        made.rollback()
        META.drop_all(made)
        made.commit()
    engine.dispose()
