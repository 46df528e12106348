"""Item definitions as types: which values conform, and what a value becomes at a typed place.

DMN 1.5, 10.3.2.9.4: a list of one element and the element stand for each other, a date for the
moment at its start; what still does not conform is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.dmn import model as m
from trellis.expressions.problems import StepLimitError
from trellis.expressions.temporal_values import FeelTime, WideDate, make_datetime
from trellis.expressions.values import kind

#: Tells whether a value satisfies unary tests.
Test = Callable[[Any], bool]


@dataclass(eq=False)
class ItemType:
    """A type: what FEEL knows of it, and the constraints that FEEL's types have no room for."""

    feel: t.Type
    element: ItemType | None = None
    fields: Mapping[str, ItemType] | None = None
    #: The function's result, where the type is one of functions.
    result: ItemType | None = None
    tests: tuple[Test, ...] = ()
    #: The allowed values as written, for the order of priorities.
    allowed: m.Literal | None = field(default=None)


ANY = ItemType(t.ANY)


def conforms(value: Any, of: ItemType) -> bool:
    """Tell whether a value is one of a type; null is of every type."""
    if value is None:
        return True
    if of.element is not None:
        if kind(value) != "list" or not all(conforms(item, of.element) for item in value):
            return False
    elif of.fields is not None:
        if kind(value) != "context":
            return False
        if not all(key in value and conforms(value[key], part) for key, part in of.fields.items()):
            return False
    elif not t.is_unknown(of.feel) and kind(value) != of.feel.name:
        return False
    return all(test(value) for test in of.tests)


def fitted(value: Any, of: ItemType) -> Any:
    """Return a value as a place of the type takes it, null when it does not conform."""
    if conforms(value, of):
        return value
    if of.element is not None and kind(value) != "list":
        return [value] if conforms([value], of) else None
    if kind(value) == "list" and len(value) == 1 and conforms(value[0], of):
        return value[0]
    if of.feel is t.DATETIME and isinstance(value, date | WideDate) and kind(value) == "date":
        return make_datetime(value, FeelTime(0, UTC))
    return None


@dataclass
class TypeTable:
    """The types of one model by name; imported ones as `import.name`."""

    model: m.Model
    imported: Mapping[str, TypeTable]
    compile_test: Callable[[m.Literal], Test]
    _made: dict[str, ItemType] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._items = {item.name: item for item in self.model.items}

    def find(self, name: str | None) -> ItemType | None:
        """Return a type by name, None when there is none; no name is any value."""
        if name is None:
            return ANY
        simple = _SIMPLE.get(name)
        if simple is not None:
            return simple
        if name in self._made:
            return self._made[name]
        item = self._items.get(name)
        if item is not None:
            return self._make(name, item)
        for prefix, table in self.imported.items():
            if not prefix:
                found = table.find(name)
            elif name.startswith(f"{prefix}."):
                found = table.find(name.removeprefix(f"{prefix}."))
            else:
                continue
            if found is not None:
                return found
        return None

    def get(self, name: str | None) -> ItemType:
        """Return a type by name; an unknown one takes any value (the check has named it)."""
        return self.find(name) or ANY

    def feel_types(self) -> dict[str, t.Type]:
        """Return the types that FEEL texts of the model may name."""
        found = {item.name: self.get(item.name).feel for item in self.model.items}
        for prefix, table in self.imported.items():
            lead = f"{prefix}." if prefix else ""
            found |= {lead + name: of for name, of in table.feel_types().items()}
        return found

    def _make(self, name: str, item: m.ItemDefinition) -> ItemType:
        if name in self._open:
            # A type that contains itself: inside, nothing more is known.
            return ANY
        self._open.add(name)
        made = self._made[name] = self.build(item)
        self._open.discard(name)
        return made

    def build(self, item: m.ItemDefinition) -> ItemType:
        """Return the type of an item definition or component."""
        base = self._base(item)
        allowed = item.allowed
        if allowed is not None:
            base = ItemType(base.feel, base.element, base.fields, base.result,
                            (*base.tests, self.compile_test(allowed)), allowed)  # fmt: skip
        if item.collection:
            base = ItemType(t.ListType(of=base.feel), base)
        if item.constraint is not None:
            base = ItemType(
                base.feel, base.element, base.fields, base.result,
                (*base.tests, self.compile_test(item.constraint)), base.allowed or item.constraint,
            )  # fmt: skip
        return base

    def _base(self, item: m.ItemDefinition) -> ItemType:
        if item.function is not None:
            inner, result = item.function
            of = self.get(result)
            types = tuple(self.get(parameter.type_name).feel for parameter in inner)
            return ItemType(t.FunctionType(parameters=types, result=of.feel), result=of)
        if item.components:
            fields = {part.name: self.build(part) for part in item.components}
            entries = {key: part.feel for key, part in fields.items()}
            return ItemType(t.ContextType(entries=entries, open=True), fields=fields)
        return self.get(item.type_name)


_SIMPLE: Mapping[str, ItemType] = {
    **{name: ItemType(of) for name, of in t.SIMPLE_TYPES.items()},
    **{name: ItemType(of) for name, of in {
        "any": t.ANY, "integer": t.NUMBER, "double": t.NUMBER, "long": t.NUMBER,
        "daysAndTimeDuration": t.DAYS_TIME, "yearsAndMonthsDuration": t.YEARS_MONTHS,
        "list": t.ListType(), "context": t.ContextType(open=True), "function": t.FunctionType(),
        "range": t.RangeType(),
    }.items()},
}  # fmt: skip


def component_names(items: tuple[m.ItemDefinition, ...]) -> Iterator[str]:
    """Yield the names of all components, of components of components too."""
    for item in items:
        for part in item.components:
            yield part.name
        yield from component_names(item.components)


def guarded(test: Callable[[Any], Any]) -> Test:
    """Return a test that holds only where the expression is true."""

    def holds(value: Any) -> bool:
        try:
            return test(value) is True
        except StepLimitError:
            return False

    return holds
