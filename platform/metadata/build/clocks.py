"""The `clocks:` of a rules.yaml → clocks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trellis.metadata.build.reading import Reading, humanised
from trellis.metadata.build.rules import build_step
from trellis.metadata.model.clocks import ClockDefinition, ClockPoint, ClockRecord, ClockWhen
from trellis.metadata.model.rules import RuleStep
from trellis.metadata.model.texts import SHORT_DURATION

_PERCENT = re.compile(r"([1-9]\d?)\s*%")
#: What a clock may do by itself.
_STEP_KINDS = ("set", "notify", "start", "transition")
#: The name of the point at which a clock is due.
BREACH = "due"


def build_clocks(reading: Reading) -> dict[str, ClockDefinition]:
    """Return the clocks of a rules.yaml."""
    return {key: _clock(key, item) for key, item in reading.entries("clocks")}


def _clock(key: str, reading: Reading) -> ClockDefinition:
    return ClockDefinition(
        key=key,
        object=str(reading.get("object")),
        location=reading.key_location,
        label=reading.label("label", humanised(key)),
        target=reading.child("target").literal_or_expression(),
        calendar=reading.child("calendar").literal_or_expression(),
        begin=reading.expression("from"),
        start=_when(reading.child("start")),
        pause=_when(reading.child("pause")),
        stop=_when(reading.child("stop")),
        cancel=_when(reading.child("cancel")),
        recompute=reading.texts("recompute"),
        reopen=reading.get("reopen", "never"),
        due=reading.get("due"),
        warn=tuple(_warn(item) for item in reading.items("warn")),
        breach=tuple(_breach(item) for item in reading.items("breach")),
        record=_record(reading.child("record")),
        app=reading.app,
        place=reading.place,
    )


def _when(reading: Reading) -> ClockWhen | None:
    """Return when something happens: a list names states, a text is a condition."""
    if reading.value is None:
        return None
    if isinstance(reading.value, list):
        return ClockWhen(states=tuple(str(item.value) for item in reading.items()))
    return ClockWhen(condition=reading.as_expression())


def _warn(reading: Reading) -> ClockPoint:
    percent = None
    if reading.has("at"):
        match = _PERCENT.fullmatch(str(reading.get("at")))
        percent = None if match is None else int(match[1])
        if match is None:
            reading.child("at").report("META241", f"`{reading.get('at')}` is no share of a target",
                                       "write 1% … 99%")  # fmt: skip
    before = reading.get("before")
    _check_duration(reading, "before")
    if reading.has("at") == reading.has("before"):
        reading.report("META241", "a warning comes `at` a share of the target or some time "
                       "`before` it is due", "write `at: 75%` or `before: 1bh`")  # fmt: skip
    name = f"{percent}%" if percent is not None else f"before {before}"
    return ClockPoint(name, reading.location, _steps(reading), percent, before, None,
                      reading.expression("if"), reading.place)  # fmt: skip


def _breach(reading: Reading) -> ClockPoint:
    _check_duration(reading, "after")
    after = reading.get("after")
    name = BREACH if after is None else f"after {after}"
    return ClockPoint(name, reading.location, _steps(reading), None, None, after,
                      reading.expression("if"), reading.place)  # fmt: skip


def _check_duration(reading: Reading, key: str) -> None:
    text = reading.get(key)
    if text is not None and SHORT_DURATION.fullmatch(str(text)) is None:
        reading.child(key).report("META241", f"`{text}` is no short duration",
                                  "write 30m, 4h, 2d, or 8bh of working time")  # fmt: skip


def _steps(reading: Reading) -> tuple[RuleStep, ...]:
    return tuple(build_step(item, _STEP_KINDS) for item in reading.items("do"))


def _record(reading: Reading) -> ClockRecord | None:
    if not isinstance(reading.value, Mapping):
        return None
    return ClockRecord(str(reading.get("object")), reading.values("set"), reading.location,
                       reading.place)  # fmt: skip
