"""Inputs to type in: texts, numbers, dates, and the output of what only the platform writes."""

from __future__ import annotations

from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.formats.numbers import currency_sign
from trellis.formbuilder.values import attribute, text_of
from trellis.formbuilder.widgets.common import FormValue, Widget, input_id
from trellis.metadata.model.fields import NUMBER_TYPES


def _input(kind: str, fixed: str = "") -> Widget:
    def show(name: str, value: FormValue, now: str) -> str:
        safe = attribute(name)
        return (
            f'<input class="form-control" type="{kind}" id="f-{safe}" name="{safe}"'
            f' value="{attribute(text_of(value))}"{fixed}{now}>'
        )

    return show


def _limits(subject: Subject) -> str:
    field = subject.field
    parts = []
    if field.max is not None:
        parts.append(f' maxlength="{field.max}"')
    if field.min is not None and field.min > 0:
        parts.append(f' minlength="{field.min}"')
    return "".join(parts)


def _numeric(subject: Subject, mode: str) -> str:
    # A text input, not type=number: browsers drop what they cannot read and round what they can.
    bounds = [f' data-min="{attribute(subject.field.lowest)}"'] if subject.field.lowest else []
    if subject.field.highest:
        bounds.append(f' data-max="{attribute(subject.field.highest)}"')
    return f' inputmode="{mode}" autocomplete="off"{"".join(bounds)}'


def _marked(before: str, after: str, inner: Widget) -> Widget:
    lead = f'<span class="input-group-text">{attribute(before)}</span>' if before else ""
    tail = f'<span class="input-group-text">{attribute(after)}</span>' if after else ""
    return lambda name, value, now: (
        f'<div class="input-group">{lead}{inner(name, value, now)}{tail}</div>'
    )


def text(subject: Subject) -> Widget:
    """Return a line of text."""
    return _input("text", _limits(subject))


def email(_subject: Subject) -> Widget:
    """Return an e-mail address."""
    return _input("email", ' autocomplete="off" spellcheck="false"')


def phone(_subject: Subject) -> Widget:
    """Return a telephone number."""
    return _input("tel", ' autocomplete="off"')


def url(_subject: Subject) -> Widget:
    """Return a web address."""
    return _input("url", ' placeholder="https://" spellcheck="false"')


def scan(_subject: Subject) -> Widget:
    """Return a scanned code; a hand scanner types it and ends with Enter."""
    return _input("text", ' autocomplete="off" spellcheck="false" data-scan')


def integer(subject: Subject) -> Widget:
    """Return a whole number."""
    return _input("text", _numeric(subject, "numeric"))


def decimal(subject: Subject) -> Widget:
    """Return a decimal number."""
    return _input("text", _numeric(subject, "decimal"))


def percent(subject: Subject) -> Widget:
    """Return a percentage."""
    return _marked("", "%", decimal(subject))


def money(subject: Subject) -> Widget:
    """Return an amount with the sign of its currency."""
    currency = subject.field.currency
    sign = currency_sign(currency, subject.audience.locale) if currency else ""
    return _marked(sign, "", decimal(subject)) if sign else decimal(subject)


def date(_subject: Subject) -> Widget:
    """Return a date."""
    return _input("date")


def moment(_subject: Subject) -> Widget:
    """Return a date and time on the reader's wall clock."""
    return _input("datetime-local")


def time(_subject: Subject) -> Widget:
    """Return a time of day."""
    return _input("time")


def duration(_subject: Subject) -> Widget:
    """Return a length of time, as `2h 30m`."""
    return _input("text", ' placeholder="2h 30m" autocomplete="off"')


def long_text(subject: Subject) -> Widget:
    """Return several lines of text."""
    return _area(f' rows="3"{_limits(subject)} data-grow')


def rich_text(_subject: Subject) -> Widget:
    """Return formatted text; the island adds a toolbar, without it the source is edited."""
    area = _area(' rows="6" data-rich')
    return lambda name, value, now: f'<div class="rich">{area(name, value, now)}</div>'


def json_text(_subject: Subject) -> Widget:
    """Return JSON."""
    return _area(' rows="6" class="form-control code" spellcheck="false"')


def _area(fixed: str) -> Widget:
    styled = fixed if "class=" in fixed else ' class="form-control"' + fixed

    def show(name: str, value: FormValue, now: str) -> str:
        safe = attribute(name)
        # The first line feed after the tag is not part of the value, so one is always written.
        return (
            f'<textarea id="f-{safe}" name="{safe}"{styled}{now}>\n'
            f"{attribute(text_of(value))}</textarea>"
        )

    return show


def output(subject: Subject) -> Widget:
    """Return a value that nobody types: auto-numbers, formulas, roll-ups."""
    css = "form-control-plaintext"
    if subject.field.value_type in NUMBER_TYPES:
        css += " num"

    def show(name: str, value: FormValue, _now: str) -> str:
        shown = attribute(text_of(value)) or "—"
        return f'<output class="{css}" id="{input_id(name)}">{shown}</output>'

    return show
