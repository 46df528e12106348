"""The types of FEEL values; a record is a context whose names its shape knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol


@dataclass(frozen=True)
class Type:
    """A type without parts, and the base of those with parts."""

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

SIMPLE_TYPES: Mapping[str, Type] = MappingProxyType(
    {t.name: t for t in (NUMBER, STRING, BOOLEAN, DATE, TIME, DATETIME, DAYS_TIME, YEARS_MONTHS)}
    | {"dateTime": DATETIME, "dayTimeDuration": DAYS_TIME, "yearMonthDuration": YEARS_MONTHS}
    | {"Any": ANY, "Null": NULL}
)
#: Where no types are known beside the language's own.
NO_TYPES: Mapping[str, Type] = MappingProxyType({})


@dataclass(frozen=True)
class ChoiceType(Type):
    """A text that is one of the known values of an option set."""

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

    def __str__(self) -> str:
        return f"range<{self.of}>"


@dataclass(frozen=True)
class ContextType(Type):
    """A map with known entries; an open one may have others."""

    entries: Mapping[str, Type] = field(default_factory=dict, hash=False)
    open: bool = False
    name: str = "context"

    def __str__(self) -> str:
        inner = ", ".join(f"{key}: {of}" for key, of in self.entries.items())
        return f"context<{inner}>" if inner else "context"


#: Returns the type of a call from its constant arguments (None where an argument is not constant),
#: or a text that says why the call is wrong.
ResultOf = Callable[[tuple[object, ...]], Type | str]


@dataclass(frozen=True)
class FunctionType(Type):
    """A function. `resolve` gives results that depend on constant arguments (`decide("x")`)."""

    parameters: tuple[Type, ...] = ()
    result: Type = ANY
    names: tuple[str, ...] = ()
    resolve: ResultOf | None = None
    name: str = "function"

    def __str__(self) -> str:
        return f"function<{', '.join(map(str, self.parameters))}> -> {self.result}"


class RecordShape(Protocol):
    """What is known of a kind of record. Asked lazily, so shapes may refer to each other."""

    @property
    def key(self) -> str:
        """Return the object's key."""
        ...

    @property
    def tree(self) -> bool:
        """Tell whether its records form a tree, so that `under` works on them."""
        ...

    def property(self, name: str) -> Type | None:
        """Return the type of a property, None when there is none."""
        ...

    def names(self) -> Iterable[str]:
        """Return the names of all properties."""
        ...


@dataclass(frozen=True)
class RecordType(Type):
    """A record of a known kind; two such types are the same when their shapes' keys are."""

    shape: RecordShape = field(default=None, compare=False)  # type: ignore[assignment]
    name: str = field(default="record", init=False)
    key: str = field(default="", init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.shape.key)

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class Scope:
    """The names an expression sees.

    A bare name is looked up among `names`, then among the properties of `subject`; the latter
    means `<subject_name>.name`, under which key the context holds the record.
    """

    names: Mapping[str, Type] = field(default_factory=dict, hash=False)
    subject: RecordShape | None = None
    subject_name: str = "record"


def is_unknown(of: Type) -> bool:
    """Tell whether nothing is known of values of the type."""
    return of is ANY or of is NULL or of.name in ("any", "null")


def same_kind(a: Type, b: Type) -> bool:
    """Tell whether `=` between values of the types can be other than null.

    A reference also equals the text of its id.
    """
    if is_unknown(a) or is_unknown(b) or a.name == b.name:
        return True
    return {a.name, b.name} in ({"record", "string"}, {"record", "context"})


def common(a: Type, b: Type) -> Type:
    """Return the type that holds the values of both."""
    if a == b or b is NULL:
        return a
    if a is NULL:
        return b
    if a.name != b.name:
        return ANY
    if isinstance(a, ChoiceType) or isinstance(b, ChoiceType):
        return STRING
    if isinstance(a, ListType) and isinstance(b, ListType):
        return ListType(of=common(a.of, b.of))
    return ContextType(open=True) if a.name == "context" else ANY
