"""Clocks: what is promised for a record, in whose working time, and what happens on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trellis.metadata.model.rules import RuleStep
from trellis.metadata.model.texts import EMPTY_LABEL, ExpressionText, Label, ValueOrExpression
from trellis.metadata.source import Place
from trellis.problems import Location


@dataclass(frozen=True)
class ClockWhen:
    """When a clock starts, pauses, stops or ends: in some states, or where a condition holds."""

    states: tuple[str, ...] = ()
    condition: ExpressionText | None = None


@dataclass(frozen=True)
class ClockPoint:
    """Something done at a point of a clock: at a share of its target, before or after it is due.

    Exactly one of `percent`, `before` and `after` says when; `name` says it as text.
    """

    name: str
    location: Location
    steps: tuple[RuleStep, ...] = ()
    percent: int | None = None
    before: str | None = None  # a short duration
    after: str | None = None
    condition: ExpressionText | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class ClockRecord:
    """The object whose records show a clock to people, and what is written into them."""

    object: str
    values: Mapping[str, ValueOrExpression]
    location: Location
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class ClockDefinition:
    """An SLA timer on the records of an object.

    `target` gives a duration of working time, `calendar` a key or a record that is a calendar;
    without one all time counts. `begin` is the moment that counting begins with.
    """

    key: str
    object: str
    location: Location
    target: ValueOrExpression
    label: Label = EMPTY_LABEL
    calendar: ValueOrExpression = None
    begin: ExpressionText | None = None
    start: ClockWhen | None = None
    pause: ClockWhen | None = None
    stop: ClockWhen | None = None
    cancel: ClockWhen | None = None
    recompute: tuple[str, ...] = ()
    reopen: str = "never"  # never continue restart
    due: str | None = None  # the field that holds the moment it is due
    warn: tuple[ClockPoint, ...] = ()
    breach: tuple[ClockPoint, ...] = ()  # what is done when it is due, then later
    record: ClockRecord | None = None
    app: str = ""
    place: Place | None = field(default=None, compare=False, repr=False)
