"""Cells of tables ↔ what the records' door takes and gives; no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from trellis.connect.tables.sheets import Formula
from trellis.engine.parsing import ValueRefusedError
from trellis.expressions.temporal import duration_text
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import TO_MANY_TYPES, Field, FieldType

#: A spreadsheet takes a cell that begins so for a formula (full-width forms too).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LISTS = TO_MANY_TYPES | {FieldType.CHOICES}
BETWEEN = ";"


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; `plain_text` gives it back."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def plain_text(text: str) -> str:
    """Return what `safe_text` was given."""
    guarded = text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS)
    return text[1:] if guarded else text


def csv_line(values: Sequence[object]) -> str:
    """Return a line of CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(["" if v is None else v for v in values])
    return buffer.getvalue()


def cell_of(value: Any) -> int | float | Decimal | str | None:
    """Return a value of an answer as a cell: numbers as numbers, everything else as safe text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | Decimal | float):
        return value
    return safe_text(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return BETWEEN.join(_text(one) for one in value)
    if isinstance(value, Mapping) and "title" in value and "id" in value:
        return str(value["title"] or value["id"])
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_text(value)
    return str(value)


def value_of(catalog: Catalog, field: Field, cell: Any) -> Any:
    """Return what a cell says about a field, references as text; ValueRefusedError if unsure."""
    if isinstance(cell, Formula):
        raise ValueRefusedError("is a formula or an error; paste its value")
    if cell is None:
        return None
    if isinstance(cell, bool | int | float):
        return _number(field, cell)
    if not isinstance(cell, str):
        return cell
    text = plain_text(cell)
    if not text.strip():
        return None
    if field.value_type in _LISTS:
        return [_option(catalog, field, one.strip()) for one in text.split(BETWEEN) if one.strip()]
    return _option(catalog, field, text)


def _number(field: Field, cell: bool | int | float) -> Any:
    """Return a number of a spreadsheet; in a field of text it is the text one sees."""
    if field.value_type in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY,
                            FieldType.PERCENT, FieldType.BOOLEAN):  # fmt: skip
        return cell
    whole = isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53
    return str(int(cell)) if whole else str(cell)


def _option(catalog: Catalog, field: Field, text: str) -> str:
    """Return the key of an option that is named by its key or its label in any language."""
    known = catalog.options.get(field.options or "")
    if known is None or text in known.options:
        return text
    named = [key for key, one in known.options.items() if text in one.label.texts.values()]
    return named[0] if len(named) == 1 else text
