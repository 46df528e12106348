"""What a write to a record does to a clock: decided from the clock and the record's facts alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from trellis.engine.clocks import state as clocks
from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.clocks.state import Clock, ClockState
from trellis.metadata.model.clocks import ClockDefinition


class Happening(StrEnum):
    """What the ledger of a clock tells."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    RETARGET = "retarget"
    MET = "met"
    BREACH = "breach"
    STOP = "stop"  # of a clock that was breached before
    CANCEL = "cancel"
    REOPEN = "reopen"
    WARN = "warn"
    DROP = "drop"  # a warning that came too late to help
    ACT = "act"  # what comes after a breach
    RECALCULATE = "recalculate"  # the calendar was changed


@dataclass(frozen=True)
class Facts:
    """What holds for the record just now."""

    starts: bool
    pauses: bool
    stops: bool
    cancels: bool


@dataclass(frozen=True)
class Terms:
    """What is promised: how much working time, in whose calendar."""

    target: timedelta
    calendar: str | None
    hours: WorkingHours


@dataclass(frozen=True)
class Asking:
    """What a decision may ask: the terms of a round, the hours of a calendar, the beginning."""

    now: datetime
    terms: Callable[[int], Terms | None]
    hours: Callable[[str | None], WorkingHours]
    begin: Callable[[], datetime | None]
    new_id: Callable[[], str]


@dataclass(frozen=True)
class Outcome:
    """A clock after a write, and what happened to it, in order."""

    clock: Clock | None
    happenings: tuple[Happening, ...] = ()


def decide(
    definition: ClockDefinition,
    clock: Clock | None,
    facts: Facts,
    asking: Asking,
    *,
    recompute: bool,
) -> Outcome:
    """Return the clock after a write; `clock` is its newest round, None before the first."""
    wanted = facts.starts and not facts.stops and not facts.cancels
    if clock is None:
        return _begun(1, definition, facts, asking) if wanted else Outcome(None)
    if not clock.is_open:
        return _reopened(definition, clock, facts, asking) if wanted else Outcome(clock)
    if facts.cancels:
        return Outcome(clocks.cancel(clock, asking.now), (Happening.CANCEL,))
    happenings: list[Happening] = []
    if recompute:
        terms = asking.terms(clock.round)
        if terms is None:
            return Outcome(clocks.cancel(clock, asking.now), (Happening.CANCEL,))
        if (terms.target, terms.calendar) != (clock.target, clock.calendar):
            clock = clocks.retarget(clock, terms.hours, terms.target, terms.calendar, asking.now)
            happenings.append(Happening.RETARGET)
    changed, happening = _moved(clock, facts, asking)
    return Outcome(changed, (*happenings, *([] if happening is None else [happening])))


def _moved(clock: Clock, facts: Facts, asking: Asking) -> tuple[Clock, Happening | None]:
    """Return an open clock stopped, paused or going on, as the facts say."""
    if not facts.stops and facts.pauses is not clock.is_counting:
        return clock, None
    hours = asking.hours(clock.calendar)
    if facts.stops:
        stopped = clocks.stop(clock, hours, asking.now)
        if stopped.state is ClockState.MET:
            return stopped, Happening.MET
        late = clock.state is ClockState.BREACHED
        return stopped, Happening.STOP if late else Happening.BREACH
    if facts.pauses:
        return clocks.pause(clock, hours, asking.now), Happening.PAUSE
    return clocks.resume(clock, hours, asking.now), Happening.RESUME


def _begun(number: int, definition: ClockDefinition, facts: Facts, asking: Asking) -> Outcome:
    terms = asking.terms(number)
    if terms is None:
        return Outcome(None)
    begin = asking.begin() if number == 1 else None
    clock = Clock(
        id=asking.new_id(),
        key=definition.key,
        object=definition.object,
        record_id="",
        round=number,
        state=ClockState.RUNNING,
        started_at=asking.now if begin is None else min(begin, asking.now),
        target=terms.target,
        intervals=(),
        calendar=terms.calendar,
    )
    begun = clocks.started(clock, terms.hours, asking.now, paused=facts.pauses)
    happenings = (Happening.START, Happening.PAUSE) if facts.pauses else (Happening.START,)
    return Outcome(begun, happenings)


def _reopened(definition: ClockDefinition, clock: Clock, facts: Facts, asking: Asking) -> Outcome:
    if definition.reopen == "continue":
        hours = asking.hours(clock.calendar)
        going = clocks.continued(clock, hours, asking.now, paused=facts.pauses)
        return Outcome(going, (Happening.REOPEN,))
    if definition.reopen == "restart":
        found = _begun(clock.round + 1, definition, facts, asking)
        return found if found.clock is not None else Outcome(clock)
    return Outcome(clock)
