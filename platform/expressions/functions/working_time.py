"""Functions over working time, which ask the engine: calendars are definitions or records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from trellis.expressions import types as t
from trellis.expressions.functions.table import builtin, form

#: The key of a context under which the engine puts what knows the calendars.
CALENDARS = "\0calendars"


class Calendars(Protocol):
    """Knows the working time of calendars: named by key, or records that are calendars."""

    def between(self, calendar: Any, start: datetime, end: datetime) -> timedelta | None:
        """Return the working time between two moments, negative when the second is earlier."""
        ...

    def add(self, calendar: Any, moment: datetime, amount: timedelta) -> datetime | None:
        """Return the moment by which an amount of working time has passed, or had begun."""
        ...


def _between(context: Mapping[str, Any], start: Any, end: Any, calendar: Any) -> Any:
    calendars: Calendars | None = context.get(CALENDARS)
    if calendars is None or calendar is None:
        return None
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    return calendars.between(calendar, start, end)


def _add(context: Mapping[str, Any], moment: Any, amount: Any, calendar: Any) -> Any:
    calendars: Calendars | None = context.get(CALENDARS)
    if calendars is None or calendar is None:
        return None
    if not isinstance(moment, datetime) or not isinstance(amount, timedelta):
        return None
    found = calendars.add(calendar, moment, amount)
    # The moment keeps the zone that it was given in.
    return found if found is None or moment.tzinfo is None else found.astimezone(moment.tzinfo)


FUNCTIONS = (
    builtin("business duration",
            "The working time between two moments in a calendar: a key of calendars.yaml, or a "
            "record that is a calendar. Negative when the second moment is the earlier one.",
            form("from: datetime, to: datetime, calendar: any", t.DAYS_TIME, _between,
                 contextual=True)),
    builtin("add business duration",
            "The moment by which an amount of working time has passed in a calendar; a negative "
            "amount goes back.",
            form("moment: datetime, duration: days, calendar: any", t.DATETIME, _add,
                 contextual=True)),
)  # fmt: skip
