"""What generated code calls: loops under a budget, access, calls of function values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from trellis.expressions.functions.table import fitted_to
from trellis.expressions.limits import (
    CHARACTERS_A_STEP,
    COSTLY_STEPS,
    MAX_CALLS,
    MAX_LIST,
    MAX_STEPS,
    PATTERN_STEPS,
)
from trellis.expressions.problems import StepLimitError
from trellis.expressions.properties import get
from trellis.expressions.temporal_values import WideDate, date_of_number, day_number
from trellis.expressions.types import (
    NULL,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
    is_unknown,
)
from trellis.expressions.values import Function, Range, as_list, kind, number


class Missing:
    """What a lookup gives when there is nothing under the name."""


MISSING = Missing()


class Budget:
    """What one evaluation may still do."""

    __slots__ = ("calls", "patterns", "steps")

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.calls = 0
        self.patterns: set[str] | None = None

    def spend(self, steps: int) -> None:
        """Count steps; raises StepLimitError when too many were taken."""
        self.steps -= steps
        if self.steps < 0:
            raise StepLimitError(f"the expression takes more than {MAX_STEPS} steps")

    def enter(self) -> None:
        """Count a call that begins."""
        self.spend(1)
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise StepLimitError(f"functions call each other deeper than {MAX_CALLS}")

    def leave(self) -> None:
        """Count a call that ends."""
        self.calls -= 1


def domain(value: Any, budget: Budget) -> list[Any] | None:
    """Return what a loop walks over: a list, a range's whole numbers or dates; null for null."""
    if isinstance(value, list):
        budget.spend(len(value))
        return value
    if value is None:
        return None
    if isinstance(value, Range):
        if not (value.low_closed and value.high_closed):
            return _open_range(value, budget)
        return counted(value.low, value.high, budget)
    items = as_list(value)
    budget.spend(len(items))
    return items


def _open_range(value: Range, budget: Budget) -> list[Any] | None:
    items = counted(value.low, value.high, budget)
    if items is None:
        return None
    items = items if value.low_closed else items[1:]
    return items if value.high_closed else items[:-1]


def counted(low: Any, high: Any, budget: Budget) -> list[Any] | None:
    """Return the whole numbers or days from one end to the other, downwards too."""
    if kind(low) == kind(high) == "number":
        first, last = number(low), number(high)
        if first != first.to_integral_value() or last != last.to_integral_value():
            return None
        return [Decimal(item) for item in _steps(int(first), int(last), budget)]
    if isinstance(low, date | WideDate) and kind(low) == kind(high) == "date":
        numbers = _steps(day_number(low), day_number(high), budget)
        return [date_of_number(item) for item in numbers]
    return None


def _steps(start: int, end: int, budget: Budget) -> range:
    size = abs(end - start) + 1
    if size > MAX_LIST:
        raise StepLimitError(f"a range has more than {MAX_LIST} elements")
    budget.spend(size)
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)


def at(value: Any, position: Any) -> Any:
    """`list[position]`, from 1, or from the end when negative; a value is the list of it."""
    if value is None or position is None:
        return None
    items = as_list(value)
    try:
        index = int(position)
    except (TypeError, ValueError, OverflowError):
        return None
    if index != position or index == 0 or abs(index) > len(items):
        return None
    return items[index - 1] if index > 0 else items[index]


def filtered(value: Any, test: Any, budget: Budget) -> Any:
    """`list[test]` where it is not known whether the test is a condition or a position."""
    if value is None:
        return None
    items = as_list(value)
    budget.spend(len(items))
    kept = []
    for index, item in enumerate(items):
        found = test(item)
        if index == 0 and kind(found) == "number":
            return at(items, found)
        if found is True:
            kept.append(item)
    return kept if items else _position_in_nothing(test)


def _position_in_nothing(test: Any) -> Any:
    return None if kind(test(None)) == "number" else []


