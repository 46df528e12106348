"""What a form says where a value cannot be changed: the reading format of what an input holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from trellis.formbuilder.formats.choices import option_labels
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.formats.numbers import currency_sign, money_scale, number_text
from trellis.formbuilder.moments import exact, short_date
from trellis.formbuilder.shown import shown_text
from trellis.formbuilder.widgets.common import FormValue
from trellis.metadata.model.fields import NUMBER_TYPES, FieldType

Settled = Callable[[FormValue], str]


def settled(subject: Subject) -> Settled:
    """Return the function that says a form value of a field as plain text."""
    labels = option_texts(subject)
    told = _teller(subject)

    def say(value: FormValue) -> str:
        text = shown_text(value, labels)
        if told is None or not text:
            return text
        try:
            return told(text)
        except (ValueError, InvalidOperation):
            return text

    return say


def option_texts(subject: Subject) -> Mapping[str, str]:
    """Return the labels of a choice's values; nothing for other fields."""
    if subject.field.type not in (FieldType.CHOICE, FieldType.CHOICES):
        return {}
    return {key: label for key, (label, _) in option_labels(subject).items()}


def _teller(subject: Subject) -> Callable[[str], str] | None:
    kind, locale = subject.field.value_type, subject.audience.locale
    if kind is FieldType.DATE:
        return lambda text: short_date(date.fromisoformat(text), locale)
    if kind is FieldType.DATETIME:
        return lambda text: exact(datetime.fromisoformat(text), locale)
    if kind is FieldType.BOOLEAN:
        yes, no = subject.audience.words("Yes"), subject.audience.words("No")
        return lambda text: yes if text == "true" else no
    if kind is FieldType.MONEY:
        return _money(subject)
    if kind is FieldType.PERCENT:
        return lambda text: number_text(Decimal(text), None) + "%"
    if kind in NUMBER_TYPES:
        return lambda text: number_text(Decimal(text), None)
    return None


def _money(subject: Subject) -> Callable[[str], str]:
    scale, currency = money_scale(subject.field), subject.field.currency
    sign = currency_sign(currency, subject.audience.locale) if currency else ""
    return lambda text: sign + number_text(Decimal(text), scale)
