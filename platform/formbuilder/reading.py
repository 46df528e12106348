"""Reads one typed text as a value of its field; what cannot be read says what would be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from trellis.formbuilder.audience import Audience
from trellis.metadata.model.fields import Field, FieldType

_DURATION = re.compile(
    r"(?P<sign>-)?\s*(?:(?P<d>\d+)\s*(?:d|天))?\s*(?:(?P<h>\d+(?:[.]\d+)?)\s*(?:h|小时))?"
    r"\s*(?:(?P<m>\d+)\s*(?:m|min|分钟?))?\s*(?:(?P<s>\d+)\s*(?:s|秒))?",
    re.IGNORECASE,
)
_ISO_DURATION = re.compile(
    r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE
)
_CLOCK = re.compile(r"(\d{1,4}):(\d{2})")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
#: Full-width digits and signs, as Chinese keyboards type them.
_WIDE = {0xFF00 + ord(sign) - 0x20: sign for sign in "0123456789.,-+:%"}


class UnreadableError(ValueError):
    """Raised when a text is no value of its field; the message is a word of the catalog."""

    def told(self, audience: Audience) -> str:
        """Return what would be readable, in the reader's language."""
        return audience.words(str(self))


def read_text(field: Field, text: str, audience: Audience) -> object:
    """Return the value that `text` means for `field`; blank is None, or raise UnreadableError."""
    if field.type in _VERBATIM:
        return text.replace("\r\n", "\n") if text.strip() else None
    stripped = text.strip()
    if not stripped:
        return None
    reader = _READERS.get(field.value_type)
    return stripped if reader is None else reader(stripped, audience)


def _number(text: str) -> str:
    plain = text.translate(_WIDE).replace(" ", "").replace("\u00a0", "")
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain


def _integer(text: str, _audience: Audience) -> int:
    plain = _number(text)
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", plain):
        raise UnreadableError("needs a whole number")
    return int(plain)


def _decimal(text: str, _audience: Audience) -> Decimal:
    try:
        value = Decimal(_number(text))
    except InvalidOperation:
        raise UnreadableError("needs a number") from None
    if not value.is_finite():
        raise UnreadableError("needs a number")
    return value


def _percent(text: str, audience: Audience) -> Decimal:
    return _decimal(text.translate(_WIDE).removesuffix("%"), audience)


def _boolean(text: str, _audience: Audience) -> bool:
    if text not in ("true", "false"):
        raise UnreadableError("needs yes or no")
    return text == "true"


def read_day(text: str, _audience: Audience) -> date:
    """Return the day that `text` names, or raise UnreadableError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnreadableError("needs a date as 2026-03-31") from None


def _moment(text: str, audience: Audience) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableError("needs a date and time as 2026-03-31 14:30") from None
    local = told if told.tzinfo is not None else told.replace(tzinfo=audience.zone)
    return local.astimezone(UTC)


def _time(text: str, _audience: Audience) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise UnreadableError("needs a time as 14:30") from None


def _duration(text: str, _audience: Audience) -> timedelta:
    plain = text.translate(_WIDE)
    iso = _ISO_DURATION.fullmatch(plain)
    if iso is not None and any(iso.groups()[1:]):
        days, hours, minutes, seconds = (int(part or 0) for part in iso.groups()[1:])
        return _signed(iso[1], days * 86400 + hours * 3600 + minutes * 60 + seconds)
    clock = _CLOCK.fullmatch(plain)
    if clock is not None:
        return timedelta(hours=int(clock[1]), minutes=int(clock[2]))
    told = _DURATION.fullmatch(plain)
    if told is None or not any(told.group(part) for part in "dhms"):
        raise UnreadableError("needs a length of time as 2h 30m")
    amounts = {part: Decimal(told.group(part) or 0) for part in "dhms"}
    seconds_told = amounts["d"] * 86400 + amounts["h"] * 3600 + amounts["m"] * 60 + amounts["s"]
    return _signed(told["sign"], int(seconds_told))


def _signed(sign: str | None, seconds: int) -> timedelta:
    try:
        return timedelta(seconds=-seconds if sign else seconds)
    except OverflowError:
        raise UnreadableError("needs a length of time as 2h 30m") from None


def _json(text: str, _audience: Audience) -> object:
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise UnreadableError("is not valid JSON") from None


def _no_constant(name: str) -> object:
    raise ValueError(name)


_VERBATIM = frozenset({FieldType.TEXT_LONG, FieldType.TEXT_RICH})
_READERS: Mapping[FieldType, Callable[[str, Audience], object]] = {
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.MONEY: _decimal,
    FieldType.PERCENT: _percent,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: read_day,
    FieldType.DATETIME: _moment,
    FieldType.TIME: _time,
    FieldType.DURATION: _duration,
    FieldType.JSON: _json,
}
