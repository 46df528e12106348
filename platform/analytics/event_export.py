"""The event log as CSV and as XES (IEEE 1849), written as a stream."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from itertools import groupby
from xml.sax.saxutils import quoteattr

from trellis.engine.events.entries import EventEntry, EventKind

COLUMNS = tuple(field.name for field in fields(EventEntry))
#: A spreadsheet takes a cell that begins so for a formula (ASVS 1.2.10).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
#: The standard lifecycle of IEEE 1849; what is not here is `complete`.
_LIFECYCLE = {EventKind.ENTER: "start", EventKind.ASSIGN: "assign", EventKind.WAIT: "reassign",
              EventKind.DUE: "suspend"}  # fmt: skip
#: What XML 1.0 cannot hold.
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XES = "http://www.xes-standard.org/"
_EXTENSIONS = (("Concept", "concept"), ("Time", "time"), ("Organizational", "org"),
               ("Lifecycle", "lifecycle"))  # fmt: skip


def as_csv(entries: Iterable[EventEntry]) -> Iterator[str]:
    """Yield CSV lines, the header first; times are UTC in ISO 8601."""
    yield _csv_line(COLUMNS)
    for entry in entries:
        yield _csv_line(_csv_cell(getattr(entry, column)) for column in COLUMNS)


def as_xes(entries: Iterable[EventEntry], *, log_name: str) -> Iterator[str]:
    """Yield an XES document; entries of one case must follow each other.

    Each case is a trace; `concept:name` is the activity, `lifecycle:transition` tells start from
    complete.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<log xes.version="1849-2016" xes.features="" xmlns={quoteattr(_XES)}>\n'
    for name, prefix in _EXTENSIONS:
        uri = f"{_XES}{prefix}.xesext"
        yield f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n'
    yield _GLOBALS
    yield _attribute("string", "concept:name", log_name) + "\n"
    yield _attribute("string", "lifecycle:model", "standard") + "\n"
    for case, events in groupby(entries, key=_case_of):
        yield "<trace>" + _attribute("string", "concept:name", f"{case[0]}/{case[1]}") + "\n"
        for entry in events:
            yield _xes_event(entry)
        yield "</trace>\n"
    yield "</log>\n"


#: What every trace and event has, and how events are told apart.
_GLOBALS = """<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/>\
<date key="time:timestamp" value="1970-01-01T00:00:00Z"/>\
<string key="lifecycle:transition" value="complete"/>\
<string key="org:resource" value=""/></global>
<classifier name="Activity" keys="concept:name"/>
<classifier name="Activity and lifecycle" keys="concept:name lifecycle:transition"/>
<classifier name="Resource" keys="org:resource"/>
"""


def _case_of(entry: EventEntry) -> tuple[str, str]:
    return entry.case_object or entry.object, entry.case_id or entry.record_id


def _xes_event(entry: EventEntry) -> str:
    parts = [
        _attribute("string", "concept:name", entry.activity),
        _attribute("date", "time:timestamp", _iso(entry.end_at)),
        _attribute("string", "lifecycle:transition", _lifecycle(entry)),
        _attribute("string", "org:resource", entry.actor),
    ]
    optional = {"org:role": entry.role, "trellis:from": entry.from_state,
                "trellis:to": entry.to_state, "trellis:outcome": entry.outcome,
                "trellis:flow": entry.flow, "trellis:instance": entry.instance_id,
                "trellis:object": entry.object, "trellis:on_behalf_of": entry.on_behalf_of,
                "trellis:comment": entry.comment}  # fmt: skip
    parts += [_attribute("string", key, value) for key, value in optional.items() if value]
    if entry.start_at is not None:
        parts.append(_attribute("date", "trellis:start", _iso(entry.start_at)))
    if entry.version is not None:
        parts.append(_attribute("int", "trellis:version", str(entry.version)))
    return "<event>" + "".join(parts) + "</event>\n"


def _lifecycle(entry: EventEntry) -> str:
    if entry.kind is EventKind.WAIT and entry.outcome == "cancelled":
        return "withdraw"
    return _LIFECYCLE.get(entry.kind, "complete")


def _attribute(kind: str, key: str, value: str) -> str:
    printable = _UNPRINTABLE.sub("", value)
    return f"<{kind} key={quoteattr(key)} value={quoteattr(printable)}/>"


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _iso(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(list(cells))
    return line.getvalue()
