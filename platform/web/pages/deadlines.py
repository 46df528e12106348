"""When records are due, put among their values before they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trellis.web.pages.ports import Row
from trellis.web.pages.visit import Visit


def shown_rows(
    at: Visit, object_key: str, rows: Sequence[Row], paths: Sequence[str]
) -> Iterator[tuple[str, list[object]]]:
    """Yield records with the values of some paths, clocks in place of the moments they set."""
    deadlines = at.records.deadlines(object_key, [row.id for row in rows])
    for row in rows:
        values = {**row.values, **deadlines.get(row.id, {})}
        yield row.id, [values.get(path) for path in paths]


def shown_values(at: Visit, object_key: str, row: Row) -> dict[str, object]:
    """Return the values of a record, clocks in place of the moments they set."""
    return {**row.values, **at.records.deadlines(object_key, [row.id]).get(row.id, {})}
