"""Replay a year of a real service desk through the engine's door, then recompute its figures.

The log is UCI data set 498 (CC BY 4.0): 141,712 updates of 24,918 incidents. It is read where it
lies and never copied; examples/incident_desk/README.md says how to get it. Usage:
`python bench/replay_incidents.py [--log FILE] [--database URL] [--rows N]`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trellis.access.principal import Principal
from trellis.clock import SetClock
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.query import PageRequest
from trellis.engine.transactions import Transaction
from trellis.settings import Settings
from trellis.wiring import Application, open_application

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "examples" / "incident_desk"
LOG = ROOT.parent / "shared" / "data" / "incident_event_log.csv.gz"
STATES = {
    "New": "new", "Active": "active", "Awaiting User Info": "awaiting_user",
    "Awaiting Vendor": "awaiting_vendor", "Awaiting Problem": "awaiting_problem",
    "Awaiting Evidence": "awaiting_evidence", "-100": "unknown", "Resolved": "resolved",
    "Closed": "closed",
}  # fmt: skip
TEXTS = {
    "caller": "caller_id", "contact_type": "contact_type", "location": "location",
    "category": "category", "subcategory": "subcategory", "symptom": "u_symptom",
    "configuration_item": "cmdb_ci", "assignment_group": "assignment_group",
    "assigned_to": "assigned_to", "resolved_by": "resolved_by", "notify": "notify",
    "problem": "problem_id", "change": "rfc", "vendor": "vendor", "caused_by": "caused_by",
    "close_code": "closed_code", "updated_by_name": "sys_updated_by",
}  # fmt: skip
COUNTS = {"reassignment_count": "reassignment_count", "reopen_count": "reopen_count",
          "change_count": "sys_mod_count"}  # fmt: skip
MOMENTS = {"opened_at": "opened_at", "resolved_at": "resolved_at", "closed_at": "closed_at"}
LEVELS = {"1": "high", "2": "medium", "3": "low"}
PRIORITIES = {"1": "critical", "2": "high", "3": "moderate", "4": "low"}
#: What the whole log is known to hold: question → answer.
KNOWN = {
    "incidents": 24_918, "priority is not that of the log": 0,
    "made their SLA, critical": 5, "of critical": 270, "made their SLA, high": 2, "of high": 408,
    "made their SLA, moderate": 15_145, "of moderate": 23_466,
    "made their SLA, low": 651, "of low": 774, "reassigned": 11_369, "reopened": 275,
}  # fmt: skip
BATCH = 200
Row = Mapping[str, str]


@dataclass
class Done:
    """What the replay wrote."""

    creates: int = 0
    updates: int = 0
    transitions: int = 0


@dataclass
class Replay:
    """The desk as far as the log has been told: the incident's id and its last row."""

    ids: dict[str, str] = field(default_factory=dict)
    last: dict[str, Row] = field(default_factory=dict)
    done: Done = field(default_factory=Done)

    def tell(self, tx: Transaction, row: Row) -> None:
        """Write one row as a create, a transition or an update."""
        number, values, state = row["number"], values_of(row), STATES[row["incident_state"]]
        if number not in self.ids:
            facts = {**values, "number": number, "state": state}
            self.ids[number] = records.create(tx, "incident", facts)
            self.done.creates += 1
        else:
            before = values_of(self.last[number])
            changed = {key: value for key, value in values.items() if before[key] != value}
            if state == STATES[self.last[number]["incident_state"]]:
                records.update(tx, "incident", self.ids[number], changed)
                self.done.updates += 1
            else:
                move = f"replay_{state}"
                records.transition(tx, "incident", self.ids[number], move, changed)
                self.done.transitions += 1
        self.last[number] = row


def moment(text: str) -> datetime | None:
    """Return a moment of the log."""
    return None if text == "?" else datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)


