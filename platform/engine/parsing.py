"""What people and programs send, turned into values of fields; every refusal says what fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, DecimalException
from functools import lru_cache
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

import nh3
import re2
from trellis.expressions.temporal import parse_duration
from trellis.ids import is_id
from trellis.metadata.model.fields import Field, FieldType

MAX_TEXT = 10_000
MAX_LONG_TEXT = 200_000
MAX_ITEMS = 1_000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9 ()./#-]{3,40}(x[0-9]{1,6})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_DURATION_HOURS = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?")
_MAX_INTEGER = 2**53


class ValueRefusedError(ValueError):
    """A value does not fit its field; the text says what would."""


def parse_value(field: Field, value: Any) -> Any:
    """Return the value of a field, None for nothing; raise ValueRefusedError."""
    return parser_of(field)(value)


def parser_of(field: Field) -> Callable[[Any], Any]:
    """Return `parse_value` of one field: which parser it is has been looked up."""
    parse = _PARSERS[field.value_type]

    def read(value: Any) -> Any:
        return None if value is None or value == "" else parse(field, value)

    return read


def _text(field: Field, value: Any, limit: int = MAX_TEXT) -> str:
    if not isinstance(value, str):
        raise ValueRefusedError("must be a text")
    if _CONTROL.search(value):
        raise ValueRefusedError("holds characters that cannot be stored")
    most = min(field.max or limit, limit)
    if len(value) > most:
        raise ValueRefusedError(f"has {len(value)} characters, at most {most} fit")
    if field.min is not None and len(value) < field.min:
        raise ValueRefusedError(f"has {len(value)} characters, at least {field.min} are needed")
    if field.pattern is not None and not _pattern(field.pattern).fullmatch(value):
        raise ValueRefusedError(f"does not have the form `{field.pattern}`")
    return value


@lru_cache(maxsize=1_000)
def _pattern(text: str) -> Any:
    """Return an author's pattern on the engine whose time is linear, whatever it says."""
    return re2.compile(text)


def _long(field: Field, value: Any) -> str:
    return _text(field, value.replace("\r\n", "\n") if isinstance(value, str) else value,
                 MAX_LONG_TEXT)  # fmt: skip


def _rich(field: Field, value: Any) -> str:
    return nh3.clean(_long(field, value), link_rel="noopener noreferrer")


def _email(field: Field, value: Any) -> str:
    text = _text(field, value).strip()
    if not _EMAIL.fullmatch(text):
        raise ValueRefusedError("is no e-mail address")
    return text


def _phone(field: Field, value: Any) -> str:
    text = _text(field, value).strip()
    if not _PHONE.fullmatch(text):
        raise ValueRefusedError("is no phone number")
    return text


def _url(field: Field, value: Any) -> str:
    text = _text(field, value).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueRefusedError("is no address of a page") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueRefusedError("must begin with https:// or http://")
    return text


def _is_whole(value: Decimal) -> bool:
    # Its exponent may be huge, so that it must not be written out.
    return value.is_finite() and value.adjusted() <= 20 and value == value.to_integral_value()


