"""rules.yaml, notifications.yaml and calendars.yaml → decisions, rules, messages, calendars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import available_timezones

from trellis.metadata.hints import hint
from trellis.metadata.build.reading import Reading, humanised
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.rules import (
    Calendar,
    CalendarSlot,
    Decision,
    DecisionInput,
    DecisionOutput,
    DecisionRow,
    Notification,
    Rule,
    RuleStep,
)
from trellis.metadata.model.texts import ExpressionText, Label

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MIDNIGHT = "24:00"
_STEP_KINDS = ("set", "require", "refuse", "notify", "start", "action")


def build_decisions(reading: Reading) -> dict[str, Decision]:
    """Return the decision tables of a rules.yaml."""
    return {key: _decision(key, item) for key, item in reading.entries("decisions")}


def _decision(key: str, reading: Reading) -> Decision:
    inputs = tuple(_input(item) for item in reading.items("inputs"))
    outputs = tuple(_output(item) for item in reading.items("outputs"))
    rows = tuple(
        row
        for position, item in enumerate(reading.items("rows"))
        if (row := _row(item, position, len(inputs), len(outputs))) is not None
    )
    return Decision(key, str(reading.get("hit")), inputs, outputs, rows, reading.key_location,
                    reading.get("object"), reading.label("label", humanised(key)),
                    reading.app, reading.place)  # fmt: skip


def _input(reading: Reading) -> DecisionInput:
    if isinstance(reading.value, str):
        return DecisionInput(reading.as_expression(), place=reading.place)
    kind = reading.get("type")
    return DecisionInput(
        reading.child("expr").as_expression(),
        reading.label("label"),
        FieldType(kind) if kind else None,
        reading.get("options"),
        reading.place,
    )


def _output(reading: Reading) -> DecisionOutput:
    kind = reading.get("type")
    default = None
    if reading.has("default"):
        item = reading.child("default")
        default = _literal_cell(item) if reading.has("options") else item.as_expression()
    return DecisionOutput(
        str(reading.get("name")),
        reading.location,
        reading.label("label"),
        FieldType(kind) if kind else None,
        reading.get("options"),
        default,
        reading.place,
    )


def _literal_cell(reading: Reading) -> ExpressionText:
    """Return an option's key as a FEEL text, an expression as it is."""
    text = str(reading.value)
    if text.startswith("="):
        return reading.as_expression()
    quoted = text if text.startswith('"') else '"' + text.replace('"', '\\"') + '"'
    return ExpressionText(quoted, reading.location)


def _row(reading: Reading, position: int, inputs: int, outputs: int) -> DecisionRow | None:
    if isinstance(reading.value, Mapping):
        when, then, extra = reading.child("when"), reading.child("then"), reading
    else:
        parts = list(reading.items())
        if len(parts) not in (2, 3):
            reading.report("META050", "a row is `[inputs, outputs]`, with an optional third map",
                           "for example `[['> 10'], ['5'], {note: Large}]`")
            return None
        when, then = parts[0], parts[1]
        extra = parts[2] if len(parts) == 3 else reading.child(0).child("none")
    cells = tuple(item.as_expression() for item in when.items())
    results = tuple(item.as_expression() for item in then.items())
    for what, found, wanted in (("inputs", cells, inputs), ("outputs", results, outputs)):
        if len(found) != wanted:
            reading.report("META051", f"the row has {len(found)} {what}, the table {wanted}",
                           "write one cell for each column; `-` tests nothing")
            return None
    return DecisionRow(
        str(extra.get("id", position + 1)), cells, results, reading.location,
        extra.label("note"), _date(extra.child("from")), _date(extra.child("until")),
    )  # fmt: skip


def _date(reading: Reading) -> date | None:
    if reading.value is None:
        return None
    try:
        return date.fromisoformat(str(reading.value))
    except ValueError:
        reading.report("META052", f"`{reading.value}` is not a date", "write it as 2026-03-31")
        return None


def build_rules(reading: Reading) -> dict[str, Rule]:
    """Return the record rules of a rules.yaml."""
    return {key: _rule(key, item) for key, item in reading.entries("rules")}


_EVENTS = ("create", "update", "transition", "delete")


def _rule(key: str, reading: Reading) -> Rule:
    when = reading.child("when")
    for item in when.items("event"):
        if item.value not in _EVENTS:
            item.report("META053", f"`{item.value}` is not an event of a record",
                        hint(str(item.value), _EVENTS))  # fmt: skip
    return Rule(
        key=key,
        object=str(reading.get("object")),
        events=when.texts("event"),
        location=reading.key_location,
        steps=tuple(_step(item) for item in reading.items("do")),
        label=reading.label("label", humanised(key)),
        changed=when.texts("changed"),
        transitions=when.texts("transitions"),
        condition=reading.expression("if"),
        app=reading.app,
        place=reading.place,
    )