def item_entry(item: Any, name: str) -> Any:
    """Return an item's entry, or the mark that it has none."""
    if isinstance(item, Mapping) and name in item:
        return item[name]
    return MISSING


def root_or_builtin(context: Mapping[str, Any], name: str, builtin: Any) -> Any:
    """Return a name of the context, or the built-in function of that name."""
    return context[name] if name in context else builtin.value(context)


def invoke(function: Any, values: Sequence[Any], names: Sequence[str]) -> Any:
    """Call a function value; what is no function, or is called wrongly, gives null."""
    if not isinstance(function, Function):
        return None
    parameters = function.parameters
    if parameters is None:
        return None if names else function.call(*values)
    if names:
        if set(names) != set(parameters) or len(names) != len(parameters):
            return None
        given = dict(zip(names, values, strict=True))
        values = [given[name] for name in parameters]
    return function.call(*values) if len(values) == len(parameters) else None


def context_of(keys: Sequence[str], values: Sequence[Any]) -> dict[str, Any] | None:
    """Return a context; a key that stands twice makes it null."""
    return dict(zip(keys, values, strict=True)) if len(set(keys)) == len(keys) else None


def instance_of(value: Any, of: Type) -> bool:
    """`value instance of type`: null is of no type but Null."""
    if value is None or of is NULL:
        return value is None and of is NULL
    if is_unknown(of):
        return True
    if kind(value) != of.name:
        return False
    if isinstance(of, ListType):
        return is_unknown(of.of) or all(_holds(item, of.of) for item in as_list(value))
    if isinstance(of, RangeType):
        ends = [end for end in (value.low, value.high) if end is not None]
        return is_unknown(of.of) or all(instance_of(end, of.of) for end in ends)
    if isinstance(of, ContextType):
        return all(
            key in value and _holds(get(value, key), part) for key, part in of.entries.items()
        )
    return not isinstance(of, FunctionType) or _is_function(value, of)


def _holds(value: Any, of: Type) -> bool:
    return value is None or instance_of(value, of)


def _is_function(value: Function, of: FunctionType) -> bool:
    known = value.parameters
    return known is None or len(known) == len(of.parameters)


def coerced(value: Any, of: Type) -> Any:
    """Return a value as a parameter of a declared type takes it, null when it does not."""
    return fitted_to(value, of)


def bounded(body: Any, budget: Budget) -> Any:
    """Return a function of the language whose calls are counted."""

    def call(*values: Any) -> Any:
        budget.enter()
        try:
            return body(*values)
        finally:
            budget.leave()

    return call


def sized(value: Any, budget: Budget) -> Any:
    """Return a value and count its size, so that loops cannot fill the memory."""
    if isinstance(value, str):
        budget.spend(len(value) // CHARACTERS_A_STEP)
    elif isinstance(value, list | dict):
        budget.spend(len(value))
    return value


def weighed(value: Any, budget: Budget) -> Any:
    """Return a value and count all that is in it: what is small may hold the same list often."""
    if not isinstance(value, list | dict):
        return sized(value, budget)
    pending: list[Any] = [value]
    while pending:
        found = pending.pop()
        budget.spend(len(found))
        parts = found.values() if isinstance(found, dict) else found
        pending += [part for part in parts if isinstance(part, list | dict)]
    return value


def spread(value: Any, budget: Budget) -> Any:
    """Return a value whose elements, if it has any, are all asked for a property."""
    return weighed(value, budget) if isinstance(value, list) else value


def patterned(value: Any, budget: Budget) -> Any:
    """Return a pattern and count what compiling it costs, once for each."""
    if budget.patterns is None:
        budget.patterns = set()
    if isinstance(value, str) and value not in budget.patterns:
        budget.patterns.add(value)
        budget.spend(PATTERN_STEPS)
    return value


def costly(value: Any, budget: Budget) -> Any:
    """Return a value and count what takes far longer than other steps."""
    budget.spend(COSTLY_STEPS)
    return value
