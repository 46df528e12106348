"""The shape of a built-in function: its forms with parameters and types, and how it is called.

A body is a plain function over values that already have the declared kinds; the form sees to it:
what has another kind makes the call null, a list of one element stands for the element and an
element for the list of it (DMN 1.5, 10.3.2.9.4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, time
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.temporal_values import (
    FeelTime,
    WideDate,
    feel_time,
    make_datetime,
)
from trellis.expressions.values import Function, kind, number, record_id

KINDS = {
    "number": t.NUMBER, "string": t.STRING, "boolean": t.BOOLEAN, "date": t.DATE, "time": t.TIME,
    "datetime": t.DATETIME, "days": t.DAYS_TIME, "months": t.YEARS_MONTHS,
    "list": t.ListType(), "context": t.ContextType(open=True), "range": t.RangeType(),
    "function": t.FunctionType(), "any": t.ANY,
}  # fmt: skip
#: Kinds that have an order, and may be the ends of a range.
ORDERED = "number|string|date|time|datetime|days|months"

ResultType = t.Type | Callable[[Sequence[t.Type]], t.Type]


@dataclass(frozen=True)
class Parameter:
    """A parameter; no types means any value, null too."""

    name: str
    types: tuple[t.Type, ...]
    optional: bool = False
    nullable: bool = False
    kinds: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", frozenset(of.name for of in self.types))


class _Unfit:
    """What a value becomes that a parameter does not take."""


_UNFIT = _Unfit()


def fitted(value: Any, parameter: Parameter) -> Any:
    """Return the value as the parameter takes it, or the mark that it does not."""
    kinds = parameter.kinds
    if not kinds:
        return value
    if value is None:
        return None if parameter.nullable else _UNFIT
    of = kind(value)
    if of in kinds and not (of == "context" and record_id(value) is not None):
        return _plain(value, of)
    if "list" in kinds:
        return [value]
    if of == "list" and len(value) == 1:
        return fitted(value[0], parameter)
    if of == "date" and "date and time" in kinds and isinstance(value, date | WideDate):
        return make_datetime(value, FeelTime(0, UTC))
    return _UNFIT


def fitted_to(value: Any, of: t.Type) -> Any:
    """Return the value as a parameter of a written type takes it, null when it does not fit."""
    if of.name == "any":
        return value
    found = fitted(value, Parameter("", (of,), nullable=True))
    return None if found is _UNFIT else found


def _plain(value: Any, of: str) -> Any:
    if of == "number":
        return number(value)
    if of == "list":
        return value if isinstance(value, list) else list(value)
    return feel_time(value) if of == "time" and isinstance(value, time) else value


@dataclass(frozen=True)
class Form:
    """One way to call a function."""

    parameters: tuple[Parameter, ...]
    result: ResultType
    body: Callable[..., Any]
    #: The one parameter is a list, and several values may be given instead of it.
    variadic: bool = False
    #: The last parameter may be given several times.
    rest: bool = False
    #: The body takes the evaluation's context before its values.
    contextual: bool = False

    @property
    def required(self) -> int:
        """Return how many arguments must be given."""
        return sum(not parameter.optional for parameter in self.parameters)

    def takes(self, count: int) -> bool:
        """Tell whether the form can be called with so many positional arguments."""
        if self.variadic:
            return count >= 1
        if self.rest:
            return count >= len(self.parameters)
        return self.required <= count <= len(self.parameters)

    def positions(self, names: Sequence[str]) -> tuple[int, ...] | None:
        """Return the position of each named argument; None when the names do not fit."""
        known = {parameter.name: position for position, parameter in enumerate(self.parameters)}
        if len(set(names)) != len(names) or any(name not in known for name in names):
            return None
        given = {known[name] for name in names}
        for position, parameter in enumerate(self.parameters):
            if position not in given and not parameter.optional:
                return None
        return tuple(known[name] for name in names)

    def arranged(self, names: Sequence[str], values: Sequence[Any]) -> list[Any] | None:
        """Return named values in the order of the parameters, absent ones as `ABSENT`."""
        positions = self.positions(names)
        if positions is None:
            return None
        found: list[Any] = [ABSENT] * len(self.parameters)
        for position, value in zip(positions, values, strict=True):
            found[position] = value
        return found

    def fit(self, values: Sequence[Any]) -> list[Any] | None:
        """Return the values as the body takes them, None when one does not fit."""
        if self.variadic and len(values) > 1:
            return [list(values)]
        found: list[Any] = []
        last = len(self.parameters) - 1
        for position, value in enumerate(values):
            parameter = self.parameters[min(position, last)]
            if value is ABSENT:
                found.append(None)
                continue
            fit = fitted(value, parameter)
            if fit is _UNFIT:
                return None
            found.append(fit)
        return found


ABSENT = _Unfit()


@dataclass(frozen=True)
class Builtin:
    """A function of the language."""

    name: str
    forms: tuple[Form, ...]
    doc: str
    family: str = ""

    @property
    def contextual(self) -> bool:
        """Tell whether it needs the evaluation's context."""
        return self.forms[0].contextual

    def call(self, *values: Any, context: Any = None) -> Any:
        """Return the result for positional values; null when no form takes them."""
        for form in self.forms:
            if form.takes(len(values)):
                fit = form.fit(values)
                if fit is not None:
                    return form.body(context, *fit) if form.contextual else form.body(*fit)
        return None

    def call_named(self, names: Sequence[str], values: Sequence[Any], context: Any = None) -> Any:
        """Return the result for named values."""
        for form in self.forms:
            arranged = form.arranged(names, values)
            fit = None if arranged is None else form.fit(arranged)
            if fit is not None:
                return form.body(context, *fit) if form.contextual else form.body(*fit)
        return None

    def value(self, context: Any) -> Function:
        """Return the function as a value, to be handed to another one."""
        form = self.forms[0]
        names = None if form.variadic or form.rest else tuple(p.name for p in form.parameters)
        return Function(names, lambda *values: self.call(*values, context=context))


def form(
    parameters: str, result: ResultType, body: Callable[..., Any], *, contextual: bool = False
) -> Form:
    """Return a form from its parameters as `name: kind|kind`, comma separated.

    `name?` may be left out, `name~` may be null, `*name` takes a list or several values, a last
    `name*` may be given several times.
    """
    parts = [part.strip() for part in parameters.split(",") if part.strip()]
    variadic = bool(parts) and parts[0].startswith("*")
    rest = bool(parts) and parts[-1].partition(":")[0].rstrip().endswith("*")
    return Form(tuple(_parameter(part.lstrip("*")) for part in parts), result, body, variadic,
                rest, contextual)  # fmt: skip


def _parameter(text: str) -> Parameter:
    name, _, kinds = text.partition(":")
    name = name.strip()
    plain = name.rstrip("?~*")
    types = tuple(KINDS[of.strip()] for of in kinds.split("|"))
    return Parameter(
        plain, () if t.ANY in types else types, optional="?" in name[len(plain) :],
        nullable="~" in name[len(plain) :],
    )  # fmt: skip


def builtin(name: str, doc: str, *forms: Form) -> Builtin:
    """Return a function."""
    return Builtin(name, forms, doc)
