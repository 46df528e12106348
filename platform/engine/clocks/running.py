"""The clocks of a workspace: kept with every write of their record, and by jobs on the way.

A clock's row is guarded by its record's: whoever changes a clock has locked the record first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from trellis.engine.clocks import store
from trellis.engine.clocks.calendars import CalendarError, hours_at
from trellis.engine.clocks.deciding import Happening, Outcome, decide
from trellis.engine.clocks.errors import WorkingTimeError
from trellis.engine.clocks.facts import (
    ClockError,
    asking_of,
    clock_context,
    clock_expression,
    clocks_on,
    facts_of,
)
from trellis.engine.clocks.points import STALE, Point, next_point
from trellis.engine.clocks.state import DUE, Clock, ClockState, breach, cancel, retarget
from trellis.engine.jobs import rows as jobs
from trellis.engine.records import create, transition, update
from trellis.engine.records.values import literal_or_value
from trellis.engine.rows import load_row
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.metadata.model.clocks import ClockDefinition, ClockPoint
from trellis.metadata.model.rules import RuleStep
from trellis.metadata.model.texts import ExpressionText

#: Jobs: a clock comes to its next point; a record's clocks are looked at again; a calendar changed.
POINT_JOB = "clock.point"
CHECK_JOB = "clock.check"
CALENDAR_JOB = "clock.calendar"
#: Clocks that one job reckons anew.
_BATCH = 200


class ClockEffects(Protocol):
    """What clocks cause outside of the record; given by wiring."""

    def notify_people(
        self, tx: Transaction, notification: str, object_key: str, record_id: str,
        roles: Sequence[str], users: Sequence[str],
    ) -> None:  # fmt: skip
        """Send a notification to the members of roles, and to users by id."""
        ...

    def start_flow(
        self, tx: Transaction, flow: str, object_key: str, record_id: str,
        variables: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Start a flow on the record."""
        ...


@dataclass(frozen=True)
class Decided:
    """A clock before and after a write."""

    definition: ClockDefinition
    before: Clock | None
    outcome: Outcome

    @property
    def changed(self) -> bool:
        """Tell whether anything happened to the clock."""
        return bool(self.outcome.happenings)


