"""Numbers as HTML: thousands marks, the digits of the field, the sign of the currency."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.numbers import get_currency_precision, get_currency_symbol
from trellis.formbuilder.formats.common import NOTHING, Subject
from trellis.formbuilder.moments import duration_text
from trellis.formbuilder.values import Format, attribute, text_of
from trellis.metadata.model.fields import Field, FieldType


def number_text(value: object, scale: int | None) -> str:
    """Return a number with thousands marks; `scale` None keeps its own digits."""
    if not isinstance(value, int | float | Decimal):
        return attribute(text_of(value))
    return f"{value:,}" if scale is None else f"{value:,.{scale}f}"


@lru_cache(maxsize=256)
def currency_sign(currency: str, locale: str) -> str:
    """Return the sign of a currency for readers of `locale`: ¥, US$, €."""
    return str(get_currency_symbol(currency, locale.replace("-", "_")))


def money_scale(field: Field) -> int:
    """Return the digits after the point of a money field."""
    if field.currency is None:
        return field.scale or 2
    return int(get_currency_precision(field.currency))


def integer(_subject: Subject) -> Format:
    return lambda value, _now: NOTHING if value is None else number_text(value, None)


def decimal(subject: Subject) -> Format:
    scale = subject.field.scale if subject.field.type is FieldType.DECIMAL else None
    return lambda value, _now: NOTHING if value is None else number_text(value, scale)


def percent(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        if value is None:
            return NOTHING
        text = number_text(value, None)
        return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"

    return show


def money(subject: Subject) -> Format:
    scale, currency = money_scale(subject.field), subject.field.currency
    sign = attribute(currency_sign(currency, subject.audience.locale)) if currency else ""

    def show(value: object, _now: datetime) -> str:
        if value is None:
            return NOTHING
        text = number_text(value, scale)
        return f"−{sign}{text[1:]}" if text.startswith("-") else sign + text

    return show


def duration(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        return duration_text(value) if isinstance(value, timedelta) else attribute(text_of(value))

    return show
