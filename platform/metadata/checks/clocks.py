"""Clocks: what they name exists, and a clock that is read can run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trellis.metadata.checks.effects import target_problems
from trellis.metadata.checks.objects import set_problems
from trellis.metadata.checks.pages import no_object
from trellis.metadata.checks.places import at, at_key, item_at
from trellis.metadata.checks.rules import step_problems
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.clocks import ClockDefinition, ClockPoint, ClockRecord
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import SHORT_DURATION, ExpressionText
from trellis.problems import Problem


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every clock."""
    holders: dict[tuple[str, str], str] = {}
    for clock in catalog.clocks.values():
        item = catalog.objects.get(clock.object)
        if item is None:
            yield no_object(catalog, clock.object, at(clock, "object"))
            continue
        yield from _when_problems(item, clock)
        yield from _field_problems(item, clock)
        yield from _time_problems(catalog, clock)
        yield from _point_problems(catalog, item, clock)
        if clock.record is not None:
            yield from _record_problems(catalog, clock.record)
        if clock.due is not None:
            first = holders.setdefault((clock.object, clock.due), clock.key)
            if first != clock.key:
                yield Problem(at(clock, "due"), "META242",
                              f"`{clock.due}` holds when `{first}` is due already",
                              "give each clock a field of its own")  # fmt: skip


def _when_problems(item: Object, clock: ClockDefinition) -> Iterator[Problem]:
    states = item.lifecycle.states if item.lifecycle is not None else {}
    for key in ("start", "pause", "stop", "cancel"):
        when = getattr(clock, key)
        for name in when.states if when is not None else ():
            if name not in states:
                yield Problem(item_at(clock, key, name), "META122", f"there is no state `{name}`",
                              hint(name, states))  # fmt: skip
    if clock.reopen != "never" and clock.stop is None:
        yield Problem(at(clock, "reopen"), "META242",
                      f"clock `{clock.key}` never stops, so nothing reopens it",
                      "add `stop:`, or leave `reopen` out")  # fmt: skip


def _field_problems(item: Object, clock: ClockDefinition) -> Iterator[Problem]:
    for name in clock.recompute:
        if name not in item.fields:
            yield Problem(item_at(clock, "recompute", name), "META100",
                          f"object `{item.key}` has no field `{name}`",
                          hint(name, item.fields))  # fmt: skip
    if clock.due is None:
        return
    field = item.fields.get(clock.due)
    moments = [one.key for one in item.fields.values() if one.type is FieldType.DATETIME]
    if field is None or field.type is not FieldType.DATETIME:
        yield Problem(at(clock, "due"), "META242",
                      f"`{clock.due}` is no datetime field of `{item.key}`",
                      hint(clock.due, moments, "add a field `{type: datetime, readonly: true}`"),
                      )  # fmt: skip
    elif field.readonly is not True:
        yield Problem(at(clock, "due"), "META242",
                      f"`{clock.due}` is set by clock `{clock.key}`, but people may change it",
                      "add `readonly: true` to the field")  # fmt: skip


def _time_problems(catalog: Catalog, clock: ClockDefinition) -> Iterator[Problem]:
    target, calendar = clock.target, clock.calendar
    if not isinstance(target, ExpressionText) and not SHORT_DURATION.fullmatch(str(target)):
        yield Problem(at(clock, "target"), "META241", f"`{target}` is no short duration",
                      "write 30m, 4h, 2d, or `=` and an expression that gives a duration",
                      )  # fmt: skip
    if isinstance(calendar, str) and calendar not in catalog.calendars:
        yield Problem(at(clock, "calendar"), "META174", f"there is no calendar `{calendar}`",
                      hint(calendar, catalog.calendars))  # fmt: skip


def _point_problems(catalog: Catalog, item: Object, clock: ClockDefinition) -> Iterator[Problem]:
    names: set[str] = set()
    for point in (*clock.warn, *clock.breach):
        if point.name in names:
            yield Problem(point.location, "META242", f"`{point.name}` stands twice",
                          "do both in one list")  # fmt: skip
        names.add(point.name)
        yield from _do_problems(catalog, item, clock, point)


def _do_problems(
    catalog: Catalog, item: Object, clock: ClockDefinition, point: ClockPoint
) -> Iterator[Problem]:
    transitions: Mapping[str, object] = (
        item.lifecycle.transitions if item.lifecycle is not None else {}
    )
    for step in point.steps:
        yield from step_problems(catalog, item, step)
        yield from target_problems(catalog, item.key, step)
        if step.kind == "transition" and step.target not in transitions:
            yield Problem(at(step, "transition"), "META130",
                          f"object `{item.key}` has no transition `{step.target}`",
                          hint(str(step.target), transitions))  # fmt: skip
        if clock.due in step.set:
            yield Problem(at_key(step, "set", str(clock.due)), "META242",
                          f"`{clock.due}` is set by the clock itself", "leave it out",
                          )  # fmt: skip


def _record_problems(catalog: Catalog, record: ClockRecord) -> Iterator[Problem]:
    item = catalog.objects.get(record.object)
    if item is None:
        yield no_object(catalog, record.object, at(record, "object"))
        return
    for name, value in record.values.items():
        place = at(record, "set", name)
        if name not in item.fields:
            yield Problem(place, "META100", f"object `{item.key}` has no field `{name}`",
                          hint(name, item.fields))  # fmt: skip
        else:
            yield from set_problems(catalog, item, name, value, place)
