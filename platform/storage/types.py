"""Column types that hold the same values on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import orjson
from sqlalchemy import BigInteger, Numeric, String, Text, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_MICROSECOND = timedelta(microseconds=1)
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
Reader = Callable[[Any], Any]


class Id(TypeDecorator[str]):
    """A record id: `uuid` on PostgreSQL, text on SQLite; a text in Python."""

    impl = String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the native type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=False))
        return dialect.type_descriptor(String(36))

    def result_processor(self, dialect: Dialect, coltype: Any) -> Reader | None:
        """Return None: both drivers give texts (see `Database`)."""
        return None


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: `timestamptz` on PostgreSQL, fixed-width UTC text on SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the native type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what the driver stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return moment_text(value)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Reader | None:
        """Return what makes an aware moment in UTC; nothing is called in between."""
        return _utc if dialect.name == "postgresql" else _moment_or_none


def _utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def moment_text(value: datetime) -> str:
    """Return the fixed-width text of a moment in UTC."""
    return value.astimezone(UTC).isoformat("T", "microseconds")[:26] + "Z"


def text_moment(text: str) -> datetime:
    """Return the moment that a fixed-width text names."""
    return datetime.fromisoformat(text[:26]).replace(tzinfo=UTC)


class ExactNumber(TypeDecorator[Decimal]):
    """An exact decimal: `numeric` on PostgreSQL, an integer scaled by 10**scale on SQLite."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, digits: int, scale: int) -> None:
        super().__init__()
        self.digits = digits
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the native type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric(self.digits, self.scale))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return what the driver stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return scaled(Decimal(value), self.scale)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Reader | None:
        """Return what makes the decimal, None where the driver does."""
        if dialect.name == "postgresql":
            return None
        unit = Decimal(1).scaleb(-self.scale)

        def process(value: Any) -> Decimal | None:
            # Exact: 18 digits fit the context's 28.
            return None if value is None else value * unit

        return process


def scaled(value: Decimal, scale: int) -> int:
    """Return a decimal as an integer of its last place, rounded half even."""
    return int(value.scaleb(scale).to_integral_value(rounding=ROUND_HALF_EVEN))


def unscaled(value: int, scale: int) -> Decimal:
    """Return the decimal of an integer of its last place."""
    return Decimal(value).scaleb(-scale)


class Json(TypeDecorator[Any]):
    """JSON: `jsonb` on PostgreSQL, text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the native type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return what the driver stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return json_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the value."""
        return orjson.loads(value) if isinstance(value, str | bytes) else value


def json_text(value: Any) -> str:
    """Return canonical JSON: sorted keys, no blanks."""
    return _CANONICAL.encode(value)


class Duration(TypeDecorator[timedelta]):
    """A duration in microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> Any:
        """Return microseconds."""
        return None if value is None else value // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        """Return the duration."""
        return None if value is None else timedelta(microseconds=value)


class ClockTime(TypeDecorator[time]):
    """A time of day as text `HH:MM:SS`."""

    impl = String(8)
    cache_ok = True

    def process_bind_param(self, value: time | None, dialect: Dialect) -> Any:
        """Return the text."""
        return None if value is None else value.isoformat("seconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> time | None:
        """Return the time."""
        return None if value is None else time.fromisoformat(value)
