"""The event log leaves as CSV and XES without losing or running anything."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from defusedxml import ElementTree
from trellis.analytics.event_export import COLUMNS, as_csv, as_xes
from trellis.engine.events.entries import EventEntry, EventKind

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)


def entry(record: str, activity: str, **others: object) -> EventEntry:
    return EventEntry(EventKind.EXIT, "case", record, activity, TEN, "li", NINE, **others)  # type: ignore[arg-type]


def test_every_entry_is_a_csv_row_with_all_columns() -> None:
    rows = list(csv.DictReader(io.StringIO("".join(as_csv([entry("1", "check")])))))

    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["activity"] == "check"
    assert rows[0]["start_at"] == "2026-03-02T09:00:00Z"


def test_a_comment_that_looks_like_a_formula_is_quoted() -> None:
    text = "".join(as_csv([entry("1", "check", comment="=cmd|' /C calc'!A0")]))

    assert "'=cmd" in text


def test_a_trace_holds_the_events_of_its_case() -> None:
    entries = [entry("1", "check"), entry("1", "approve"), entry("2", "check")]

    log = ElementTree.fromstring("".join(as_xes(entries, log_name="demo")))

    assert [len(trace.findall("event")) for trace in log.findall("trace")] == [2, 1]


def test_xml_in_data_stays_data() -> None:
    evil = '</string><x a="b"> & \x00'

    log = ElementTree.fromstring("".join(as_xes([entry("1", evil)], log_name="demo")))

    event = log.find("trace/event/string[@key='concept:name']")
    assert event is not None
    assert event.get("value") == '</string><x a="b"> & '
