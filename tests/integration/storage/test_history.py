"""The history of records shows whatever is done to it beside the engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from trellis.cli.main import main
from trellis.storage.history import chain_problems, head_problems

from tests.fakes.workshop import Workshop

CUSTOMER = "  customer: {label: Customer, fields: {name: {type: text}, spent: {type: money}}}\n"


@pytest.fixture
def kept(workshop: Workshop) -> Workshop:
    """Two customers with three entries each."""
    workshop.install(CUSTOMER)
    for name in ("Acme", "Bond"):
        record = workshop.create("customer", name=name, spent="0.10")
        workshop.update("customer", record, name=name + "!")
        workshop.update("customer", record, spent="1.5", name="数")
    return workshop


def codes(workshop: Workshop) -> list[str]:
    tables = {"customer": workshop.table("customer")}
    with workshop.app.database.read() as connection:
        found = [*chain_problems(connection), *head_problems(connection, tables)]
    return [problem.code for problem in found]


def test_what_the_engine_wrote_holds(kept: Workshop) -> None:
    record = kept.create("customer", name="Cato")
    kept.delete("customer", record)

    assert codes(kept) == []


@pytest.mark.parametrize(
    ("done", "found"),
    [
        ("UPDATE trellis_history SET actor = 'nobody' WHERE seq = 2", ["HIST003"] * 2),
        ("UPDATE trellis_history SET comment = 'nice' WHERE seq = 1", ["HIST003"] * 2),
        ("UPDATE trellis_history SET previous_hash = hash WHERE seq = 3",
         ["HIST002", "HIST003"] * 2),
        ("DELETE FROM trellis_history WHERE seq = 2", ["HIST001"] * 2),
        ("DELETE FROM trellis_history WHERE seq = 1", ["HIST001"] * 2),
        ("DELETE FROM trellis_history WHERE seq = 3", ["HIST004"] * 2),
        ("DELETE FROM trellis_history", ["HIST004"] * 2),
        # Two entries of one record exchanged.
        ("UPDATE trellis_history SET seq = CASE seq WHEN 2 THEN 13 WHEN 3 THEN 12 ELSE seq END",
         ["HIST001", "HIST003", "HIST002", "HIST003", "HIST001", "HIST003", "HIST002", "HIST003",
          "HIST004", "HIST004"]),
    ],
)  # fmt: skip
def test_what_somebody_else_did_shows(kept: Workshop, done: str, found: list[str]) -> None:
    kept.sql(done)

    assert codes(kept) == found


def test_a_history_that_was_moved_to_another_record_shows(kept: Workshop) -> None:
    first, second = kept.sql("SELECT DISTINCT record_id FROM trellis_history ORDER BY record_id")

    kept.sql(f"DELETE FROM trellis_history WHERE record_id = '{second}'")
    kept.sql(f"UPDATE trellis_history SET record_id = '{second}' WHERE record_id = '{first}'")

    assert set(codes(kept)) == {"HIST003", "HIST004"}


def test_the_command_says_what_it_found(
    kept: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = kept.app.database.url.render_as_string(hide_password=False)

    whole = main(["history", "verify", "--workspace", url])
    kept.sql("UPDATE trellis_history SET actor = 'nobody' WHERE seq = 2")
    broken = main(["history", "verify", "--workspace", url])

    assert (whole, broken) == (0, 1)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "the history is whole"
    altered = "error[HIST003]: the entry was altered after it was written"
    assert [altered in line for line in said[1:]] == [True, True]
