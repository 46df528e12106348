"""Short durations of the YAML: `30m`, `4h`, `2d`, and `8bh` of working time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.clocks.working_time import add_working
from trellis.metadata.model.texts import SHORT_DURATION

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
#: A working day counts as this many working hours.
WORKING_DAY_HOURS = 8


@dataclass(frozen=True)
class ShortDuration:
    """An amount of time; `working` counts only the calendar's working time."""

    amount: timedelta
    working: bool = False

    def after(self, start: datetime, hours: WorkingHours | None) -> datetime:
        """Return the moment this much after `start`; without a calendar all time counts."""
        if self.working and hours is not None:
            return add_working(hours, start, self.amount)
        return start + self.amount

    def before(self, end: datetime, hours: WorkingHours | None) -> datetime:
        """Return the moment this much before `end`."""
        return ShortDuration(-self.amount, self.working).after(end, hours)


def parse_short(text: str) -> ShortDuration | None:
    """Return the duration that `text` writes, or None when it is not a short duration."""
    match = SHORT_DURATION.fullmatch(text.strip())
    if match is None:
        return None
    number, unit = int(match[1]), match[2]
    if unit == "bd":
        return ShortDuration(timedelta(hours=number * WORKING_DAY_HOURS), working=True)
    return ShortDuration(number * _UNITS[unit[-1]], working=unit.startswith("b"))
