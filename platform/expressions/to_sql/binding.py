"""How values of the language travel into a statement, on each database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from trellis.expressions import types as t
from trellis.expressions.temporal_values import (
    DAY_NANOS,
    NANOS,
    FeelTime,
    WideDate,
    WideDateTime,
    YearsMonths,
    duration_nanos,
    feel_time,
    moment_nanos,
    time_nanos,
)
from trellis.expressions.values import kind, number, record_id
from trellis.ids import is_id

#: The longest duration in microseconds that databases hold.
LARGEST = 2**63 - 1
#: A text that no number equals: what SQLite compares an integer with when it can never be equal.
_NEVER = "never"
#: An id that no record has.
_NO_RECORD = "00000000-0000-0000-0000-000000000000"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_NANOS = moment_nanos(_EPOCH)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True)
class SqlParameter:
    """A value that does not depend on the row: bound under a name, computed from a context."""

    name: str
    path: tuple[str, ...]
    type: t.Type
    many: bool
    compute: Callable[[Mapping[str, Any]], Any]

    def value(self, context: Mapping[str, Any]) -> Any:
        """Return what is to be bound; records become ids, nulls leave a list."""
        found = self.compute(context)
        if not self.many:
            return _plain(found)
        if found is None:
            return []
        items = found if isinstance(found, list | tuple) else [found]
        return [_plain(item) for item in items if item is not None]


def _plain(value: Any) -> Any:
    identity = record_id(value)
    return value if identity is None else identity


class Bound(TypeDecorator[Any]):
    """A value of the language as a parameter.

    `of` is the kind it must have; what has another kind is bound as null. `scale` is set where the
    other side is an integer scaled on SQLite; `rounding` says which integer stands for a number
    that is none: `floor`, `ceiling`, or `never` where it cannot be equal to one.
    """

    impl = sa.Text
    cache_ok = True
    #: SQLAlchemy 2.1 asks which operators a type takes: those of whatever kind the value has.
    operator_classes: ClassVar[Any] = getattr(sa.types.NullType, "operator_classes", None)

    def __init__(self, of: str, scale: int | None = None, rounding: str = "never") -> None:
        super().__init__()
        self.of = of
        self.scale = scale
        self.rounding = rounding

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the driver's type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_POSTGRESQL[self.of]())
        if self.of in ("number", "boolean", "duration"):
            return dialect.type_descriptor(sa.types.NullType())
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return what the driver binds."""
        if value is None:
            return None
        bind = _BINDERS[self.of]
        return bind(value, self, dialect.name == "postgresql")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the value of the language, where a parameter is selected."""
        return None if value is None else _READERS[self.of](value, self.scale)

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        """Refuse: values are never written into statements."""
        raise NotImplementedError("values of expressions are bound")


_POSTGRESQL: Mapping[str, Callable[[], TypeEngine[Any]]] = {
    "number": sa.Numeric, "boolean": sa.Boolean, "string": sa.Text, "date": sa.Date,
    "datetime": lambda: postgresql.TIMESTAMP(timezone=True), "time": sa.Text,
    "duration": sa.BigInteger, "record": lambda: sa.Uuid(as_uuid=False), "months": sa.Integer,
}  # fmt: skip
#: Moves the point of numbers without losing digits.
_EXACT = Context(prec=2_000)


def _bind_number(value: Any, how: Bound, is_postgresql: bool) -> Any:
    if kind(value) != "number":
        return None
    exact = number(value)
    if is_postgresql:
        return exact
    if how.scale is None:
        return str(exact)
    scaled = exact.scaleb(how.scale, _EXACT)
    if scaled == scaled.to_integral_value():
        whole = int(scaled) if abs(scaled) < Decimal(2) ** 70 else None
        if whole is not None and abs(whole) <= LARGEST:
            return whole
    if how.rounding == "never":
        return _NEVER
    if abs(scaled) > LARGEST:
        return LARGEST if scaled > 0 else -LARGEST
    rounding = ROUND_FLOOR if how.rounding == "floor" else ROUND_CEILING
    return int(scaled.to_integral_value(rounding))


def _bind_text(value: Any, _how: Bound, is_postgresql: bool) -> Any:
    if not isinstance(value, str):
        return None
    # PostgreSQL holds no NUL and no lone surrogate, so no text of a row can equal one that does.
    if is_postgresql:
        value = value.replace("\0", "\ufffd\ufffd")
    return value.encode("utf-8", "replace").decode("utf-8")


def _bind_record(value: Any, _how: Bound, is_postgresql: bool) -> Any:
    identity = value if isinstance(value, str) else record_id(value)
    if identity is None or (is_postgresql and not is_id(identity)):
        return _NO_RECORD
    return identity


def _bind_boolean(value: Any, _how: Bound, is_postgresql: bool) -> Any:
    if not isinstance(value, bool):
        return None
    return value if is_postgresql else int(value)


def near_date(value: Any) -> Any:
    """Return a date within the years 1 to 9999, which databases hold; other values as they are."""
    if not isinstance(value, WideDate):
        return value
    return date.max if value.year > 0 else date.min


def _bind_date(value: Any, _how: Bound, is_postgresql: bool) -> Any:
    value = near_date(value)
    if isinstance(value, datetime) or not isinstance(value, date):
        return None
    return value if is_postgresql else value.isoformat()


def _bind_datetime(value: Any, _how: Bound, is_postgresql: bool) -> Any:
    if not isinstance(value, datetime | WideDateTime):
        return None
    moment = to_utc(value)
    return moment if is_postgresql else moment_text(moment)


def to_utc(value: datetime | WideDateTime) -> datetime:
    """Return a moment in UTC, in whole microseconds, within Python's years."""
    try:
        return _EPOCH + timedelta(microseconds=(moment_nanos(value) - _EPOCH_NANOS) // 1000)
    except OverflowError:
        return _LAST if moment_nanos(value) > _EPOCH_NANOS else _FIRST


def moment_text(moment: datetime) -> str:
    """Return the fixed-width text that SQLite stores."""
    return f"{moment.year:04}{moment.strftime('-%m-%dT%H:%M:%S.%f')}Z"


def _bind_time(value: Any, _how: Bound, _is_postgresql: bool) -> Any:
    if isinstance(value, time):
        value = feel_time(value)
    if not isinstance(value, FeelTime):
        return None
    seconds = time_nanos(value) % DAY_NANOS // NANOS
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _bind_duration(value: Any, _how: Bound, _is_postgresql: bool) -> Any:
    if isinstance(value, timedelta):
        length = value // _MICRO
    elif kind(value) == "days and time duration":
        length = duration_nanos(value) // 1000
    else:
        return None
    return max(-LARGEST, min(LARGEST, length))


def _bind_months(value: Any, _how: Bound, _is_postgresql: bool) -> Any:
    return value.months if kind(value) == "years and months duration" else None


_BINDERS: Mapping[str, Callable[[Any, Bound, bool], Any]] = {
    "number": _bind_number, "string": _bind_text, "record": _bind_record,
    "boolean": _bind_boolean, "date": _bind_date, "datetime": _bind_datetime, "time": _bind_time,
    "duration": _bind_duration, "months": _bind_months,
}  # fmt: skip


class Result(TypeDecorator[Any]):
    """A computed value as it comes back: numbers as decimals, dates and moments as Python's."""

    impl = sa.Text
    cache_ok = True
    #: SQLAlchemy 2.1 asks which operators a type takes: those of whatever kind the value has.
    operator_classes: ClassVar[Any] = getattr(sa.types.NullType, "operator_classes", None)

    def __init__(self, of: str, scale: int | None = None) -> None:
        super().__init__()
        self.of = of
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the driver's type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_POSTGRESQL[self.of]())
        return dialect.type_descriptor(sa.types.NullType())

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the value of the language."""
        if value is None:
            return None
        return _READERS[self.of](value, self.scale)


def _read_number(value: Any, scale: int | None) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return exact.scaleb(-scale, _EXACT) if scale else exact


def _read_datetime(value: Any, _scale: int | None) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromisoformat(value[:26]).replace(tzinfo=UTC)


_READERS: Mapping[str, Callable[[Any, int | None], Any]] = {
    "number": _read_number,
    "string": lambda value, _: value,
    "record": lambda value, _: str(value),
    "boolean": lambda value, _: bool(value),
    "date": lambda value, _: value if isinstance(value, date) else date.fromisoformat(value),
    "datetime": _read_datetime,
    "time": lambda value, _: value,
    "duration": lambda value, _: timedelta(microseconds=int(value)),
    "months": lambda value, _: YearsMonths(int(value)),
}

#: The kind of a column or parameter for a type of the language.
KINDS: Mapping[str, str] = {
    "number": "number", "string": "string", "boolean": "boolean", "date": "date",
    "date and time": "datetime", "time": "time", "days and time duration": "duration",
    "years and months duration": "months", "record": "record",
}  # fmt: skip