def _step(reading: Reading) -> RuleStep:
    kinds = [kind for kind in _STEP_KINDS if reading.has(kind)]
    if len(kinds) != 1:
        reading.report("META054", "a step does exactly one of `set`, `require`, `refuse`, "
                       "`notify`, `start` and `action`", "split it into several steps")  # fmt: skip
        return RuleStep("none", reading.location)
    kind = kinds[0]
    return RuleStep(
        kind=kind,
        location=reading.location,
        set=reading.values("set"),
        fields=reading.texts("require"),
        message=reading.label("refuse") if kind == "refuse" else reading.label("message"),
        target=None if kind in ("set", "require", "refuse") else str(reading.get(kind)),
        to=tuple(_recipient(item) for item in reading.items("to")),
        arguments=reading.values("with"),
        place=reading.place,
    )


def _recipient(reading: Reading) -> str | ExpressionText:
    text = str(reading.value)
    if text.startswith("role."):
        return text
    return reading.as_expression()


def build_notifications(reading: Reading) -> dict[str, Notification]:
    """Return the messages of a notifications.yaml."""
    return {
        key: Notification(key, item.label("title"), item.label("body"), item.key_location,
                          item.get("object"), item.app, item.place)
        for key, item in reading.entries("notifications")
    }  # fmt: skip


def build_calendars(reading: Reading) -> dict[str, Calendar]:
    """Return the working calendars of a calendars.yaml."""
    return {key: _calendar(key, item) for key, item in reading.entries("calendars")}


def _calendar(key: str, reading: Reading) -> Calendar:
    zone = reading.get("timezone", "UTC")
    if zone not in available_timezones():
        reading.child("timezone").report(
            "META055", f"`{zone}` is not a time zone", hint(str(zone), available_timezones())
        )
        zone = "UTC"
    return Calendar(
        key=key,
        location=reading.key_location,
        label=reading.label("label", humanised(key)),
        timezone=zone,
        always_open=reading.get("always_open", False),
        slots=tuple(slot for item in reading.items("week") for slot in _week_slots(item)),
        holidays=dict(_dated(reading.child("holidays"))),
        workdays={day: _day_slots(item, day) for day, item in _days(reading.child("workdays"))},
        country=reading.get("country"),
        app=reading.app,
    )


def _days(reading: Reading) -> Iterator[tuple[date, Reading]]:
    for key, item in reading.entries():
        try:
            yield date.fromisoformat(key), item
        except ValueError:
            item.report("META052", f"`{key}` is not a date", "write it as 2026-03-31")


def _dated(reading: Reading) -> Iterator[tuple[date, Label]]:
    for day, item in _days(reading):
        yield day, item.as_label()


def _week_slots(reading: Reading) -> Iterator[CalendarSlot]:
    for item in reading.items("days"):
        for weekday in _weekdays(item):
            yield from _slot(reading, weekday)


def _weekdays(reading: Reading) -> tuple[int, ...]:
    first, _, last = str(reading.value).partition("-")
    if first not in _DAYS or (last and last not in _DAYS):
        reading.report("META056", f"`{reading.value}` is not a day or range of days",
                       "write `mon` … `sun`, or `mon-fri`")  # fmt: skip
        return ()
    start = _DAYS.index(first)
    end = _DAYS.index(last) if last else start
    # `fri-mon` goes over the weekend.
    count = (end - start) % 7 + 1
    return tuple((start + step) % 7 + 1 for step in range(count))


def _day_slots(reading: Reading, day: date) -> tuple[CalendarSlot, ...]:
    return tuple(
        slot for item in reading.items() for slot in _slot(item, day.isoweekday())
    )


def _slot(reading: Reading, weekday: int) -> Iterator[CalendarSlot]:
    start, end = str(reading.get("start")), str(reading.get("end"))
    if not _CLOCK.fullmatch(start) or not (_CLOCK.fullmatch(end) or end == _MIDNIGHT):
        reading.report("META057", f"`{start}` to `{end}` is not a slot of a day",
                       'write times as "09:00" in quotes; a day ends at "24:00"')  # fmt: skip
    elif end <= start:
        reading.report("META058", f"the slot ends at {end}, but begins at {start}",
                       "exchange them; split a slot that goes over midnight")  # fmt: skip
    else:
        yield CalendarSlot(weekday, start, end)
