"""The event log leaves as CSV and XES without losing or running anything."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from defusedxml import ElementTree
from trellis.analytics.event_export import COLUMNS, as_csv, as_xes
from trellis.engine.events.entries import EventEntry, EventKind

XES = "{http://www.xes-standard.org/}"
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


def parsed(*entries: EventEntry) -> ElementTree.Element:
    return ElementTree.fromstring("".join(as_xes(entries, log_name="demo")))


def test_a_trace_holds_the_events_of_its_case() -> None:
    log = parsed(entry("1", "check"), entry("1", "approve"), entry("2", "check"))

    assert [len(trace.findall(f"{XES}event")) for trace in log.findall(f"{XES}trace")] == [2, 1]


@pytest.mark.parametrize("evil", ['</string><x a="b"> & \x00', "\ufffe\uffff\x0b", "\n\t'\""])
def test_xml_in_data_stays_data(evil: str) -> None:
    log = parsed(entry("1", evil))

    event = log.find(f"{XES}trace/{XES}event/{XES}string[@key='concept:name']")
    assert event is not None
    assert event.get("value") == "".join(c for c in evil if c not in "\x00\x0b\ufffe\uffff")


#: The order that the schema of IEEE 1849 gives to the children of `log`.
ORDER = ("extension", "global", "classifier", "string", "trace")
#: Which XML Schema type each kind of attribute has.
VALUES = {"date": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "int": r"-?\d+",
          "string": r"(?s).*"}  # fmt: skip


def test_the_document_has_the_structure_of_the_standard() -> None:
    log = parsed(entry("1", "check", version=3, role="clerk"))

    names = [child.tag.removeprefix(XES) for child in log]
    assert log.tag == f"{XES}log" and set(log.keys()) == {"xes.version", "xes.features"}
    assert names == sorted(names, key=ORDER.index)
    prefixes = {child.get("prefix") for child in log.findall(f"{XES}extension")}
    assert prefixes == {"concept", "time", "org", "lifecycle"}
    for attribute in log.iter():
        kind = attribute.tag.removeprefix(XES)
        if kind in VALUES:
            assert set(attribute.keys()) == {"key", "value"}
            assert re.fullmatch(VALUES[kind], attribute.get("value") or "")


def test_every_event_has_what_the_globals_promise() -> None:
    log = parsed(entry("1", "check"), entry("1", "gone", outcome="cancelled"))

    promised = log.find(f"{XES}global[@scope='event']")
    assert promised is not None
    wanted = {(part.tag, part.get("key")) for part in promised}
    for event in log.iter(f"{XES}event"):
        assert wanted <= {(part.tag, part.get("key")) for part in event}


@pytest.mark.parametrize(
    ("kind", "outcome", "expected"),
    [
        (EventKind.CREATE, None, "complete"),
        (EventKind.TRANSITION, None, "complete"),
        (EventKind.ENTER, None, "start"),
        (EventKind.EXIT, "ok", "complete"),
        (EventKind.ASSIGN, "li", "assign"),
        (EventKind.WAIT, "give_back", "reassign"),
        (EventKind.WAIT, "cancelled", "withdraw"),
        (EventKind.DUE, None, "suspend"),
    ],
)
def test_kinds_are_told_in_the_standards_lifecycle(
    kind: EventKind, outcome: str | None, expected: str
) -> None:
    log = parsed(replace(entry("1", "check", outcome=outcome), kind=kind))

    found = log.find(f"{XES}trace/{XES}event/{XES}string[@key='lifecycle:transition']")
    assert found is not None and found.get("value") == expected
