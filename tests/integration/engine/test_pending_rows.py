"""Rows for the logs are written at the end of a transaction, and undone with what caused them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from trellis.engine.pending import ENOUGH, PendingRows
from trellis.storage.database import Database
from trellis.storage.prepared import Kept

_TABLE = sa.table("pending_log", sa.column("what", sa.Text()))
_INSERT = Kept(sa.insert(_TABLE).values(what=sa.bindparam("what")))


class StopHereError(Exception):
    """Raised to undo an attempt."""


@pytest.fixture
def log(database: Database) -> Database:
    """Return a database with an empty log."""
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE pending_log (what TEXT)")
    return database


def written(database: Database) -> list[str]:
    """Return what the log holds."""
    with database.read() as connection:
        return [row.what for row in connection.execute(sa.select(_TABLE))]


def test_rows_are_written_in_their_order(log: Database) -> None:
    pending = PendingRows()

    with log.write() as connection:
        for what in ("first", "second", "third"):
            pending.add(_INSERT, {"what": what})
        pending.flush(connection)

    assert written(log) == ["first", "second", "third"]


def test_an_attempt_that_fails_takes_its_rows_with_it(log: Database) -> None:
    pending = PendingRows()

    with log.write() as connection:
        pending.add(_INSERT, {"what": "before"})
        with pytest.raises(StopHereError), pending.attempt(connection):
            pending.add(_INSERT, {"what": "inside"})
            raise StopHereError
        pending.flush(connection)

    assert written(log) == ["before"]


def test_a_flush_inside_an_attempt_that_fails_loses_no_row_from_before(log: Database) -> None:
    pending = PendingRows()

    with log.write() as connection:
        pending.add(_INSERT, {"what": "before"})
        with pytest.raises(StopHereError), pending.attempt(connection):
            pending.add(_INSERT, {"what": "inside"})
            pending.flush(connection)
            raise StopHereError
        pending.flush(connection)

    assert written(log) == ["before"]


def test_many_rows_are_not_kept_until_the_end(log: Database) -> None:
    pending = PendingRows()

    with log.write() as connection:
        for number in range(ENOUGH + 1):
            pending.add(_INSERT, {"what": str(number)})
        with pending.attempt(connection):
            found = connection.execute(sa.select(sa.func.count()).select_from(_TABLE)).scalar()

    assert found == ENOUGH + 1
