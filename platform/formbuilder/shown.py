"""What an input holds, as text to read: for fields that a form shows but does not let change."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.formbuilder.values import text_of
from trellis.formbuilder.widgets.common import (
    FileList,
    FormValue,
    Picked,
    PickedMany,
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
