"""A record's values as a form holds them: texts as a person types them, and what was picked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.formats.numbers import money_scale
from trellis.formbuilder.layout import Placed
from trellis.formbuilder.moments import duration_text, exact
from trellis.formbuilder.values import Reference, StoredFile, text_of
from trellis.formbuilder.widgets.common import FileList, FormValue, Picked, PickedMany
from trellis.metadata.model.fields import (
    FILE_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)

_COMPOSED = frozenset({FieldType.ADDRESS, FieldType.GEO})
#: What an input holds as it is: most fields of most forms, so it is asked first.
_PLAIN = frozenset(
    {FieldType.TEXT, FieldType.TEXT_LONG, FieldType.INTEGER, FieldType.CHOICE, FieldType.EMAIL,
     FieldType.PHONE, FieldType.URL, FieldType.AUTO}
)  # fmt: skip


def form_value(field: Field, value: object, audience: Audience) -> FormValue:
    """Return what the input of `field` holds for a record's `value`."""
    kind = field.type
    if kind in _PLAIN:
        return "" if value is None else str(value)
    if kind in TO_ONE_TYPES:
        return Picked(_reference(value)) if value is not None else Picked()
    if kind in TO_MANY_TYPES:
        return PickedMany(tuple(_reference(one) for one in _items(value)))
    if kind in FILE_TYPES or kind is FieldType.FILES:
        return FileList(tuple(one for one in _items(value) if isinstance(one, StoredFile)))
    if kind is FieldType.CHOICES:
        return [text_of(one) for one in _items(value)]
    if kind in _COMPOSED:
        return value if isinstance(value, Mapping) else {}
    if value is None:
        return ""
    return _TEXTS.get(field.value_type, _as_is)(field, value, audience)


def form_values(
    placed: tuple[Placed, ...], values: Mapping[str, object], audience: Audience
) -> dict[str, FormValue]:
    """Return what every input holds for a record."""
    return {one.key: form_value(one.field, values.get(one.key), audience) for one in placed}


def _items(value: object) -> tuple[object, ...]:
    if isinstance(value, list | tuple):
        return tuple(value)
    return () if value is None else (value,)


def _reference(value: object) -> Reference:
    return value if isinstance(value, Reference) else Reference(text_of(value), text_of(value))


def _as_is(_field: Field, value: object, _audience: Audience) -> str:
    return text_of(value)


def _number(_field: Field, value: object, _audience: Audience) -> str:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return text_of(value)


def _money(field: Field, value: object, _audience: Audience) -> str:
    return f"{value:.{money_scale(field)}f}" if isinstance(value, Decimal) else text_of(value)


def _boolean(_field: Field, value: object, _audience: Audience) -> str:
    return "true" if value is True else ""


def _date(_field: Field, value: object, _audience: Audience) -> str:
    return value.isoformat() if isinstance(value, date) else text_of(value)


def _moment(field: Field, value: object, audience: Audience) -> str:
    if not isinstance(value, datetime):
        return text_of(value)
    if field.computed:
        return exact(audience.local(value), audience.locale)
    return audience.local(value).isoformat("T", "minutes")[:16]


def _time(_field: Field, value: object, _audience: Audience) -> str:
    return f"{value.hour:02d}:{value.minute:02d}" if isinstance(value, time) else text_of(value)


def _duration(_field: Field, value: object, _audience: Audience) -> str:
    return duration_text(value) if isinstance(value, timedelta) else text_of(value)


def _json(_field: Field, value: object, _audience: Audience) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


_TEXTS: Mapping[FieldType, Callable[[Field, object, Audience], str]] = {
    FieldType.DECIMAL: _number,
    FieldType.PERCENT: _number,
    FieldType.MONEY: _money,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.DATETIME: _moment,
    FieldType.TIME: _time,
    FieldType.DURATION: _duration,
    FieldType.JSON: _json,
}
