"""The event log over HTTP: pages of entries, and the whole as CSV or XES for process mining."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from flask import Response, stream_with_context
from flask.typing import ResponseReturnValue
from trellis.analytics.event_export import as_csv, as_xes
from trellis.engine.actors import Actor
from trellis.engine.errors import InvalidError, problem
from trellis.engine.events import log
from trellis.engine.events.log import EventQuery
from trellis.engine.workspace import Workspace
from trellis.ids import is_id
from trellis.metadata.model.access import Capability
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading
from trellis.web.api.reading import query_of, whole_number
from trellis.web.door import actor
from trellis.web.policy import policy
from trellis.web.serving import server

MOST_ENTRIES = 1_000
_FILTERS = ("object", "case", "flow", "since", "until")
_TYPES = {"csv": "text/csv; charset=utf-8", "xes": "application/xml"}


@api.get("/v1/events")
@policy(capability=Capability.AUDIT)
def list_events() -> ResponseReturnValue:
    """Return a page of the event log, oldest first; needs the right `audit`."""
    asked = query_of((*_FILTERS, "limit", "cursor"))
    limit = 100 if "limit" not in asked else whole_number("limit", asked["limit"], 1, MOST_ENTRIES)
    cursor = asked.get("cursor")
    if cursor is not None and not is_id(cursor):
        raise InvalidError([problem("cursor", "TYPE", "is not a cursor of this list")])
    with reading() as tx:
        found = log.page(tx, _query(asked), cursor, limit + 1)
    items = [{"id": one, **asdict(entry)} for one, entry in found[:limit]]
    following = items[-1]["id"] if len(found) > limit else None
    return answer({"items": items, "next_cursor": following})


@api.get("/v1/events.<any(csv, xes):kind>")
@policy(capability=Capability.AUDIT)
def export_events(kind: str) -> ResponseReturnValue:
    """Return the event log case by case, as a file; needs the right `audit`."""
    lines = _lines(server().workspace, actor("api"), kind, _query(query_of(_FILTERS)))
    sent = Response(stream_with_context(lines), content_type=_TYPES[kind])
    sent.headers["Content-Disposition"] = f'attachment; filename="events.{kind}"'
    return sent


def _lines(workspace: Workspace, who: Actor, kind: str, asked: EventQuery) -> Iterator[str]:
    # The request's own transaction is over before the last line is sent.
    with workspace.reading(who) as tx:
        found = log.entries(tx, asked)
        yield from as_csv(found) if kind == "csv" else as_xes(found, log_name="trellis")


def _query(asked: Mapping[str, str]) -> EventQuery:
    return EventQuery(
        asked.get("object"),
        asked.get("case"),
        asked.get("flow"),
        since=_moment("since", asked.get("since")),
        until=_moment("until", asked.get("until")),
    )


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidError(
            [problem(name, "TYPE", "must be a date-time such as 2026-03-31T14:00:00Z")]
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