def _integer(field: Field, value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueRefusedError("must be a whole number")
    if isinstance(value, Decimal) and not _is_whole(value):
        raise ValueRefusedError("must be a whole number")
    try:
        number = int(value) if not isinstance(value, str) else int(value.strip())
    except (ValueError, TypeError, OverflowError):
        raise ValueRefusedError("must be a whole number") from None
    if abs(number) > _MAX_INTEGER:
        raise ValueRefusedError("is too large")
    _within(field, Decimal(number))
    return number


def _decimal(field: Field, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueRefusedError("must be a number")
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(str(value).strip())
    except DecimalException:
        raise ValueRefusedError("must be a number") from None
    if not number.is_finite():
        raise ValueRefusedError("must be a number")
    return exact(field, number)


def exact(field: Field, number: Decimal) -> Decimal:
    """Return a number rounded half even to the field's scale; refuse what overflows its digits."""
    if number and number.adjusted() > 40:
        raise ValueRefusedError(f"has more than {field.digits} digits")
    rounded = number.quantize(Decimal(1).scaleb(-field.scale), rounding=ROUND_HALF_EVEN)
    if rounded and rounded.adjusted() + 1 > field.digits - field.scale:
        raise ValueRefusedError(
            f"has more than {field.digits - field.scale} digits before the point"
        )
    _within(field, rounded)
    return rounded


def _within(field: Field, number: Decimal) -> None:
    if field.lowest is not None and number < Decimal(field.lowest):
        raise ValueRefusedError(f"must be at least {field.lowest}")
    if field.highest is not None and number > Decimal(field.highest):
        raise ValueRefusedError(f"must be at most {field.highest}")


_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False, "1": True, "0": False, "on": True,
                                 "yes": True, "no": False}  # fmt: skip


def _boolean(_field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    found = _BOOLEANS.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise ValueRefusedError("must be true or false")
    return found


def _date(_field: Field, value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if len(value) == 10 else _no_date()
    except (ValueError, TypeError):
        return _no_date()


def _no_date() -> date:
    raise ValueRefusedError("must be a date such as 2026-03-31")


def _datetime(_field: Field, value: Any) -> datetime:
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
    if not isinstance(moment, datetime):
        raise ValueRefusedError("must be a date-time such as 2026-03-31T14:00:00Z")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueRefusedError("lies outside the calendar") from None


def _time(_field: Field, value: Any) -> time:
    if isinstance(value, time):
        return value.replace(microsecond=0, tzinfo=None)
    try:
        return time.fromisoformat(value).replace(microsecond=0, tzinfo=None)
    except (ValueError, TypeError):
        raise ValueRefusedError("must be a time such as 14:30") from None


def _duration(_field: Field, value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        parsed = parse_duration(value)
        if isinstance(parsed, timedelta):
            return parsed
        match = _DURATION_HOURS.fullmatch(value.strip())
        if match is not None:
            return timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=int(match[3] or 0))
    raise ValueRefusedError("must be a duration such as PT1H30M or 1:30")


def _id(_field: Field, value: Any) -> str:
    identity = value.get("id") if isinstance(value, Mapping) else getattr(value, "id", value)
    if not is_id(identity):
        raise ValueRefusedError("must name a record by its id")
    return str(identity)


def _list(value: Any) -> list[Any]:
    items = value if isinstance(value, list | tuple) else [value]
    if len(items) > MAX_ITEMS:
        raise ValueRefusedError(f"has more than {MAX_ITEMS} entries")
    return list(items)


def _ids(field: Field, value: Any) -> list[str]:
    return [_id(field, item) for item in _list(value)]


def _choice(field: Field, value: Any) -> str:
    return _text(field, value)


def _choices(field: Field, value: Any) -> list[str]:
    return list(dict.fromkeys(_text(field, item) for item in _list(value)))


def _geo(_field: Field, value: Any) -> dict[str, float]:
    if isinstance(value, str):
        parts = value.split(",")
        value = {"lat": parts[0], "lng": parts[1]} if len(parts) == 2 else value
    if not isinstance(value, Mapping) or not {"lat", "lng"} <= set(value):
        raise ValueRefusedError("must be a place such as {lat: 31.23, lng: 121.47}")
    try:
        latitude, longitude = float(value["lat"]), float(value["lng"])
    except (TypeError, ValueError):
        raise ValueRefusedError("must be a place such as {lat: 31.23, lng: 121.47}") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueRefusedError("lies outside the world")
    return {"lat": latitude, "lng": longitude}


_ADDRESS = ("country", "province", "city", "district", "street", "postcode")


def _address(field: Field, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {"street": _text(field, value)}
    if not isinstance(value, Mapping) or set(value) - set(_ADDRESS):
        raise ValueRefusedError("must be an address of " + ", ".join(_ADDRESS))
    return {key: _text(field, value[key]) for key in _ADDRESS if value.get(key)}


def _json(_field: Field, value: Any) -> Any:
    _check_json(value, 0)
    return _with_doubles(value)


def _with_doubles(value: Any) -> Any:
    """Return a JSON value whose decimals are numbers that JSON libraries know."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _with_doubles(item) for key, item in value.items()}
    return [_with_doubles(item) for item in value] if isinstance(value, list) else value


def _check_json(value: Any, depth: int) -> None:
    if depth > 32:
        raise ValueRefusedError("is nested deeper than 32")
    if isinstance(value, str) and _CONTROL.search(value):
        raise ValueRefusedError("holds characters that cannot be stored")
    if isinstance(value, Decimal) and not isfinite(float(value)):
        raise ValueRefusedError("holds a number that is none")
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        raise ValueRefusedError("holds a number that is none")
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check_json(key, depth + 1)
            _check_json(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_json(item, depth + 1)


def _never(_field: Field, _value: Any) -> Any:
    raise ValueRefusedError("is kept by the platform")


_PARSERS: Mapping[FieldType, Callable[[Field, Any], Any]] = {
    FieldType.TEXT: _text, FieldType.TEXT_LONG: _long, FieldType.TEXT_RICH: _rich,
    FieldType.INTEGER: _integer, FieldType.DECIMAL: _decimal, FieldType.MONEY: _decimal,
    FieldType.PERCENT: _decimal, FieldType.BOOLEAN: _boolean, FieldType.DATE: _date,
    FieldType.DATETIME: _datetime, FieldType.TIME: _time, FieldType.DURATION: _duration,
    FieldType.EMAIL: _email, FieldType.PHONE: _phone, FieldType.URL: _url,
    FieldType.CHOICE: _choice, FieldType.CHOICES: _choices, FieldType.REF: _id,
    FieldType.REFS: _ids, FieldType.USER: _id, FieldType.USERS: _ids, FieldType.FILE: _id,
    FieldType.IMAGE: _id, FieldType.VIDEO: _id, FieldType.SIGNATURE: _id, FieldType.FILES: _ids,
    FieldType.SCAN: _text, FieldType.ROLE: _text, FieldType.AUTO: _text,
    FieldType.ADDRESS: _address, FieldType.GEO: _geo, FieldType.JSON: _json,
    FieldType.ROWS: _never, FieldType.RELATED: _never, FieldType.FORMULA: _never,
    FieldType.ROLLUP: _never,
}  # fmt: skip
