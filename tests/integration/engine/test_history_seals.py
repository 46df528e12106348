"""The history of records shows every alteration, reordering and deletion."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from trellis.cli.main import main
from trellis.engine.jobs.upkeep import SEAL_JOB
from trellis.storage.anchors import anchor_problems, seal
from trellis.storage.history import chain_problems, row_hash
from trellis.storage.platform_tables.trail import HISTORY

from tests.integration.engine.conftest import House


@pytest.fixture
def sealed(house: House) -> House:
    """A house with two seals: over how it was made, and over a case that was changed."""
    _seal(house)
    case = house.create("li", "case", {"title": "x", "client": house.ids["acme"]})
    house.update("li", "case", case, {"title": "y"})
    _seal(house)
    house.ids["case"] = case
    return house


def _seal(house: House) -> int | None:
    with house.app.database.write() as connection:
        return seal(connection, house.clock.now())


def _problems(connection: sa.Connection) -> set[str]:
    return {problem.code for problem in (*anchor_problems(connection), *chain_problems(connection))}


def _codes(house: House) -> set[str]:
    with house.app.database.read() as connection:
        return _problems(connection)


def test_a_history_that_nobody_touched_is_whole(sealed: House) -> None:
    assert _codes(sealed) == set()


def test_what_is_sealed_once_is_not_sealed_again(sealed: House) -> None:
    assert _seal(sealed) is None


FORGERIES = {
    "UPDATE trellis_history SET comment = 'forged' WHERE record_id = :case AND seq = 1":
        {"HIST003"},
    "DELETE FROM trellis_history WHERE record_id = :case AND seq = 1": {"HIST001", "HIST013"},
    "DELETE FROM trellis_history WHERE record_id = :case AND seq = 2": {"HIST013"},
    "DELETE FROM trellis_history WHERE record_id = :case": {"HIST013"},
    "UPDATE trellis_history SET segment = 1 WHERE record_id = :case": {"HIST013"},
    "UPDATE trellis_history SET segment = NULL WHERE record_id = :case": {"HIST013"},
    "DELETE FROM trellis_anchor WHERE number = 1": {"HIST010"},
    "DELETE FROM trellis_anchor WHERE number = 2": {"HIST010"},
    "UPDATE trellis_anchor SET rows = 1 WHERE number = 2": {"HIST012", "HIST013"},
    "UPDATE trellis_anchor SET root = 'x' WHERE number = 1": {"HIST012", "HIST014"},
}  # fmt: skip


def test_what_somebody_did_to_the_tables_shows(sealed: House) -> None:
    found = {statement: _after(sealed, statement) for statement in FORGERIES}

    assert found == FORGERIES


class _TakenBackError(Exception):
    """Ends a transaction that shall leave nothing."""


def _after(house: House, statement: str) -> set[str]:
    """Return the problems after a statement, which is then taken back."""
    bound = {"case": house.ids["case"]} if ":case" in statement else {}
    found: set[str] = set()
    with suppress(_TakenBackError), house.app.database.write() as connection:
        assert connection.execute(sa.text(statement), bound).rowcount > 0
        found = _problems(connection)
        raise _TakenBackError
    return found


def test_a_history_written_anew_with_right_hashes_shows_under_its_seal(sealed: House) -> None:
    condition = sa.and_(HISTORY.c.record_id == sealed.ids["case"], HISTORY.c.seq == 2)
    with sealed.app.database.write() as connection:
        row = dict(connection.execute(sa.select(HISTORY).where(condition)).mappings().one())
        row["comment"] = "forged"
        connection.execute(
            sa.update(HISTORY).where(condition).values(comment="forged", hash=row_hash(row))
        )

    assert _codes(sealed) == {"HIST014"}


def test_the_worker_seals_every_hour(house: House) -> None:
    house.app.begin_upkeep()
    house.app.begin_upkeep()
    worker = house.app.worker()

    assert worker.run_due() == 0
    house.clock.advance(timedelta(hours=1))
    assert worker.run_due() == 1
    house.clock.advance(timedelta(hours=2))
    assert worker.run_due() == 1

    assert house.rows("SELECT number FROM trellis_anchor") == [(1,)]
    assert house.rows(f"SELECT count(*) FROM trellis_job WHERE key = '{SEAL_JOB}'") == [(1,)]


def test_the_command_says_whether_the_history_is_whole(
    sealed: House, capsys: pytest.CaptureFixture[str]
) -> None:
    url = sealed.app.database.url.render_as_string(hide_password=False)

    assert main(["history", "verify", "--workspace", url]) == 0
    with sealed.app.database.write() as connection:
        gone = sa.delete(HISTORY).where(HISTORY.c.record_id == sealed.ids["case"])
        connection.execute(gone)
    assert main(["history", "verify", "--workspace", url]) == 1

    assert capsys.readouterr().out.splitlines() == [
        "the history is whole",
        "history seals:2:1: error[HIST013]: seal 2 was made over 2 rows of 1 records, "
        "there are 0 of 0",
        f"case/{sealed.ids['case']}: error[HIST004]: the record has revision 2, its history ends "
        "at 0",
    ]
