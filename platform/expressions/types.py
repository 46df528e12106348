"""The types of FEEL values; a record is a context whose names a shape knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Type:
    """A type without parts."""

    name: str

    def __str__(self) -> str:
        return self.name


ANY = Type("any")
NULL = Type("null")
NUMBER = Type("number")
STRING = Type("string")
BOOLEAN = Type("boolean")
DATE = Type("date")
TIME = Type("time")
DATETIME = Type("date and time")
DAYS_TIME = Type("days and time duration")
YEARS_MONTHS = Type("years and months duration")
FUNCTION = Type("function")


@dataclass(frozen=True)
class ChoiceType(Type):
    """A text that is one of known values."""

    values: tuple[str, ...] = ()
    name: str = "string"


@dataclass(frozen=True)
class ListType(Type):
    """A list of values of one type."""

    of: Type = ANY
    name: str = "list"

    def __str__(self) -> str:
        return f"list<{self.of}>"


@dataclass(frozen=True)
class RangeType(Type):
    """A range of values of one type."""

    of: Type = ANY
    name: str = "range"


@dataclass(frozen=True)
class ContextType(Type):
    """A map with known entries; `open` allows others."""

    entries: Mapping[str, Type] = field(default_factory=dict)
    open: bool = False
    name: str = "context"


class RecordShape(Protocol):
    """What is known of a kind of record; asked lazily, so shapes may refer to each other."""

    @property
    def key(self) -> str:
        """Return the object's key."""
        ...

    def property(self, name: str) -> Type | None:
        """Return the type of a property, None when there is none."""
        ...

    def names(self) -> Iterable[str]:
        """Return the names of all properties."""
        ...


@dataclass(frozen=True)
class RecordType(Type):
    """A record of a known kind."""

    shape: RecordShape = field(default=None)  # type: ignore[assignment]
    name: str = "record"

    def __str__(self) -> str:
        return self.shape.key


@dataclass(frozen=True)
class Scope:
    """The names an expression sees, and the record whose properties it may name bare."""

    names: Mapping[str, Type] = field(default_factory=dict)
    subject: RecordShape | None = None


def comparable(a: Type, b: Type) -> bool:
    """Tell whether `=` between the types can ever be other than null or false."""
    unknown = {ANY.name, NULL.name}
    if a.name in unknown or b.name in unknown:
        return True
    if "list" in (a.name, b.name):
        return True  # singleton lists are compared with their element
    return a.name == b.name or {a.name, b.name} == {"record", "string"}
