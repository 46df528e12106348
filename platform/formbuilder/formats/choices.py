"""Choices and references as HTML: badges in the option's colour, links, people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats.common import NOTHING, Subject, badge, person
from trellis.formbuilder.formats.numbers import number_text
from trellis.formbuilder.values import Format, Reference, attribute, text_of


def option_labels(subject: Subject) -> Mapping[str, tuple[str, str | None]]:
    """Return label and colour by value, for a choice or for the state of a lifecycle."""
    field, locale = subject.field, subject.audience.locale
    found: dict[str, tuple[str, str | None]] = {}
    options = subject.catalog.options.get(field.options or "")
    if options is not None:
        for key, option in options.options.items():
            found[key] = (option.label.text(locale, humanise(key)), option.color)
    lifecycle = subject.model.lifecycle
    if lifecycle is not None and lifecycle.field == field.key:
        for key, state in lifecycle.states.items():
            known = found.get(key, (humanise(key), None))
            found[key] = (state.label.text(locale, known[0]), state.color or known[1])
    return found


def boolean(subject: Subject) -> Format:
    yes, no = subject.audience.words("Yes"), subject.audience.words("No")
    shown = {
        True: f'<span class="yes" title="{attribute(yes)}">{attribute(yes)}</span>',
        False: f'<span class="no">{attribute(no)}</span>',
    }
    return lambda value, _now: shown[value] if isinstance(value, bool) else NOTHING


def choice(subject: Subject) -> Format:
    badges = {key: badge(*shown) for key, shown in option_labels(subject).items()}

    def show(value: object, _now: datetime) -> str:
        if value is None or value == "":
            return NOTHING
        text = text_of(value)
        return badges.get(text) or badge(text, None)

    return show


def choices(subject: Subject) -> Format:
    one = choice(subject)

    def show(value: object, now: datetime) -> str:
        items = value if isinstance(value, list | tuple) else ()
        shown = "".join(one(item, now) for item in items)
        return f'<span class="badges">{shown}</span>' if shown else NOTHING

    return show


def reference(subject: Subject) -> Format:
    base = f"/o/{subject.field.to}/" if subject.field.to else None

    def show(value: object, _now: datetime) -> str:
        if isinstance(value, Reference):
            title = attribute(value.title)
            return f'<a href="{base}{attribute(value.id)}">{title}</a>' if base else title
        return attribute(text_of(value))

    return show


def references(subject: Subject) -> Format:
    one = reference(subject)

    def show(value: object, now: datetime) -> str:
        items = value if isinstance(value, list | tuple) else ()
        shown = ", ".join(one(item, now) for item in items)
        return f'<span class="listed">{shown}</span>' if shown else NOTHING

    return show


def user(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        if isinstance(value, Reference):
            return person(value.title)
        return person(text_of(value)) if value else NOTHING

    return show


def users(subject: Subject) -> Format:
    one = user(subject)

    def show(value: object, now: datetime) -> str:
        items = value if isinstance(value, list | tuple) else ()
        shown = "".join(one(item, now) for item in items)
        return f'<span class="people">{shown}</span>' if shown else NOTHING

    return show


def role(subject: Subject) -> Format:
    roles, locale = subject.catalog.roles, subject.audience.locale
    labels = {key: attribute(role.label.text(locale, humanise(key))) for key, role in roles.items()}
    return lambda value, _now: labels.get(text_of(value)) or attribute(text_of(value))


def how_many(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        number = len(value) if isinstance(value, list | tuple) else value
        return number_text(number, None) if number else NOTHING

    return show
