"""The second app takes the shape of a real log; a made-up log of 200 rows stands for it."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from trellis.clock import SetClock
from trellis.storage.database import Database

SCRIPT = Path(__file__).parents[2] / "bench" / "replay_incidents.py"
NAMES = (
    "number", "incident_state", "active", "reassignment_count", "reopen_count",
    "sys_mod_count", "made_sla", "caller_id", "opened_by", "opened_at", "sys_created_by",
    "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type", "location",
    "category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority",
    "assignment_group", "assigned_to", "knowledge", "u_priority_confirmation", "notify",
    "problem_id", "rfc", "vendor", "caused_by", "closed_code", "resolved_by", "resolved_at",
    "closed_at",
)  # fmt: skip
MOMENTS = {"opened_at", "sys_created_at", "sys_updated_at", "resolved_at", "closed_at"}
LEVELS = ("1 - High", "2 - Medium", "3 - Low")
#: impact, urgency → priority, as the desk of the log has it.
PRIORITY = {
    (1, 1): "1 - Critical", (1, 2): "2 - High", (2, 1): "2 - High", (2, 2): "3 - Moderate",
    (3, 1): "3 - Moderate", (1, 3): "3 - Moderate", (2, 3): "4 - Low", (3, 2): "4 - Low",
    (3, 3): "4 - Low",
}  # fmt: skip
#: Ways through the desk that the real log knows, one that begins late and one that goes back.
WAYS = (
    ("New", "Active", "Resolved", "Closed"),
    ("Active", "Awaiting User Info", "Active", "Resolved", "Closed"),
    ("New", "Resolved", "New", "Active", "Closed"),
    ("Resolved", "Active", "Awaiting Vendor", "-100", "Resolved"),
    ("New", "New", "Awaiting Problem", "Awaiting Evidence", "Closed", "Active"),
)


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("replay_incidents", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["replay_incidents"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["replay_incidents"]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.csv.gz"
    rows = list(made_up_rows(200))
    random.Random(7).shuffle(rows)  # noqa: S311 - no secret
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, NAMES)
        writer.writeheader()
        writer.writerows(rows)
    return path


def made_up_rows(wanted: int) -> Iterator[dict[str, str]]:
    """Yield rows of incidents that go their ways, one update after the other."""
    chance = random.Random(498)  # noqa: S311 - no secret
    made = number = 0
    while made < wanted:
        number += 1
        impact, urgency = chance.randint(1, 3), chance.randint(1, 3)
        at = datetime(2016, 3, 1, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 9_000))
        way = WAYS[number % len(WAYS)][: wanted - made]
        for step, state in enumerate(way):
            at += timedelta(minutes=chance.randint(1, 400))
            yield {
                **{name: at.strftime("%d/%m/%Y %H:%M") if name in MOMENTS else f"{name} {number}"
                   for name in NAMES},
                "number": f"INC{number:07}", "incident_state": state, "sys_mod_count": str(step),
                "impact": LEVELS[impact - 1], "urgency": LEVELS[urgency - 1],
                "priority": PRIORITY[impact, urgency], "made_sla": str(number % 3 > 0).lower(),
                "reassignment_count": str(min(step, number % 2)), "knowledge": "false",
                "reopen_count": str(int(state == "New" and step > 1)), "vendor": "?",
            }  # fmt: skip
        made += len(way)


def last_words(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the last row of each incident."""
    return list({row["number"]: row for row in rows}.values())


def test_a_log_is_replayed_at_its_own_times_and_its_figures_are_found(
    bench: ModuleType, log: Path, database: Database, tmp_path: Path
) -> None:
    rows = bench.read_log(log)
    url = database.url.render_as_string(hide_password=False)
    clock = SetClock(datetime(2016, 2, 29, tzinfo=UTC))
    app = bench.open_desk(tmp_path, url, clock)

    done = bench.replay(app, clock, rows)
    found = bench.figures(app)
    app.database.dispose()

    last = last_words(rows)
    assert done.creates + done.updates + done.transitions == 200
    assert (done.creates, done.updates > 0, done.transitions > 0) == (len(last), True, True)
    assert found["incidents"] == len(last)
    assert found["priority is not that of the log"] == 0
    assert found["reassigned"] == sum(row["reassignment_count"] != "0" for row in last)
    assert found["made their SLA, high"] == sum(
        row["priority"].startswith("2") and row["made_sla"] == "true" for row in last
    )
    assert clock.now() == bench.moment(rows[-1]["sys_updated_at"])


def test_a_log_is_read_in_the_order_of_its_updates(bench: ModuleType, log: Path) -> None:
    rows = bench.read_log(log)

    order = [(bench.moment(row["sys_updated_at"]), int(row["sys_mod_count"])) for row in rows]
    assert order == sorted(order)


def test_a_missing_log_is_said_and_nothing_is_written(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["replay_incidents.py", "--log", "/nowhere/log.csv.gz"])

    assert bench.main() == 2
    assert "README.md" in capsys.readouterr().err
