"""Dates and moments as HTML: short in place, exact in the title."""

from __future__ import annotations

from datetime import date, datetime, time

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.moments import at_time, exact, relative, short_date
from trellis.formbuilder.values import Format, attribute, text_of


def moment(value: datetime, now: datetime, audience: Audience) -> str:
    """Return a `<time>` with the relative time and the exact one as its title."""
    told = exact(audience.local(value), audience.locale)
    near = relative(value, now, audience.locale) or told
    return f'<time datetime="{_stamp(value)}" title="{told}">{near}</time>'


def _stamp(value: datetime) -> str:
    """Return a moment, in UTC as stored, to the second."""
    # Half the time of strftime, for fifty and more of them on a page.
    return value.isoformat("T", "seconds")[:19] + "Z"


def moment_short(value: datetime, now: datetime, audience: Audience) -> str:
    """Return a `<time>` as narrow as a column wants it: far away, the day alone."""
    local = audience.local(value)
    day = short_date(local, audience.locale)
    near = relative(value, now, audience.locale) or day
    told = at_time(day, local)
    return f'<time datetime="{_stamp(value)}" title="{told}">{near}</time>'


def show_date(subject: Subject) -> Format:
    locale = subject.audience.locale

    def show(value: object, _now: datetime) -> str:
        return short_date(value, locale) if isinstance(value, date) else attribute(text_of(value))

    return show


def show_datetime(subject: Subject) -> Format:
    audience = subject.audience

    def show(value: object, now: datetime) -> str:
        if isinstance(value, datetime):
            return moment(value, now, audience)
        return attribute(text_of(value))

    return show


def show_time(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        if isinstance(value, time):
            return f"{value.hour:02d}:{value.minute:02d}"
        return attribute(text_of(value))

    return show


def show_datetime_short(subject: Subject) -> Format:
    """Return the format of a moment in a list."""
    audience = subject.audience

    def show(value: object, now: datetime) -> str:
        if isinstance(value, datetime):
            return moment_short(value, now, audience)
        return attribute(text_of(value))

    return show
