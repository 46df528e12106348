"""Roles: which actions on which rows, which fields are masked, which duties exclude each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trellis.metadata.model.texts import EMPTY_LABEL, ExpressionText, Label
from trellis.metadata.source import Place
from trellis.problems import Location


class Action(StrEnum):
    """What a grant may allow on records."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"
    EXPORT = "export"


class Capability(StrEnum):
    """Administrative rights, given by a role's `can:`."""

    USERS = "users"
    PACKAGES = "packages"
    DESIGN = "design"
    JOBS = "jobs"
    AUDIT = "audit"
    SETTINGS = "settings"
    MESSAGES = "messages"


@dataclass(frozen=True)
class RowFilter:
    """Which rows: `all`, `none`, `own` (owner or creator), or a filter over record and user."""

    kind: str  # all none own filter
    condition: ExpressionText | None = None
    scope: str | None = None  # the named scope it came from


NO_ROWS = RowFilter("none")
ALL_ROWS = RowFilter("all")


@dataclass(frozen=True)
class Grant:
    """What a role may do with the records of one object."""

    object: str
    location: Location
    rows: Mapping[Action, RowFilter] = field(default_factory=dict)
    transitions: tuple[str, ...] | None = None  # None: whatever the lifecycle's `who` allows
    fields: tuple[str, ...] | None = None  # fields an update may write; None: all
    place: Place | None = field(default=None, compare=False, repr=False)

    def filter_for(self, action: Action) -> RowFilter:
        """Return the rows on which `action` is allowed."""
        return self.rows.get(action, NO_ROWS)


@dataclass(frozen=True)
class Mask:
    """A field that a role does not see (`show` is None), or sees changed."""

    object: str
    field: str
    location: Location
    show: ExpressionText | None = None


@dataclass(frozen=True)
class MenuItem:
    """An entry of the menu: an object, a view, or a page of the platform."""

    kind: str  # object view page
    target: str
    label: Label
    location: Location


@dataclass(frozen=True)
class MenuSection:
    """A heading of the menu with its entries."""

    label: Label
    items: tuple[MenuItem, ...]


@dataclass(frozen=True)
class HomeCard:
    """A card on the home page: the first rows of a view, or how many it has."""

    kind: str  # list count
    view: str
    label: Label
    location: Location


@dataclass(frozen=True)
class Role:
    """A post's rights."""

    key: str
    label: Label
    location: Location
    grants: Mapping[str, Grant] = field(default_factory=dict)
    masks: tuple[Mask, ...] = ()
    can: frozenset[Capability] = frozenset()
    menu: tuple[MenuSection, ...] = ()
    home: tuple[HomeCard, ...] = ()
    help: Label = EMPTY_LABEL
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Separation:
    """Duties (role keys or transitions `object.transition`) that one person may not join."""

    duties: tuple[str, ...]
    location: Location
