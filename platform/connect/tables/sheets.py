"""Files with rows: what a CSV or XLSX holds, read strictly: nothing is guessed silently."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from trellis.engine.errors import InvalidError, LimitError, problem

MOST_ROWS = 10_000
MOST_COLUMNS = 500
MAX_CELL = 200_000
#: What an XLSX may become when it is unpacked.
MAX_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2_000
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = (",", ";", "\t")
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Formula:
    """A cell that computes: its value is the spreadsheet's, not the file's."""


@dataclass(frozen=True)
class SheetRow:
    """A row with its number as spreadsheets count."""

    number: int
    cells: Sequence[Any]


@dataclass(frozen=True)
class Sheet:
    """The names of the columns, and the rows below."""

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(data: bytes) -> Sheet:
    """Return the table in a file; InvalidError or LimitError when it cannot be read for certain."""
    rows = _xlsx_rows(data) if data.startswith(_ZIP) else _csv_rows(data)
    header: tuple[str, ...] | None = None
    kept: list[SheetRow] = []
    for row in rows:
        if header is None:
            header = _header(row.cells)
        elif any(cell not in (None, "") for cell in row.cells):
            kept.append(row)
        if len(kept) > MOST_ROWS:
            raise LimitError("TOO_MANY", f"at most {MOST_ROWS} rows fit in one file",
                             hint="send the rest as a second file")  # fmt: skip
    if header is None:
        raise _refused("the file is empty", "the first row names the columns")
    return Sheet(header, tuple(kept))


def _header(cells: Sequence[Any]) -> tuple[str, ...]:
    names = ["" if cell is None else str(cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise LimitError("TOO_MANY", f"a table has at most {MOST_COLUMNS} columns")
    for place, name in enumerate(names, 1):
        if not name:
            raise _refused(f"column {place} has no name", "the first row names every column once")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _refused(f"`{twice[:80]}` names two columns", "leave one of them out")
    if not names:
        raise _refused("the first row is empty", "the first row names the columns")
    return tuple(names)


def _csv_rows(data: bytes) -> Iterator[SheetRow]:
    text = _decoded(data)
    if "\x00" in text:
        raise _refused("the file holds NUL characters", "save it as CSV in UTF-8")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield SheetRow(reader.line_num, cells)
    except csv.Error as error:
        raise _refused(f"line {reader.line_num}: {error}", "check its quotes") from None


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _refused(f"line {line} is not in UTF-8", "save the file as CSV in UTF-8") from None


def _xlsx_rows(data: bytes) -> Iterator[SheetRow]:
    _stop_bomb(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError):
        raise _refused("this is no workbook that can be read", "save it as XLSX or CSV") from None
    sheet = book.worksheets[0] if book.worksheets else None
    if sheet is None:
        raise _refused("the workbook has no sheet", "put the table on its first sheet")
    # What a file says about its size is no promise: some writers leave `A1` there.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield SheetRow(number, [_plain(cell) for cell in cells])


def _plain(cell: Any) -> Any:
    kind = getattr(cell, "data_type", None)
    if kind in ("f", "e"):
        return Formula()
    value = cell.value
    if isinstance(value, str) and len(value) > MAX_CELL:
        raise LimitError("TOO_LARGE", f"a cell has at most {MAX_CELL} characters")
    return value


def _stop_bomb(data: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except zipfile.BadZipFile:
        raise _refused("this is no workbook that can be read", "save it as XLSX or CSV") from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise LimitError("TOO_LARGE", "the workbook is too large when it is unpacked")


def _refused(message: str, hint: str) -> InvalidError:
    return InvalidError([problem("file", "TABLE", message)], hint=hint)