@dataclass(frozen=True)
class Clocks:
    """Runs the clocks of records in transactions."""

    effects: ClockEffects

    def decided(
        self,
        tx: Transaction,
        view: RecordView,
        changed: frozenset[str],
        *,
        new: bool = False,
        again: bool = False,
    ) -> list[Decided]:
        """Return what a write does to each clock; what cannot be told becomes an incident.

        `again` asks the terms of every clock anew and lets cancelled ones go on.
        """
        definitions = clocks_on(tx.compiled, view.object.key)
        known = {} if new or not definitions else store.clocks_of(tx, view.object.key, view.id)
        found: list[Decided] = []
        for definition in definitions:
            before = known.get(definition.key)
            ended = again and before is not None and before.state is ClockState.CANCELLED
            wanted = replace(definition, reopen="continue") if ended else definition
            recompute = again or not changed.isdisjoint(definition.recompute)
            try:
                outcome = decide(
                    wanted, before, facts_of(tx, definition, view),
                    asking_of(tx, definition, view), recompute=recompute,
                )  # fmt: skip
            except (CalendarError, ClockError, WorkingTimeError) as error:
                self._report(tx, view, definition, str(error))
                continue
            found.append(Decided(definition, before, outcome))
        return found

    def keep(
        self, tx: Transaction, view: RecordView, decided: Decided, reason: str | None
    ) -> Clock | None:
        """Write what was decided, and put the clock's next point into the queue."""
        clock = decided.outcome.clock
        if clock is None or not decided.changed:
            return clock
        clock = replace(clock, record_id=view.id)
        new = decided.before is None or decided.before.id != clock.id
        clock = store.save(tx, clock, new=new)
        for happening in decided.outcome.happenings:
            store.note(tx, clock, happening, reason)
        if clock.state is ClockState.BREACHED and not clock.is_open and DUE not in clock.fired:
            # It was stopped before anybody had noticed that it was late.
            clock = store.save(tx, replace(clock, fired=(*clock.fired, DUE)), new=False)
            point = next((one for one in decided.definition.breach if one.name == DUE), None)
            clock = self._shown(tx, decided.definition, view, clock)
            self._schedule(tx, decided.definition, clock)
            if point is not None:
                self._act(tx, decided.definition, clock, point)
            return clock
        clock = self._shown(tx, decided.definition, view, clock)
        self._schedule(tx, decided.definition, clock)
        return clock

    def end_all(self, tx: Transaction, object_key: str, record_id: str, reason: str) -> None:
        """Cancel every clock of a record that is gone."""
        for clock in store.clocks_of(tx, object_key, record_id).values():
            if clock.is_open:
                self._cancel(tx, clock, reason)

    # Jobs
    def point(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Let a clock pass its next point (a job); paused or ended meanwhile: nothing happens."""
        clock = self._locked(tx, str(payload["clock"]))
        if clock is None or not clock.is_counting:
            return
        definition = tx.compiled.catalog.clocks.get(clock.key)
        if definition is None:
            self._cancel(tx, clock, "the clock is defined no more")
            return
        hours = hours_at(tx, clock.calendar)
        point = next_point(definition, clock, hours)
        if point is None:
            return
        if point.moment > tx.now:
            self._schedule(tx, definition, clock)
            return
        self._pass(tx, definition, clock, point)

    def check(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Look at the clocks of a record again (a job), because something was mended."""
        self.look_again(tx, str(payload["object"]), str(payload["record"]))

    def look_again(self, tx: Transaction, object_key: str, record_id: str) -> None:
        """Ask the terms of a record's clocks anew, and let those go on that should count."""
        if object_key not in tx.compiled.catalog.objects:
            return
        row = load_row(tx, object_key, record_id, lock=True)
        if row is None or row.get("deleted_at") is not None:
            return
        view = RecordView(tx, object_key, record_id, row)
        decided = self.decided(tx, view, frozenset(), again=True)
        for one in decided:
            self.keep(tx, view, one, "looked at again")
        self._write_due(tx, view, decided)

    def calendar(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Reckon the open clocks of a calendar anew (a job), of all calendars without a name."""
        reference = payload.get("calendar")
        batch = store.open_clocks(tx, reference, payload.get("after"), _BATCH)
        for clock in batch:
            self._recalculate(tx, clock)
        if len(batch) == _BATCH:
            more = {"calendar": reference, "after": batch[-1].id}
            jobs.enqueue(tx, CALENDAR_JOB, more, due=tx.now, key=calendar_key(reference))

    # Steps
    def _locked(self, tx: Transaction, clock_id: str) -> Clock | None:
        """Return a clock whose record is locked now."""
        found = store.load(tx, clock_id)
        if found is None or found.object not in tx.compiled.catalog.objects:
            return None
        load_row(tx, found.object, found.record_id, lock=True)
        return store.load(tx, clock_id)

    def _pass(
        self, tx: Transaction, definition: ClockDefinition, clock: Clock, point: Point
    ) -> None:
        clock = replace(clock, fired=(*clock.fired, point.name))
        if point.name == DUE and clock.due_at is not None:
            clock = breach(clock, clock.due_at)
        clock = store.save(tx, clock, new=False)
        stale = point.warns and tx.now - point.moment > STALE
        happening = Happening.DROP if stale else _HAPPENING.get(point.name, Happening.WARN)
        if not point.warns and point.name != DUE:
            happening = Happening.ACT
        store.note(tx, clock, happening, point.name, {"moment": point.moment.isoformat()})
        view = RecordView(tx, clock.object, clock.record_id)
        clock = self._shown(tx, definition, view, clock)
        self._schedule(tx, definition, clock)
        if point.definition is not None and not stale:
            self._act(tx, definition, clock, point.definition)

    def _recalculate(self, tx: Transaction, found: Clock) -> None:
        clock = self._locked(tx, found.id)
        definition = tx.compiled.catalog.clocks.get(found.key)
        if clock is None or definition is None or not clock.is_open:
            return
        view = RecordView(tx, clock.object, clock.record_id)
        try:
            hours = hours_at(tx, clock.calendar)
            new = retarget(clock, hours, clock.target, clock.calendar, tx.now)
        except (CalendarError, WorkingTimeError) as error:
            self._report(tx, view, definition, str(error))
            return
        if (new.due_at, new.state) == (clock.due_at, clock.state):
            return
        outcome = Outcome(new, (Happening.RECALCULATE,))
        decided = Decided(definition, clock, outcome)
        self.keep(tx, view, decided, "the calendar was changed")
        self._write_due(tx, view, [decided])

    def _cancel(self, tx: Transaction, clock: Clock, reason: str) -> None:
        ended = store.save(tx, cancel(clock, tx.now), new=False)
        store.note(tx, ended, Happening.CANCEL, reason)
        jobs.cancel(tx, [_point_key(ended)])
        definition = tx.compiled.catalog.clocks.get(clock.key)
        if definition is not None:
            self._shown(tx, definition, RecordView(tx, clock.object, clock.record_id), ended)

    def _schedule(self, tx: Transaction, definition: ClockDefinition, clock: Clock) -> None:
        """Put the next point of a clock into the queue, or take it out."""
        point = None
        if clock.is_counting:
            point = next_point(definition, clock, hours_at(tx, clock.calendar))
        if point is None:
            jobs.cancel(tx, [_point_key(clock)])
            return
        jobs.enqueue(tx, POINT_JOB, {"clock": clock.id}, due=point.moment, key=_point_key(clock))

    def _write_due(self, tx: Transaction, view: RecordView, decided: list[Decided]) -> None:
        """Write when clocks are due into the record, where no write is under way."""
        values = dict(due_values(decided))
        values = {key: value for key, value in values.items() if view.stored.get(key) != value}
        if values:
            update(_system(tx), view.object.key, view.id, values)

    def _shown(
        self, tx: Transaction, definition: ClockDefinition, view: RecordView, clock: Clock
    ) -> Clock:
        """Write the record that shows the clock to people."""
        shown = definition.record
        if shown is None:
            return clock
        context = clock_context(tx, view, clock)
        values = {
            key: _plain(_value(tx, definition, value, context))
            for key, value in shown.values.items()
        }
        if clock.mirror is not None:
            row = load_row(tx, shown.object, clock.mirror)
            if row is not None and row.get("deleted_at") is None:
                update(_system(tx), shown.object, clock.mirror, values)
            return clock
        given = {key: value for key, value in values.items() if value is not None}
        mirror = create(_system(tx), shown.object, given)
        return store.save(tx, replace(clock, mirror=mirror), new=False)

    # Actions
    def _act(
        self, tx: Transaction, definition: ClockDefinition, clock: Clock, point: ClockPoint
    ) -> None:
        view = RecordView(tx, clock.object, clock.record_id)
        percent = point.percent if point.percent is not None else 100
        context = clock_context(tx, view, clock, percent)
        if point.condition is not None:
            text = point.condition.text
            if clock_expression(tx.compiled, text, clock.object)(context) is not True:
                return
        for step in point.steps:
            self._step(tx, definition, clock, step, context)

    def _step(
        self,
        tx: Transaction,
        definition: ClockDefinition,
        clock: Clock,
        step: RuleStep,
        context: Mapping[str, Any],
    ) -> None:
        target = step.target or ""
        if step.kind == "set":
            values = {key: _plain(_value(tx, definition, value, context))
                      for key, value in step.set.items()}  # fmt: skip
            update(_system(tx), clock.object, clock.record_id, values)
        elif step.kind == "transition":
            transition(_system(tx), clock.object, clock.record_id, target, {},
                       comment=definition.label.text("en", definition.key))  # fmt: skip
        elif step.kind == "notify":
            self._notify(tx, clock, step, context)
        elif step.kind == "start":
            variables = {key: _value(tx, definition, value, context)
                         for key, value in step.arguments.items()}  # fmt: skip
            self.effects.start_flow(_system(tx), target, clock.object, clock.record_id, variables)

    def _notify(
        self, tx: Transaction, clock: Clock, step: RuleStep, context: Mapping[str, Any]
    ) -> None:
        roles = [who.removeprefix("role.") for who in step.to if isinstance(who, str)]
        users: list[str] = []
        for who in step.to:
            if isinstance(who, ExpressionText):
                value = clock_expression(tx.compiled, who.text, clock.object)(context)
                given = _plain(value)
                found = [str(one) for one in (given if isinstance(given, list) else [given]) if one]
                users += [one for one in found if not one.startswith("role.")]
                roles += [one.removeprefix("role.") for one in found if one.startswith("role.")]
        self.effects.notify_people(
            tx, step.target or "", clock.object, clock.record_id, roles, users
        )

    def _report(
        self, tx: Transaction, view: RecordView, definition: ClockDefinition, why: str
    ) -> None:
        """Put a clock that cannot run among the incidents; run again, it is looked at again."""
        key = f"clock:{view.object.key}:{view.id}:{definition.key}"
        payload = {"object": view.object.key, "record": view.id, "clock": definition.key}
        jobs.report(tx, CHECK_JOB, payload, key=key, error=why)


_HAPPENING = {DUE: Happening.BREACH}


def due_values(decided: list[Decided]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that hold when clocks are due, with their values."""
    for one in decided:
        if one.definition.due is not None and one.outcome.clock is not None:
            yield one.definition.due, one.outcome.clock.due_at


def calendar_key(reference: str | None) -> str:
    """Return the key of the job that reckons the clocks of a calendar anew."""
    return f"clock.calendar:{reference or '*'}"


def _point_key(clock: Clock) -> str:
    return f"clock:{clock.id}"


def _system(tx: Transaction) -> Transaction:
    return tx.acting(tx.actor.as_system()).deeper()


def _value(
    tx: Transaction, definition: ClockDefinition, value: Any, context: Mapping[str, Any]
) -> Any:
    if isinstance(value, ExpressionText):
        return clock_expression(tx.compiled, value.text, definition.object)(context)
    return literal_or_value(tx, definition.object, value, context)


def _plain(value: Any) -> Any:
    """Return a value as a write takes it: records by id."""
    if isinstance(value, RecordView):
        return value.id
    return [_plain(item) for item in value] if isinstance(value, list) else value
