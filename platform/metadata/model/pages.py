"""Forms and views: how records are laid out and which of them are listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from trellis.metadata.model.texts import EMPTY_LABEL, ExpressionText, Label
from trellis.metadata.source import Place
from trellis.problems import Location


@dataclass(frozen=True)
class FormField:
    """A field placed in a section; `width` counts columns."""

    field: str
    location: Location
    width: int = 1
    readonly: bool = False


@dataclass(frozen=True)
class FormSection:
    """A heading with fields in one to three columns."""

    label: Label
    fields: tuple[FormField, ...]
    location: Location
    columns: int = 2
    visible: ExpressionText | None = None
    help: Label = EMPTY_LABEL
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Form:
    """A layout of an object's fields, for some roles and devices (empty: for all)."""

    key: str
    object: str
    location: Location
    sections: tuple[FormSection, ...]
    label: Label = EMPTY_LABEL
    roles: tuple[str, ...] = ()
    device: str = "any"  # any desktop phone
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)


class ViewKind(StrEnum):
    """How a view shows its records; the foundation shows `list`."""

    LIST = "list"
    BOARD = "board"
    CALENDAR = "calendar"
    TIMELINE = "timeline"
    MAP = "map"
    PIVOT = "pivot"


@dataclass(frozen=True)
class SortKey:
    """A path to sort by."""

    path: str
    descending: bool = False


@dataclass(frozen=True)
class View:
    """A saved list of an object's records."""

    key: str
    object: str
    label: Label
    location: Location
    kind: ViewKind = ViewKind.LIST
    where: ExpressionText | None = None
    columns: tuple[str, ...] = ()
    sort: tuple[SortKey, ...] = ()
    group: str | None = None
    roles: tuple[str, ...] = ()
    default_for: tuple[str, ...] = ()
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)
