"""An object: a kind of record with its fields, constraints and lifecycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import field as dataclass_field

from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.texts import EMPTY_LABEL, ExpressionText, Label, ValueOrExpression
from trellis.metadata.source import Place
from trellis.problems import Location

#: Fields that every object has and nobody declares: key → type (definitions.md 3).
SYSTEM_FIELDS: Mapping[str, FieldType] = {
    "id": FieldType.TEXT,
    "rev": FieldType.INTEGER,
    "created_at": FieldType.DATETIME,
    "created_by": FieldType.USER,
    "updated_at": FieldType.DATETIME,
    "updated_by": FieldType.USER,
    "owner": FieldType.USER,
    "owner_department": FieldType.REF,
    "source": FieldType.TEXT,
    "deleted_at": FieldType.DATETIME,
}


@dataclass(frozen=True)
class Validation:
    """A record is refused when `condition` is true."""

    condition: ExpressionText
    message: Label
    location: Location
    place: Place | None = field(default=None, compare=False, repr=False)
    field: str | None = None


@dataclass(frozen=True)
class State:
    """One state of a lifecycle; its key is an option of the state field."""

    key: str
    label: Label
    location: Location
    color: str | None = None
    final: bool = False
    readonly: bool = False


@dataclass(frozen=True)
class Transition:
    """A named move between states; the only way a state field changes.

    `source` holds state keys, or `*` for every state that is not final. `target` is None for a
    transition that keeps the state. `who` holds role keys, `system`, or expressions; any of
    them suffices, and an empty tuple means whoever may update the record.
    """

    key: str
    source: tuple[str, ...]
    target: str | None
    label: Label
    location: Location
    who: tuple[str | ExpressionText, ...] = ()
    guard: ExpressionText | None = None
    guard_message: Label = EMPTY_LABEL
    require: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()  # shown in the transition's form, not required
    comment: str = "none"  # none optional required
    set: Mapping[str, ValueOrExpression] = field(default_factory=dict)
    confirm: Label = EMPTY_LABEL
    color: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Lifecycle:
    """States and transitions of the choice field `field`.

    `initial` maps each state a record may begin in to the roles that may choose it; the first
    entry is the default and open to everybody (an empty tuple of roles).
    """

    field: str
    initial: Mapping[str, tuple[str, ...]]
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    location: Location
    place: Place | None = dataclass_field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class CalendarRows:
    """The rows of a calendar's record, and their fields by what they say."""

    rows: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class CalendarFields:
    """Which fields make the records of an object working calendars.

    `week` has rows with `weekday` (1 Monday), `start` and `end`; `days` rows with `day`, `working`
    and `slots` (a list of `{start, end}`).
    """

    timezone: str
    location: Location
    week: CalendarRows | None = None
    days: CalendarRows | None = None
    always_open: str | None = None
    country: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Object:
    """A kind of record."""

    key: str
    label: Label
    location: Location
    fields: Mapping[str, Field]
    labels: Label = EMPTY_LABEL
    help: Label = EMPTY_LABEL
    title: str | ExpressionText | None = None
    icon: str | None = None
    singleton: bool = False
    tree: str | None = None
    child_of: str | None = None  # the ref field of the parent when this object is owned rows
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    validations: tuple[Validation, ...] = ()
    lifecycle: Lifecycle | None = None
    calendar: CalendarFields | None = None
    comments: bool = True
    attachments: bool = True
    builtin: bool = False
    app: str = ""
    module: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)
