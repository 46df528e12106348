"""Files people take away: a list as CSV, the event log as CSV and XES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from flask import Response, stream_with_context
from flask.typing import ResponseReturnValue
from trellis.connect.tables.cells import cell_of, csv_line
from trellis.engine.errors import ForbiddenError
from trellis.formbuilder.formats.choices import option_labels
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.list_page import Column
from trellis.formbuilder.values import Reference, StoredFile
from trellis.metadata.model.access import Capability
from trellis.web.pages.blueprint import pages
from trellis.web.pages.lists import plan_of
from trellis.web.pages.operations import stop_without
from trellis.web.pages.ports import Ask, Row
from trellis.web.pages.visit import Visit, visit

MOST_ROWS = 100_000
_PAGE = 500
#: Tells spreadsheets that the text is UTF-8.
_BOM = "\ufeff"
Cell = Callable[[object], object]


@pages.get("/o/<object_key>/export.csv")
def export_list(object_key: str) -> ResponseReturnValue:
    """Send the records of a list, filtered and sorted as the page shows them."""
    at = visit()
    model = at.object(object_key)
    if not at.records.rights(object_key).export:
        raise ForbiddenError("FORBIDDEN", "your role may not export these records")
    plan = plan_of(at, model)
    ask = replace(plan.ask, cursor="", count=False, limit=_PAGE)
    lines = _lines(at, object_key, ask, plan.made.columns)
    return _download(at, lines, f"{object_key}.csv", "text/csv; charset=utf-8")


def _download(at: Visit, lines: Iterator[str], name: str, kind: str) -> Response:
    answer = Response(stream_with_context(_closing(at, lines)), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _closing(at: Visit, lines: Iterator[str]) -> Iterator[str]:
    """Yield `lines`, and end the visit behind them: the request itself is over by then."""
    try:
        yield from lines
    finally:
        at.close()


def _lines(at: Visit, object_key: str, ask: Ask, columns: tuple[Column, ...]) -> Iterator[str]:
    cells = [_cell_of(at, column) for column in columns]
    yield _BOM + csv_line([column.label for column in columns])
    sent = 0
    while sent < MOST_ROWS:
        page = at.records.page(object_key, ask)
        for row in page.rows:
            yield csv_line(_values(row, columns, cells))
        sent += len(page.rows)
        if not page.next_cursor:
            return
        ask = replace(ask, cursor=page.next_cursor)


def _values(row: Row, columns: tuple[Column, ...], cells: list[Cell]) -> list[object]:
    shown = zip(columns, cells, strict=True)
    return [cell_of(cell(row.values.get(column.path))) for column, cell in shown]


def _cell_of(at: Visit, column: Column) -> Cell:
    labels = option_labels(Subject(at.catalog, column.end.model, column.end.field, at.audience))

    def show(value: object) -> object:
        if isinstance(value, list | tuple):
            return ", ".join(str(show(one)) for one in value)
        if isinstance(value, Reference):
            return value.title
        if isinstance(value, StoredFile):
            return value.name
        if isinstance(value, datetime):
            return at.audience.local(value).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, str) and value in labels:
            return labels[value][0]
        return value

    return show


@pages.get("/admin/history/events.<any(csv, xes):kind>")
def export_events(kind: str) -> ResponseReturnValue:
    """Send the event log for process analysis."""
    at = visit()
    stop_without(at, Capability.AUDIT)
    lines = at.admin.trail.export(kind)
    content = "text/csv; charset=utf-8" if kind == "csv" else "application/xml"
    return _download(at, lines, f"events.{kind}", content)
