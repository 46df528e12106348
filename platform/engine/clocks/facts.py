"""What a clock asks of its record: whether it starts, pauses and stops, and what is promised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from trellis.engine.clocks.calendars import CalendarError, hours_at, hours_of, reference_of
from trellis.engine.clocks.deciding import Asking, Facts, Terms
from trellis.engine.clocks.durations import parse_short
from trellis.engine.clocks.errors import WorkingTimeError
from trellis.engine.clocks.state import Clock, elapsed
from trellis.engine.compiled import CompiledCatalog
from trellis.engine.errors import EngineError
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of
from trellis.expressions import Expression, compile_expression
from trellis.metadata.model.clocks import ClockDefinition, ClockWhen
from trellis.metadata.model.texts import ExpressionText
from trellis.metadata.scopes import clock_scope


class ClockError(EngineError):
    """A clock cannot run: its definition and the record do not fit; a person must mend it."""

    def __init__(self, message: str) -> None:
        super().__init__("CLOCK", message)


def clocks_on(compiled: CompiledCatalog, object_key: str) -> tuple[ClockDefinition, ...]:
    """Return the clocks on the records of an object, in the author's order."""
    return compiled.keep(
        ("clocks", object_key),
        lambda: tuple(one for one in compiled.catalog.clocks.values() if one.object == object_key),
    )


def clock_expression(compiled: CompiledCatalog, text: str, object_key: str) -> Expression:
    """Return an expression that sees a record and `clock`."""
    return compiled.keep(
        ("clock expression", text, object_key),
        lambda: compile_expression(text, clock_scope(compiled.catalog, object_key)),
    )


def facts_of(tx: Transaction, definition: ClockDefinition, view: RecordView) -> Facts:
    """Return what holds for a record."""
    context = context_of(tx, view)

    def holds(when: ClockWhen | None, *, absent: bool = False) -> bool:
        if when is None:
            return absent
        if when.condition is not None:
            found = tx.compiled.expression(when.condition.text, definition.object)(context)
            return found is True
        lifecycle = view.object.lifecycle
        return lifecycle is not None and view.get(lifecycle.field) in when.states

    return Facts(
        starts=holds(definition.start, absent=True),
        pauses=holds(definition.pause),
        stops=holds(definition.stop),
        cancels=holds(definition.cancel),
    )


def asking_of(tx: Transaction, definition: ClockDefinition, view: RecordView) -> Asking:
    """Return what a decision about a clock may ask."""

    def terms(number: int) -> Terms | None:
        context = context_of(tx, view, clock={"key": definition.key, "round": Decimal(number)})
        target = _target(tx, definition, context)
        if target is None:
            return None
        reference = _calendar(tx, definition, context)
        return Terms(target, reference, hours_at(tx, reference))

    def begin() -> datetime | None:
        if definition.begin is None:
            return None
        found = tx.compiled.expression(definition.begin.text, definition.object)(
            context_of(tx, view)
        )
        return found if isinstance(found, datetime) else None

    return Asking(tx.now, terms, lambda reference: hours_at(tx, reference), begin, tx.ids.new)


def _target(
    tx: Transaction, definition: ClockDefinition, context: Mapping[str, Any]
) -> timedelta | None:
    """Return how much working time is promised, None when nothing is."""
    value = definition.target
    if isinstance(value, ExpressionText):
        value = clock_expression(tx.compiled, value.text, definition.object)(context)
    short = parse_short(value) if isinstance(value, str) else None
    target = short.amount if short is not None else value
    if target is None:
        return None
    if not isinstance(target, timedelta) or target < timedelta():
        raise ClockError(f"clock `{definition.key}`: its target is `{target}`, no duration")
    return target


def _calendar(
    tx: Transaction, definition: ClockDefinition, context: Mapping[str, Any]
) -> str | None:
    value: Any = definition.calendar
    if value is None:
        return None
    if isinstance(value, ExpressionText):
        value = clock_expression(tx.compiled, value.text, definition.object)(context)
        if value is None:
            raise CalendarError(f"clock `{definition.key}` finds no calendar")
    hours_of(tx, value)
    return reference_of(value)


def clock_context(
    tx: Transaction, view: RecordView, clock: Clock, percent: int | None = None
) -> dict[str, Any]:
    """Return the names that the actions and records of a clock see."""
    hours = _known_hours(tx, clock.calendar)
    spent = _spent(clock, hours, tx.now)
    known = {
        "key": clock.key, "round": Decimal(clock.round), "state": str(clock.state),
        "percent": None if percent is None else Decimal(percent),
        "started_at": clock.started_at, "due_at": clock.due_at, "ended_at": clock.ended_at,
        "breached_at": clock.breached_at, "target": clock.target, "elapsed": spent,
        "remaining": None if spent is None else clock.target - spent,
        "paused": sum(((one.end or tx.now) - one.start for one in clock.intervals
                       if not one.running), timedelta()),
        "calendar": _calendar_value(tx, clock.calendar), "warned": list(clock.fired),
        "intervals": [
            {"from": one.start.isoformat(), "to": one.end.isoformat() if one.end else None,
             "kind": "running" if one.running else "paused"}
            for one in clock.intervals
        ],
    }  # fmt: skip
    return context_of(tx, view, clock=known)


def _known_hours(tx: Transaction, reference: str | None) -> Any:
    try:
        return hours_at(tx, reference)
    except CalendarError:
        return None


def _spent(clock: Clock, hours: Any, now: datetime) -> timedelta | None:
    try:
        return None if hours is None else elapsed(clock, hours, clock.ended_at or now)
    except WorkingTimeError:
        return None


def _calendar_value(tx: Transaction, reference: str | None) -> Any:
    """Return a calendar as it was given: a key, or a record."""
    object_key, slash, identity = (reference or "").partition("/")
    return RecordView(tx, object_key, identity) if slash else reference
