"""Evaluates decisions of a set of models: requirements first, then the boxed expression.

What one evaluation computes is computed once. An error is null with a warning, as FEEL has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trellis.expressions.compiled import long_names
from trellis.expressions.dmn import model as m
from trellis.expressions.dmn.item_types import ItemType, fitted
from trellis.expressions.dmn.linked import Linked, Unit
from trellis.expressions.functions import BUILTINS
from trellis.expressions.functions.moments import NOW
from trellis.expressions.functions.table import Builtin
from trellis.expressions.limits import MAX_CALLS
from trellis.expressions.problems import StepLimitError
from trellis.expressions.runtime import Budget, domain, filtered, invoke
from trellis.expressions.values import Function, kind

#: Boxed expressions that one evaluation may compute.
MAX_BOXES = 100_000
_UNKNOWN = object()


class _Closure(Function):
    """A function that a file defines, apart from those of the language."""


@dataclass
class Run:
    """One evaluation. `given` are values from outside, by the names that lead to them."""

    linked: Linked
    given: Mapping[str, Any]
    now: Any
    warnings: list[str] = field(default_factory=list)
    boxes: list[int] = field(default_factory=lambda: [0])
    depth: int = 0
    #: Inside a decision service: the values of its inputs, and the decisions that it may compute.
    replaced: Mapping[m.Key, Any] = field(default_factory=dict)
    inside: frozenset[m.Key] | None = None
    _made: dict[tuple[tuple[str, ...], m.Key], Any] = field(default_factory=dict)

    def warn(self, text: str) -> None:
        """Note why something is null."""
        if text not in self.warnings:
            self.warnings.append(text)

    def value(self, key: m.Key, path: tuple[str, ...] = ()) -> Any:
        """Return the value of an element; `path` are the imports that lead to its model."""
        if key in self.replaced:
            return self.replaced[key]
        known = self._made.get((path, key), _UNKNOWN)
        if known is _UNKNOWN:
            known = self._made[path, key] = self._value(key, path)
        return known

    def _value(self, key: m.Key, path: tuple[str, ...]) -> Any:
        unit = self.linked.units[key[0]]
        node = unit.model.nodes[key[1]]
        if isinstance(node, m.InputData):
            return self._given(unit, node, path)
        if isinstance(node, m.KnowledgeModel):
            return self._knowledge(unit, node, path)
        if isinstance(node, m.Service):
            return self._service(unit, node, path)
        if self.inside is not None and key not in self.inside:
            self.warn(f"`{node.name}` is not part of the decision service")
            return None
        replaced = self._lookup(node.name, path)
        of = unit.types.get(node.type_name)
        if replaced is not _UNKNOWN:
            return self._fitted(node.name, replaced, of)
        environment = self.environment(unit, node.requires, path)
        return self._fitted(node.name, self._result(unit, node, of, environment), of)

    def _result(
        self, unit: Unit, node: m.Decision, of: ItemType, environment: dict[str, Any]
    ) -> Any:
        try:
            if isinstance(node.logic, m.DecisionTable):
                return self._table(unit, node.logic, environment, of)
            return self.boxed(unit, node.logic, environment)
        except StepLimitError as error:
            self.warn(f"`{node.name}`: {error}")
            return None

    def _given(self, unit: Unit, node: m.InputData, path: tuple[str, ...]) -> Any:
        value = self._lookup(node.name, path)
        if value is _UNKNOWN:
            self.warn(f"no value is given for `{node.name}`")
            return None
        return self._fitted(node.name, value, unit.types.get(node.type_name))

    def _lookup(self, name: str, path: tuple[str, ...]) -> Any:
        """Return a given value: under the imports' names, or plainly where those lead nowhere."""
        place: Any = self.given
        for step in path:
            place = place.get(step, _UNKNOWN) if isinstance(place, Mapping) else _UNKNOWN
        if isinstance(place, Mapping) and name in place:
            return place[name]
        return self.given.get(name, _UNKNOWN) if path else _UNKNOWN

    def _fitted(self, name: str, value: Any, of: ItemType) -> Any:
        found = fitted(value, of)
        if found is None and value is not None:
            self.warn(f"the value of `{name}` is no {of.feel}, or is not allowed")
        return found

    # Names
    def environment(
        self, unit: Unit, requires: Sequence[m.Key], path: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return the names that an element sees: what it requires, under its imports' names."""
        found: dict[str, Any] = {NOW: self.now}
        for key in requires:
            name = self.linked.node(key).name
            where = unit.import_names.get(key[0])
            if key[0] == unit.model.namespace or not where:
                inner = path if key[0] == unit.model.namespace else (*path, "")
                found[name] = self.value(key, tuple(step for step in inner if step))
            else:
                imported = found.setdefault(where, {})
                if isinstance(imported, dict):
                    imported[name] = self.value(key, (*path, where))
        return found

    # Functions
    def _knowledge(self, unit: Unit, node: m.KnowledgeModel, path: tuple[str, ...]) -> Any:
        if not isinstance(node.logic, m.FunctionDefinition):
            self.warn(f"`{node.name}` cannot be called here")
            return None
        environment = self.environment(unit, node.requires, path)
        of = unit.types.get(node.type_name)
        return self._closure(unit, node.logic, environment, of.result or of)

    def _closure(
        self, unit: Unit, definition: m.FunctionDefinition, outer: Mapping[str, Any], of: ItemType
    ) -> Function:
        types = [unit.types.get(parameter.type_name) for parameter in definition.parameters]
        names = tuple(parameter.name for parameter in definition.parameters)

        def call(*values: Any) -> Any:
            inner = dict(outer)
            for name, value, kind_of in zip(names, values, types, strict=True):
                inner[name] = self._fitted(name, value, kind_of)
            return self._called(
                lambda: self._fitted("the function", self.body(unit, definition, inner, of), of)
            )

        return _Closure(names, call)

    def body(
        self, unit: Unit, definition: m.FunctionDefinition, inner: dict[str, Any], of: ItemType
    ) -> Any:
        """Return the value of a function's body."""
        if isinstance(definition.body, m.DecisionTable):
            return self._table(unit, definition.body, inner, of)
        return self.boxed(unit, definition.body, inner)

    def _called(self, body: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > MAX_CALLS:
            self.depth -= 1
            raise StepLimitError(f"functions call each other deeper than {MAX_CALLS}")
        try:
            return body()
        finally:
            self.depth -= 1

    def _service(self, unit: Unit, node: m.Service, path: tuple[str, ...]) -> Function:
        inputs = [self.linked.node(key) for key in node.parameters]

        def call(*values: Any) -> Any:
            return self._called(lambda: self.serve(unit, node, path, values))

        return _Closure(tuple(item.name for item in inputs), call)

    def serve(
        self, unit: Unit, node: m.Service, path: tuple[str, ...], values: Sequence[Any]
    ) -> Any:
        """Return what a decision service decides over values of its parameters."""
        replaced: dict[m.Key, Any] = {}
        for key, value in zip(node.parameters, values, strict=True):
            item = self.linked.node(key)
            of = self.linked.units[key[0]].types.get(item.type_name)
            replaced[key] = self._fitted(item.name, value, of)
        inside = frozenset((*node.outputs, *node.encapsulated))
        inner = Run(self.linked, {}, self.now, self.warnings, self.boxes, self.depth, replaced,
                    inside)  # fmt: skip
        found = {self.linked.node(key).name: inner.value(key, path) for key in node.outputs}
        result = next(iter(found.values())) if len(found) == 1 else found
        of = unit.types.get(node.type_name)
        return self._fitted(node.name, result, of.result or of)

    # Boxed expressions
    def boxed(self, unit: Unit, box: m.Boxed, environment: dict[str, Any]) -> Any:
        """Return the value of a boxed expression."""
        self.boxes[0] += 1
        if self.boxes[0] > MAX_BOXES:
            raise StepLimitError(f"the decision computes more than {MAX_BOXES} boxed expressions")
        return _EVALUATE[type(box)](self, unit, box, environment)

    def _literal(self, unit: Unit, box: m.Literal, environment: dict[str, Any]) -> Any:
        made = unit.compiled(box, frozenset(long_names(environment)), unary=False)
        if made is None:
            self.warn(f"{box.location}: the text is no expression")
            return None
        return fitted(made.value(environment), unit.types.get(box.type_name))

    def _plain_table(self, unit: Unit, box: m.DecisionTable, environment: dict[str, Any]) -> Any:
        return self._table(unit, box, environment, unit.types.get(None))

    def _table(
        self, unit: Unit, box: m.DecisionTable, environment: dict[str, Any], of: ItemType
    ) -> Any:
        table = unit.table(box, frozenset(long_names(environment)), of)
        if table is None:
            self.warn(f"{box.location}: a cell of the table is no expression")
            return None
        return table.decide(environment, self.warn)

    def _context(self, unit: Unit, box: m.BoxedContext, environment: dict[str, Any]) -> Any:
        inner, found = dict(environment), {}
        for entry in box.entries:
            value = fitted(self.boxed(unit, entry.value, inner), unit.types.get(entry.type_name))
            if entry.name is None:
                return value
            if entry.name in found:
                self.warn(f"the entry `{entry.name}` stands twice")
                return None
            found[entry.name] = inner[entry.name] = value
        return found

    def _invocation(self, unit: Unit, box: m.Invocation, environment: dict[str, Any]) -> Any:
        given = {entry.name or "": fitted(self.boxed(unit, entry.value, environment),
                                          unit.types.get(entry.type_name))
                 for entry in box.bindings}  # fmt: skip
        builtin = _builtin(box.function, environment)
        if builtin is not None:
            return builtin.call_named(list(given), list(given.values()), environment)
        function = self.boxed(unit, box.function, environment)
        if not isinstance(function, Function):
            self.warn("what is invoked is no function")
            return None
        if isinstance(function, _Closure) and function.parameters is not None:
            # A parameter that nothing is bound to is null.
            given = dict.fromkeys(function.parameters) | given
        return invoke(function, list(given.values()), list(given))

    def _relation(self, unit: Unit, box: m.Relation, environment: dict[str, Any]) -> Any:
        return [
            {name: self.boxed(unit, cell, environment)
             for name, cell in zip(box.columns, row, strict=True)}
            for row in box.rows
        ]  # fmt: skip

    def _list(self, unit: Unit, box: m.BoxedList, environment: dict[str, Any]) -> Any:
        return [self.boxed(unit, item, environment) for item in box.items]

    def _function(self, unit: Unit, box: m.FunctionDefinition, environment: dict[str, Any]) -> Any:
        return self._closure(unit, box, environment, unit.types.get(box.type_name))

    def _conditional(self, unit: Unit, box: m.Conditional, environment: dict[str, Any]) -> Any:
        condition = self.boxed(unit, box.condition, environment)
        if condition is not None and not isinstance(condition, bool):
            self.warn("the condition of `if` is neither true nor false")
            return None
        return self.boxed(unit, box.then if condition else box.otherwise, environment)

    def _iterator(self, unit: Unit, box: m.Iterator, environment: dict[str, Any]) -> Any:
        items = domain(self.boxed(unit, box.domain, environment), Budget())
        if items is None:
            return None
        found: list[Any] = []
        for item in items:
            inner = {**environment, box.variable: item}
            if box.kind == "for":
                inner["partial"] = list(found)
            found.append(self.boxed(unit, box.body, inner))
        return found if box.kind == "for" else _quantified(box.kind, found)

    def _filter(self, unit: Unit, box: m.BoxedFilter, environment: dict[str, Any]) -> Any:
        source = self.boxed(unit, box.source, environment)

        def test(item: Any) -> Any:
            inner = {**environment, "item": item}
            if kind(item) == "context":
                inner |= {key: item[key] for key in item}
            return self.boxed(unit, box.match, inner)

        return filtered(source, test, Budget())

    def _nothing(self, _unit: Unit, box: m.NotExecuted, _environment: dict[str, Any]) -> Any:
        self.warn(box.what)
        return None


def _builtin(box: m.Boxed, environment: Mapping[str, Any]) -> Builtin | None:
    """Return the function of the language that an invocation names."""
    name = box.text.strip() if isinstance(box, m.Literal) else ""
    return None if name in environment else BUILTINS.get(name)


def _quantified(word: str, found: Sequence[Any]) -> bool | None:
    decisive = word == "some"
    if any(item is decisive for item in found):
        return decisive
    return None if any(not isinstance(item, bool) for item in found) else not decisive


_EVALUATE: Mapping[type, Callable[[Run, Unit, Any, dict[str, Any]], Any]] = {
    m.Literal: Run._literal, m.DecisionTable: Run._plain_table, m.BoxedContext: Run._context,
    m.Invocation: Run._invocation, m.Relation: Run._relation, m.BoxedList: Run._list,
    m.FunctionDefinition: Run._function, m.Conditional: Run._conditional,
    m.Iterator: Run._iterator, m.BoxedFilter: Run._filter, m.NotExecuted: Run._nothing,
}  # fmt: skip
