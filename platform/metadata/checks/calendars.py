"""Objects whose records are calendars: their fields can say what a calendar says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trellis.metadata.checks.places import at
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.objects import CalendarFields, CalendarRows, Object
from trellis.problems import Problem

#: What the fields of a calendar and of its rows may be.
_HEAD = {"timezone": (FieldType.TEXT, FieldType.CHOICE), "always_open": (FieldType.BOOLEAN,),
         "country": (FieldType.TEXT, FieldType.CHOICE)}  # fmt: skip
_ROWS: Mapping[str, Mapping[str, tuple[FieldType, ...]]] = {
    "week": {"weekday": (FieldType.INTEGER,), "start": (FieldType.TIME,),
             "end": (FieldType.TIME,)},
    "days": {"day": (FieldType.DATE,), "working": (FieldType.BOOLEAN,),
             "slots": (FieldType.JSON,)},
}  # fmt: skip
#: What a row can do without.
_OPTIONAL = {"slots"}


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every object whose records are calendars."""
    for item in catalog.objects.values():
        if item.calendar is not None:
            yield from _calendar_problems(catalog, item, item.calendar)


def _calendar_problems(
    catalog: Catalog, item: Object, calendar: CalendarFields
) -> Iterator[Problem]:
    for key, kinds in _HEAD.items():
        name = getattr(calendar, key)
        if name is not None:
            yield from _field_problems(item, calendar, name, kinds, (key,))
    for key in _ROWS:
        rows = getattr(calendar, key)
        if rows is not None:
            yield from _row_problems(catalog, item, calendar, key, rows)


def _row_problems(
    catalog: Catalog, item: Object, calendar: CalendarFields, key: str, rows: CalendarRows
) -> Iterator[Problem]:
    yield from _field_problems(item, calendar, rows.rows, (FieldType.ROWS,), (key, "rows"))
    field = item.fields.get(rows.rows)
    inner = catalog.objects.get(field.of or "") if field is not None else None
    if inner is None:
        return
    for part, kinds in _ROWS[key].items():
        name = rows.fields.get(part)
        if name is not None:
            yield from _field_problems(inner, calendar, name, kinds, (key, part))
        elif part not in _OPTIONAL:
            yield Problem(at(calendar, key), "META243",
                          f"`{key}` of a calendar does not say which field is `{part}`",
                          f"add `{part}: …`, a field of `{inner.key}`")  # fmt: skip


def _field_problems(
    item: Object,
    calendar: CalendarFields,
    name: str,
    kinds: tuple[FieldType, ...],
    path: tuple[str, ...],
) -> Iterator[Problem]:
    field = item.fields.get(name)
    if field is None or field.type not in kinds:
        fit = [one.key for one in item.fields.values() if one.type in kinds]
        wanted = " or ".join(f"`{kind}`" for kind in kinds)
        yield Problem(at(calendar, *path), "META243",
                      f"`{name}` is no field of type {wanted} of `{item.key}`",
                      hint(name, fit))  # fmt: skip
