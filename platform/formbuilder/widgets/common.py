"""What every widget shares: its type, and the value a form holds for each kind of field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.values import Reference, StoredFile, attribute

#: What a form holds for a field: text as typed, or one of the shapes below.
FormValue = object
#: (name, value, attributes of the moment) → HTML of the input.
Widget = Callable[[str, FormValue, str], str]
WidgetMaker = Callable[[Subject], Widget]


@dataclass(frozen=True)
class Picked:
    """What a reference input holds: the chosen record, and the text in the box."""

    chosen: Reference | None = None
    text: str = ""
    #: Records that fit `text` when it names no single one, to choose from.
    offers: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class PickedMany:
    """What an input for several references holds."""

    chosen: tuple[Reference, ...] = ()
    text: str = ""
    offers: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class FileList:
    """What a file input holds: the files already there."""

    files: tuple[StoredFile, ...] = ()


@dataclass(frozen=True)
class RowList:
    """What child rows hold: for each row its id (empty for a new one) and its form values."""

    rows: tuple[tuple[str, Mapping[str, FormValue]], ...] = ()


def texts_of(value: FormValue) -> tuple[str, ...]:
    """Return a value that holds several texts."""
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def parts_of(value: FormValue) -> Mapping[str, str]:
    """Return a value made of named parts, as texts."""
    if not isinstance(value, Mapping):
        return {}
    return {str(key): "" if part is None else str(part) for key, part in value.items()}


def input_id(name: str) -> str:
    """Return the id of the input called `name`."""
    return "f-" + attribute(name)
