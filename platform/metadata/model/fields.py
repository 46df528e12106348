"""The fields of an object: their types and what may be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trellis.metadata.model.texts import (
    EMPTY_LABEL,
    ExpressionText,
    FlagOrCondition,
    Label,
    ValueOrExpression,
)
from trellis.metadata.source import Place
from trellis.problems import Location


class FieldType(StrEnum):
    """What a field holds; the names are those of the YAML."""

    TEXT = "text"
    TEXT_LONG = "text_long"
    TEXT_RICH = "text_rich"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    PERCENT = "percent"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    DURATION = "duration"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    CHOICE = "choice"
    CHOICES = "choices"
    REF = "ref"
    REFS = "refs"
    ROWS = "rows"
    RELATED = "related"
    FILE = "file"
    FILES = "files"
    IMAGE = "image"
    VIDEO = "video"
    SIGNATURE = "signature"
    SCAN = "scan"
    USER = "user"
    USERS = "users"
    ROLE = "role"
    AUTO = "auto"
    ADDRESS = "address"
    GEO = "geo"
    JSON = "json"
    FORMULA = "formula"
    ROLLUP = "rollup"


#: Stored in a column of the object's own table (formula and rollup: when `stored`).
TEXT_TYPES = frozenset(
    {FieldType.TEXT, FieldType.TEXT_LONG, FieldType.TEXT_RICH, FieldType.EMAIL, FieldType.PHONE,
     FieldType.URL, FieldType.SCAN, FieldType.AUTO, FieldType.ROLE, FieldType.CHOICE}
)  # fmt: skip
NUMBER_TYPES = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT})
EXACT_TYPES = frozenset({FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT})
#: One id in a column, a foreign key.
TO_ONE_TYPES = frozenset({FieldType.REF, FieldType.USER})
#: A link table of (source, target, position).
TO_MANY_TYPES = frozenset({FieldType.REFS, FieldType.USERS})
#: Read from the other side: no column, never written directly.
INVERSE_TYPES = frozenset({FieldType.ROWS, FieldType.RELATED})
#: The id of one stored file in a column; FILES holds a JSON list of ids.
FILE_TYPES = frozenset({FieldType.FILE, FieldType.IMAGE, FieldType.VIDEO, FieldType.SIGNATURE})
COMPUTED_TYPES = frozenset({FieldType.FORMULA, FieldType.ROLLUP, FieldType.AUTO, FieldType.RELATED})


class OnDelete(StrEnum):
    """What deleting a record does to records that refer to it."""

    REFUSE = "refuse"
    CLEAR = "clear"
    CASCADE = "cascade"


@dataclass(frozen=True)
class Rollup:
    """An aggregate over the records of `object` whose `link` field points here."""

    object: str
    link: str
    function: str  # count sum min max mean
    field: str | None = None
    where: ExpressionText | None = None


@dataclass(frozen=True)
class Field:
    """One field as its author declared it; absent keys have their defaults."""

    key: str
    type: FieldType
    location: Location
    label: Label = EMPTY_LABEL
    help: Label = EMPTY_LABEL
    required: FlagOrCondition = False
    readonly: FlagOrCondition = False
    visible: ExpressionText | None = None
    unique: bool = False
    index: bool = False
    track: bool = False
    sensitive: bool = False
    search: bool = False
    default: ValueOrExpression = None
    validate: ExpressionText | None = None
    message: Label = EMPTY_LABEL
    # text
    max: int | None = None
    min: int | None = None
    pattern: str | None = None
    # numbers: bounds as text, so that they stay exact
    lowest: str | None = None
    highest: str | None = None
    digits: int = 18
    scale: int = 0
    currency: str | None = None
    # choice, choices: key of an option set of the catalog (a field's own list becomes one)
    options: str | None = None
    # ref, refs, user, users: object key; `where` narrows what may be picked
    to: str | None = None
    where: ExpressionText | None = None
    on_delete: OnDelete = OnDelete.REFUSE
    # rows, related: the other object and its field that points here
    of: str | None = None
    link: str | None = None
    # auto
    format: str | None = None
    reset: str | None = None  # never year month day
    # file types
    accept: tuple[str, ...] = ()
    max_bytes: int | None = None
    # formula: the type of its result
    result: FieldType | None = None
    formula: ExpressionText | None = None
    stored: bool = False
    rollup: Rollup | None = None
    # the key it had before: its column and its values stay
    was: str | None = None
    # the app (or extension) that declared it, and the module, when not the core
    app: str = ""
    module: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)

    @property
    def value_type(self) -> FieldType:
        """Return the type of the value: a formula's or roll-up's result, else its own type."""
        return self.result if self.result is not None else self.type

    @property
    def computed(self) -> bool:
        """Tell whether only the platform writes this field."""
        return self.type in COMPUTED_TYPES


def has_column(field: Field) -> bool:
    """Tell whether the value is kept in a column of the object's own table."""
    if field.type in INVERSE_TYPES or field.type in TO_MANY_TYPES:
        return False
    return field.type is not FieldType.FORMULA or field.stored


@dataclass(frozen=True)
class Option:
    """One value of a choice."""

    key: str
    label: Label
    location: Location
    color: str | None = None
    active: bool = True


@dataclass(frozen=True)
class OptionSet:
    """The values a choice may take, in the author's order."""

    key: str
    options: Mapping[str, Option] = field(default_factory=dict)
    app: str = ""
    location: Location = field(default=Location(""))
