"""Replay a year of a real service desk through the engine's door, then recompute its figures.

The log is UCI dataset 498 (CC BY 4.0): 141,712 updates of 24,918 incidents. It is read from the
shared folder and never copied.
Usage: `python bench/replay_incidents.py [--database URL] [--rows N]`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trellis.access.principal import Principal
from trellis.clock import SetClock
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.query import PageRequest
from trellis.settings import Settings
from trellis.wiring import Application, open_application

ROOT = Path(__file__).resolve().parent.parent
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
#: What the log itself says: priority → (made its SLA, incidents).
MADE_SLA = {"critical": (5, 270), "high": (2, 408), "moderate": (15_145, 23_466),
            "low": (651, 774)}  # fmt: skip
BATCH = 200


def moment(text: str) -> datetime | None:
    """Return a moment of the log."""
    return None if text == "?" else datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)


def read_log(path: Path) -> list[dict[str, str]]:
    """Return the log in the order in which it happened."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows.sort(key=lambda row: (moment(row["sys_updated_at"]), int(row["sys_mod_count"])))
    return rows


def values_of(row: dict[str, str]) -> dict[str, Any]:
    """Return the fields of an incident as a row of the log says them."""
    found: dict[str, Any] = {key: None if row[name] == "?" else row[name]
                             for key, name in TEXTS.items()}  # fmt: skip
    found |= {key: int(row[name]) for key, name in COUNTS.items()}
    found |= {key: moment(row[name]) for key, name in MOMENTS.items()}
    found["made_sla"] = row["made_sla"] == "true"
    found["knowledge"] = row["knowledge"] == "true"
    found["impact"] = LEVELS[row["impact"][0]]
    found["urgency"] = LEVELS[row["urgency"][0]]
    return found


def batches(rows: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """Yield rows in transactions' worth."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def replay(app: Application, clock: SetClock, rows: list[dict[str, str]]) -> dict[str, int]:
    """Write every row as a create, update or transition; return how many of each."""
    principal = Principal("00000000-0000-7000-8000-000000000001", "replay", "Replay",
                          frozenset({"replay"}))  # fmt: skip
    actor = Actor(principal, "import")
    ids: dict[str, str] = {}
    known: dict[str, dict[str, Any]] = {}
    states: dict[str, str] = {}
    done = {"creates": 0, "updates": 0, "transitions": 0}
    for batch in batches(rows):
        with app.workspace.transaction(actor) as tx:
            for row in batch:
                clock.moment = moment(row["sys_updated_at"]) or clock.moment
                tx.now = clock.moment
                number, state, values = row["number"], STATES[row["incident_state"]], values_of(row)
                if number not in ids:
                    ids[number] = records.create(
                        tx, "incident", {**values, "number": number, "state": state}
                    )
                    done["creates"] += 1
                else:
                    changed = {k: v for k, v in values.items() if known[number][k] != v}
                    if state != states[number]:
                        records.transition(tx, "incident", ids[number], f"replay_{state}", changed)
                        done["transitions"] += 1
                    else:
                        records.update(tx, "incident", ids[number], changed)
                        done["updates"] += 1
                known[number], states[number] = values, state
    return done


def count(app: Application, condition: str | None) -> int:
    """Return how many incidents meet a condition, by the platform's own query."""
    with app.workspace.reading(SYSTEM) as tx:
        request = PageRequest(fields=("number",), filter=condition, limit=1, count=True)
        return int(query.page(tx, "incident", request).total or 0)


def wrong_priorities(app: Application, rows: list[dict[str, str]]) -> int:
    """Return how many incidents have another priority than the log's last word."""
    wanted = {row["number"]: PRIORITIES[row["priority"][0]] for row in rows}
    cursor, wrong = None, 0
    while True:
        with app.workspace.reading(SYSTEM) as tx:
            page = query.page(tx, "incident", PageRequest(
                fields=("number", "priority"), sort=("number",), limit=500, cursor=cursor,
            ))  # fmt: skip
        wrong += sum(wanted[item["number"]] != item["priority"] for item in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return wrong


def figures(app: Application, rows: list[dict[str, str]]) -> list[tuple[str, object, object]]:
    """Return (what, found, wanted); wanted figures hold for the whole log."""
    found: list[tuple[str, object, object]] = [
        ("incidents", count(app, None), len({row["number"] for row in rows})),
        ("priorities that differ from the log", wrong_priorities(app, rows), 0),
    ]
    for priority, wanted in MADE_SLA.items():
        made = count(app, f'priority = "{priority}" and made_sla = true')
        found.append(
            (f"made SLA, {priority}", (made, count(app, f'priority = "{priority}"')), wanted)
        )
    found.append(("reassigned", count(app, "reassignment_count > 0"), 11_369))
    found.append(("reopened", count(app, "reopen_count > 0"), 275))
    return found


def main() -> int:
    """Replay, print the figures, and return 1 when one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--rows", type=int)
    arguments = parser.parse_args()
    if not LOG.exists():
        print(f"the log is not there: {LOG}", file=sys.stderr)
        return 2
    rows = read_log(LOG)[: arguments.rows]
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{folder}/replay.db"
        clock = SetClock(datetime(2016, 2, 29, tzinfo=UTC))
        app = open_application(Settings(Path(folder), url, "k" * 40, Path(folder)), clock)
        app.install_folder(ROOT / "examples" / "incident_desk")
        begun = time.perf_counter()
        done = replay(app, clock, rows)
        seconds = time.perf_counter() - begun
        found = figures(app, rows)
        app.database.dispose()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(rows):,} rows in {seconds:.0f} s: {len(rows) / seconds:.0f} a second, {done}, "
          f"{memory:.0f} MB")  # fmt: skip
    whole = arguments.rows is None
    for what, is_now, wanted in found:
        print(
            f"  {what}: {is_now}" + ("" if is_now == wanted or not whole else f"  WANTED {wanted}")
        )
    return int(whole and any(is_now != wanted for _, is_now, wanted in found))


if __name__ == "__main__":
    sys.exit(main())
