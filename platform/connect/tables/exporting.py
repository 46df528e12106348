"""Pages of records as a table to take away."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from trellis.connect.tables.cells import cell_of, csv_line
from trellis.engine import query
from trellis.engine.errors import ForbiddenError, LimitError, NotFoundError
from trellis.engine.query import PageRequest
from trellis.engine.query.plan import default_fields
from trellis.engine.transactions import Transaction
from trellis.metadata.model.access import Action

MOST_ROWS = 50_000
_PAGE = 500
#: Tells spreadsheets that the text is UTF-8.
_BOM = "\ufeff"
#: What an XLSX cannot hold (XML 1.0).
_UNWRITABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\ufffd")


def table_of(tx: Transaction, object_key: str, asked: PageRequest) -> Iterator[list[Any]]:
    """Yield the names of the columns, then a row of cells for each record that may be exported."""
    item, rights = tx.compiled.object(object_key), tx.rights(object_key)
    if item is None or not rights.may(Action.READ):
        raise NotFoundError("object")
    if not rights.may(Action.EXPORT):
        raise ForbiddenError("FORBIDDEN", "your role may not export these records")
    fields = asked.fields or default_fields(item, rights)
    columns = ("id", "rev", *(one for one in fields if one not in ("id", "rev")))
    request = replace(asked, fields=columns, limit=_PAGE, exporting=True, count=False)
    yield list(columns)
    sent = 0
    while True:
        page = query.page(tx, object_key, request)
        for record in page.items:
            yield [cell_of(record[column]) for column in columns]
        sent += len(page.items)
        if page.next_cursor is None:
            return
        if sent >= MOST_ROWS:
            raise LimitError("TOO_MANY", f"an export has at most {MOST_ROWS} rows",
                             hint="narrow it with `filter`")  # fmt: skip
        request = replace(request, cursor=page.next_cursor)


def as_csv(rows: Iterator[list[Any]]) -> bytes:
    """Return a table as CSV for spreadsheets."""
    return (_BOM + "".join(csv_line(row) for row in rows)).encode("utf-8", "replace")


def as_xlsx(rows: Iterator[list[Any]]) -> bytes:
    """Return a table as a workbook whose texts are texts, never formulas."""
    # A workbook that is begun must be ended, so that refusals come before it.
    kept = list(rows)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    for row in kept:
        sheet.append([_text_cell(sheet, one) if isinstance(one, str) else one for one in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value="")
    cell.value = text.translate(_UNWRITABLE)[:32_767]
    cell.data_type = "s"
    return cell
