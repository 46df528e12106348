"""Dates and moments as HTML: short in place, exact in the title."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.formats.common import Subject, badge
from trellis.formbuilder.moments import at_time, exact, relative, short_date, span_text
from trellis.formbuilder.values import Deadline, Format, attribute, text_of

#: Shares of a target: above the first there is time enough, below the second it is tight.
_ENOUGH, _LITTLE = 0.5, 0.25


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


def deadline(value: Deadline, audience: Audience) -> str:
    """Return how a clock stands as a badge: what is left by colour, the exact moment beside."""
    text, color = _standing(value, audience)
    if value.due is None:
        return badge(text, color)
    told = exact(audience.local(value.due), audience.locale)
    return f'<span class="deadline" title="{told}">{badge(text, color)}<small>{told}</small></span>'


def _standing(value: Deadline, audience: Audience) -> tuple[str, str]:
    """Return the words and the colour of a clock."""
    words = audience.words
    if value.state == "met":
        return words("Met"), "gray"
    left = "" if value.left is None else span_text(value.left, audience.locale)
    if not value.is_open:
        return words("Late"), "red"
    if value.state == "paused":
        return (words("Paused, {} left").format(left) if left else words("Paused")), "yellow"
    if value.left is None:
        return words("Running"), "blue"
    if value.state == "breached" or value.left < timedelta():
        return words("{} late").format(left), "red"
    color = "green" if value.share > _ENOUGH else "orange" if value.share > _LITTLE else "red"
    return words("{} left").format(left), color


def show_datetime(subject: Subject) -> Format:
    audience = subject.audience

    def show(value: object, now: datetime) -> str:
        if isinstance(value, Deadline):
            return deadline(value, audience)
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
        if isinstance(value, Deadline):
            return deadline(value, audience)
        if isinstance(value, datetime):
            return moment_short(value, now, audience)
        return attribute(text_of(value))

    return show
