"""Decision tables, record rules, notifications and working calendars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.texts import EMPTY_LABEL, ExpressionText, Label, ValueOrExpression
from trellis.metadata.source import Place
from trellis.problems import Location


@dataclass(frozen=True)
class DecisionInput:
    """A column of conditions."""

    expression: ExpressionText
    label: Label = EMPTY_LABEL
    type: FieldType | None = None
    options: str | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class DecisionOutput:
    """A column of results."""

    name: str
    location: Location
    label: Label = EMPTY_LABEL
    type: FieldType | None = None
    options: str | None = None
    default: ExpressionText | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class DecisionRow:
    """A row: FEEL unary tests, then FEEL results."""

    id: str
    when: tuple[ExpressionText, ...]
    then: tuple[ExpressionText, ...]
    location: Location
    note: Label = EMPTY_LABEL
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Decision:
    """A decision table; its inputs see the record (and `user`) of whoever asks."""

    key: str
    hit: str  # U A P F R O C C+ C< C> C#
    inputs: tuple[DecisionInput, ...]
    outputs: tuple[DecisionOutput, ...]
    rows: tuple[DecisionRow, ...]
    location: Location
    object: str | None = None
    label: Label = EMPTY_LABEL
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class RuleStep:
    """One thing a rule does: kind set, require, refuse, notify, start, or a built-in action."""

    kind: str
    location: Location
    set: Mapping[str, ValueOrExpression] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    message: Label = EMPTY_LABEL
    target: str | None = None  # the notification, flow or action
    to: tuple[str | ExpressionText, ...] = ()
    arguments: Mapping[str, ValueOrExpression] = field(default_factory=dict)
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Rule:
    """What happens when a record is created, updated, moved or deleted."""

    key: str
    object: str
    events: tuple[str, ...]  # create update transition delete
    location: Location
    steps: tuple[RuleStep, ...]
    label: Label = EMPTY_LABEL
    changed: tuple[str, ...] = ()
    transitions: tuple[str, ...] = ()
    condition: ExpressionText | None = None
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Notification:
    """A message's words; texts hold `{{ FEEL }}` placeholders over `record` and `user`."""

    key: str
    title: Label
    body: Label
    location: Location
    object: str | None = None
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class CalendarSlot:
    """Working time from `start` to `end` (HH:MM, 24:00 allowed) on a weekday (1 Monday)."""

    weekday: int
    start: str
    end: str


@dataclass(frozen=True)
class Calendar:
    """Working time: weekly slots, holidays and make-up days in one time zone."""

    key: str
    location: Location
    label: Label = EMPTY_LABEL
    timezone: str = "UTC"
    always_open: bool = False
    slots: tuple[CalendarSlot, ...] = ()
    holidays: Mapping[date, Label] = field(default_factory=dict)
    workdays: Mapping[date, tuple[CalendarSlot, ...]] = field(default_factory=dict)
    country: str | None = None
    subdivision: str | None = None  # a part of the country, such as BY of DE
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)
