"""What an input holds, to read where it cannot be changed, and to tell whether it was changed."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.formbuilder.values import text_of
from trellis.formbuilder.widgets.common import (
    FileList,
    FormValue,
    Picked,
    PickedMany,
    RowList,
)


def shown_text(value: FormValue, labels: Mapping[str, str]) -> str:
    """Return a form value of any shape as one text; `labels` name the values of a choice."""
    match value:
        case Picked(chosen=chosen):
            return chosen.title if chosen else ""
        case PickedMany(chosen=many):
            return ", ".join(one.title for one in many)
        case FileList(files=files):
            return ", ".join(one.name for one in files)
        case Mapping():
            return ", ".join(str(part) for part in value.values() if part)
        case list() | tuple():
            return ", ".join(labels.get(str(one), str(one)) for one in value)
        case _:
            text = text_of(value)
            return labels.get(text, text)


def same_input(one: FormValue, other: FormValue) -> bool:
    """Tell whether two form values mean the same to the record."""
    return _meaning(one) == _meaning(other)


def _meaning(value: FormValue) -> object:
    """Return a form value without what only helps the eye: titles, blanks."""
    match value:
        case Picked(chosen=chosen):
            return chosen.id if chosen else ""
        case PickedMany(chosen=many):
            return [one.id for one in many]
        case RowList(rows=rows):
            return [
                (row_id, {key: _meaning(cell) for key, cell in cells.items() if _meaning(cell)})
                for row_id, cells in rows
            ]
        case Mapping():
            return {key: str(part) for key, part in value.items() if part not in (None, "")}
        case list() | tuple():
            return [str(one) for one in value]
        case "false":  # a switch that is off: nothing and no are one to it
            return ""
        case _:
            return text_of(value).replace("\r\n", "\n")
