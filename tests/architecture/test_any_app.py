"""An app made of invented words runs on the engine like every other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from trellis.clock import SetClock
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM
from trellis.engine.errors import EngineError
from trellis.engine.query import PageRequest
from trellis.metadata.package import package_from_files
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.wiring import Application, open_application

from tests.fakes.generated_app import GeneratedApp, generate


@pytest.fixture(params=[7, 2026])
def made(request: pytest.FixtureRequest) -> GeneratedApp:
    return generate(request.param)


@pytest.fixture
def running(made: GeneratedApp, database: Database, tmp_path: Path) -> Iterator[Application]:
    url = database.url.render_as_string(hide_password=False)
    settings = Settings(tmp_path, url, "k" * 40, tmp_path / "files")
    application = open_application(settings, SetClock())
    application.install([package_from_files(made.files)])
    yield application
    application.database.dispose()


def test_what_is_written_is_read_whatever_the_fields_are(
    made: GeneratedApp, running: Application
) -> None:
    with running.workspace.transaction(SYSTEM) as tx:
        ids = [
            records.create(tx, made.parent, {"label_text": f"Number {n}", **made.values(n)})
            for n in range(5)
        ]

    with running.workspace.reading(SYSTEM) as tx:
        page = query.page(tx, made.parent, PageRequest(sort=("label_text",)))
        first = query.get(tx, made.parent, ids[0])
    assert [row["label_text"] for row in page.items] == [f"Number {n}" for n in range(5)]
    for key, value in made.values(0).items():
        assert _plain(first[key]) == _plain(value), made.fields[key]


def _plain(value: object) -> object:
    """Return numbers and moments in the one form in which both sides can be compared."""
    if isinstance(value, bool | list | dict):
        return value
    text = str(value)
    try:
        return float(text)
    except ValueError:
        return text


def test_its_lifecycle_and_sums_are_kept(made: GeneratedApp, running: Application) -> None:
    with running.workspace.transaction(SYSTEM) as tx:
        one = records.create(tx, made.parent, {"label_text": "One"})
        records.create(tx, made.child, {"parent": one, "name": "a", "amount": "60.25"})
    workspace = running.workspace
    with pytest.raises(EngineError, match="Too small"), workspace.transaction(SYSTEM) as tx:
        records.transition(tx, made.parent, one, "shut", {})
    with running.workspace.transaction(SYSTEM) as tx:
        records.create(tx, made.child, {"parent": one, "name": "b", "amount": "60.25"})
        records.transition(tx, made.parent, one, "shut", {})

    with running.workspace.reading(SYSTEM) as tx:
        row = query.get(tx, made.parent, one)
    assert (str(row["total"]), row["is_big"], row["stage"]) == ("120.50", True, "shut")
