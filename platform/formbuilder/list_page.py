"""A list of records as a table: its columns, and rows joined from compiled cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.formats import NUMERIC, cell_format
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.paths import PathEnd, follow
from trellis.formbuilder.values import Format, attribute
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import TO_MANY_TYPES, FieldType
from trellis.metadata.model.objects import Object

_UNSORTED = TO_MANY_TYPES | {
    FieldType.ROWS, FieldType.RELATED, FieldType.JSON, FieldType.FILES, FieldType.ADDRESS,
    FieldType.GEO, FieldType.TEXT_RICH, FieldType.CHOICES,
}  # fmt: skip
_LINKING = frozenset({FieldType.REF, FieldType.REFS, FieldType.EMAIL, FieldType.PHONE,
                      FieldType.URL, FieldType.FILE, FieldType.FILES, FieldType.IMAGE})  # fmt: skip
_DEFAULT_COLUMNS = 6


@dataclass(frozen=True)
class Column:
    """A column: the path it shows, its heading, and how it behaves."""

    path: str
    label: str
    numeric: bool
    sortable: bool
    end: PathEnd


@dataclass(frozen=True)
class ListPage:
    """A compiled list: `rows` turns values, in the order of `columns`, into table rows."""

    model: Object
    columns: tuple[Column, ...]
    _cells: tuple[tuple[str, Format, str], ...]
    _head: tuple[str, str] | None

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths to ask the query for."""
        return tuple(column.path for column in self.columns)

    def rows(self, records: Iterable[tuple[str, Sequence[object]]], now: datetime) -> str:
        """Return the `<tr>`s of `records`: pairs of id and values."""
        head = self._head
        cells = self._cells
        out: list[str] = []
        add = out.append
        for record_id, values in records:
            safe_id = attribute(record_id)
            add("<tr>" if head is None else f"{head[0]}{safe_id}{head[1]}")
            for (before, show, after), value in zip(cells, values, strict=True):
                text = show(value, now)
                if after[0] == "\0":  # the leading cell, a link to the record
                    add(f'{before}{safe_id}">{text or "…"}</a></td>')
                else:
                    add(f"{before}{text}{after}")
            add("</tr>")
        return "".join(out)


def default_columns(model: Object, hidden: frozenset[str]) -> tuple[str, ...]:
    """Return columns for an object without a view: its title, its state, then its first fields."""
    first = [model.title] if isinstance(model.title, str) else []
    if model.lifecycle is not None:
        first.append(model.lifecycle.field)
    rest = [
        field.key
        for field in model.fields.values()
        if field.type not in _UNSORTED
        and field.type is not FieldType.TEXT_LONG
        # What is computed record by record is for a record's page, not for fifty rows.
        and (field.type is not FieldType.FORMULA or field.stored)
    ]
    ordered = dict.fromkeys([*first, *rest])
    keys = [key for key in ordered if key in model.fields and key not in hidden]
    return tuple(keys[:_DEFAULT_COLUMNS]) or ("created_at",)


def columns_of(
    catalog: Catalog, model: Object, paths: Iterable[str], audience: Audience
) -> tuple[Column, ...]:
    """Return the columns of `paths`; a path that leads nowhere is left out by the checks before."""
    ends = (follow(catalog, model, path, audience) for path in paths)
    return tuple(
        Column(
            end.path,
            end.label,
            end.field.value_type in NUMERIC,
            end.field.value_type not in _UNSORTED,
            end,
        )
        for end in ends
        if end is not None
    )


def compile_list(
    catalog: Catalog,
    model: Object,
    columns: tuple[Column, ...],
    audience: Audience,
    *,
    selectable: bool = True,
) -> ListPage:
    """Return the compiled list of `columns`; `selectable` rows begin with a box to tick."""
    base = f"/o/{attribute(model.key)}/"
    cells = []
    lead = _lead(columns)
    for place, column in enumerate(columns):
        subject = Subject(catalog, column.end.model, column.end.field, audience)
        show = cell_format(subject)
        heading = attribute(column.label)
        if place == lead:
            cells.append((f'<td class="name" data-th="{heading}"><a href="{base}', show, "\0"))
        else:
            numeric = ' class="num"' if column.numeric else ""
            cells.append((f'<td{numeric} data-th="{heading}">', show, "</td>"))
    select = attribute(audience.words("Select"))
    head = (
        '<tr><td class="pick"><input class="form-check-input" type="checkbox" name="id" value="',
        f'" aria-label="{select}"></td>',
    )
    return ListPage(model, columns, tuple(cells), head if selectable else None)


def _lead(columns: tuple[Column, ...]) -> int:
    """Return the column that links to the record: the first without links of its own."""
    for place, column in enumerate(columns):
        if column.end.field.value_type not in _LINKING:
            return place
    return 0