def read_log(path: Path) -> list[Row]:
    """Return the log in the order in which it happened; equal words are kept once."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        names = [sys.intern(name) for name in next(lines)]
        rows = [dict(zip(names, map(sys.intern, line), strict=True)) for line in lines]
    rows.sort(key=lambda row: (moment(row["sys_updated_at"]), int(row["sys_mod_count"])))
    return rows


def values_of(row: Row) -> dict[str, Any]:
    """Return the fields of an incident as a row of the log says them."""
    found: dict[str, Any] = {key: None if row[name] == "?" else row[name]
                             for key, name in TEXTS.items()}  # fmt: skip
    found |= {key: int(row[name]) for key, name in COUNTS.items()}
    found |= {key: moment(row[name]) for key, name in MOMENTS.items()}
    found["made_sla"] = row["made_sla"] == "true"
    found["knowledge"] = row["knowledge"] == "true"
    found["impact"] = LEVELS[row["impact"][0]]
    found["urgency"] = LEVELS[row["urgency"][0]]
    found["stated_priority"] = PRIORITIES[row["priority"][0]]
    return found


def batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield rows in transactions' worth."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def replay(app: Application, clock: SetClock, rows: Sequence[Row]) -> Done:
    """Write every row at its own time; return how much of what was written."""
    principal = Principal("00000000-0000-7000-8000-000000000001", "replay", "Replay",
                          frozenset({"replay"}))  # fmt: skip
    told = Replay()
    for batch in batches(rows):
        with app.workspace.transaction(Actor(principal, "import")) as tx:
            for row in batch:
                clock.moment = moment(row["sys_updated_at"]) or clock.moment
                tx.now = clock.moment
                told.tell(tx, row)
    return told.done


def figures(app: Application) -> dict[str, int]:
    """Return the answers to the questions of KNOWN, by the platform's own queries."""
    found = {
        "incidents": count(app, None),
        "priority is not that of the log": count(app, "priority != stated_priority"),
    }
    for priority in PRIORITIES.values():
        one = f'priority = "{priority}"'
        found[f"made their SLA, {priority}"] = count(app, f"{one} and made_sla = true")
        found[f"of {priority}"] = count(app, one)
    found["reassigned"] = count(app, "reassignment_count > 0")
    found["reopened"] = count(app, "reopen_count > 0")
    return found


def count(app: Application, condition: str | None) -> int:
    """Return how many incidents meet a condition."""
    with app.workspace.reading(SYSTEM) as tx:
        request = PageRequest(fields=("number",), filter=condition, limit=1, count=True)
        return int(query.page(tx, "incident", request).total or 0)


def open_desk(folder: Path, url: str, clock: SetClock) -> Application:
    """Return the incident desk on a database."""
    app = open_application(Settings(folder, url, "k" * 40, folder), clock)
    app.install_folder(APP)
    return app


def main() -> int:
    """Replay, print the figures, and return 1 when one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, default=LOG)
    parser.add_argument("--database", help="URL; a SQLite file of its own when absent")
    parser.add_argument("--rows", type=int, help="only the first rows")
    arguments = parser.parse_args()
    if not arguments.log.exists():
        print(f"there is no log at {arguments.log}: see {APP / 'README.md'}", file=sys.stderr)
        return 2
    rows = read_log(arguments.log)[: arguments.rows]
    with tempfile.TemporaryDirectory() as folder:
        clock = SetClock(datetime(2016, 2, 29, tzinfo=UTC))
        url = arguments.database or f"sqlite:///{folder}/replay.db"
        app = open_desk(Path(folder), url, clock)
        begun = time.perf_counter()
        done = replay(app, clock, rows)
        seconds = time.perf_counter() - begun
        found = figures(app)
        app.database.dispose()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(rows):,} rows in {seconds:.0f} s ({time.process_time():.0f} s of CPU in all): "
          f"{len(rows) / seconds:.0f} a second, {done}, {memory:.0f} MB")  # fmt: skip
    wanted = KNOWN if arguments.rows is None else {}
    for what, answer in found.items():
        differs = what in wanted and wanted[what] != answer
        print(f"  {what}: {answer:,}" + (f"  WANTED {wanted[what]:,}" if differs else ""))
    return int(any(wanted[what] != found[what] for what in wanted))


if __name__ == "__main__":
    sys.exit(main())
