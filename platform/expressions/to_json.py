"""Typed tree → JSON, for the interpreter in the browser: names are settled, types are told.

A node is a map with `k`, its kind, and `s`, its place as [start, end]. Names are `root` (a name of
the context), `field` (of the record at hand), `var` (bound inside, by its number), `item` (a
property of a filter's item, with what it means otherwise).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.bindings import (
    Binding,
    BuiltinName,
    ItemProperty,
    Root,
    SubjectField,
    Typed,
    Variable,
)
from trellis.expressions.wire import encode

Json = dict[str, Any]


def to_json(typed: Typed) -> Json:
    """Return the tree as JSON; values in it have their wire form."""
    writer = _Writer(typed)
    return {"version": 1, "type": str(typed.type), "subject": typed.subject_name,
            "tree": writer.node(typed.tree)}  # fmt: skip


class _Writer:
    """Writes one tree; what binds names is numbered in the order of the text."""

    def __init__(self, typed: Typed) -> None:
        self.typed = typed
        self.numbers = {node: number for number, node in enumerate(n.walk(typed.tree))}

    def node(self, node: n.Node) -> Json:
        """Return a node."""
        found = {"k": _KINDS[type(node)], "s": [node.start, node.end]}
        found |= _PARTS[type(node)](self, node)
        of = self.typed.types.get(node)
        if of is not None and not t.is_unknown(of):
            found["t"] = of.name
        return found

    def all(self, nodes: tuple[n.Node, ...]) -> list[Json]:
        """Return several nodes."""
        return [self.node(node) for node in nodes]

    def binding(self, binding: Binding) -> Json:
        """Return what a name means."""
        match binding:
            case Variable(name=name, owner=owner):
                return {"b": "var", "of": self.numbers[owner], "name": name}
            case SubjectField(name=name):
                return {"b": "field", "name": name}
            case Root(name=name, builtin=builtin):
                found: Json = {"b": "root", "name": name}
                return found if builtin is None else {**found, "builtin": True}
            case BuiltinName(builtin=builtin):
                return {"b": "function", "name": builtin.name}
            case ItemProperty(name=name, owner=owner, otherwise=otherwise):
                found = {"b": "item", "of": self.numbers[owner], "name": name}
                return found if otherwise is None else {**found, "else": self.binding(otherwise)}

    def name(self, node: n.Name) -> Json:
        """Return a name."""
        return self.binding(self.typed.bindings[node])

    def call(self, node: n.Call) -> Json:
        """Return a call; a built-in function is told by its name."""
        return {"f": self.node(node.function), "a": self.all(node.arguments),
                **({"names": list(node.names)} if node.names else {})}  # fmt: skip

    def iterations(self, iterations: tuple[n.Iteration, ...]) -> list[Json]:
        """Return the iterations of a loop."""
        return [
            {"id": self.numbers[one], "name": one.name, "in": self.node(one.domain),
             **({"to": self.node(one.last)} if one.last is not None else {})}
            for one in iterations
        ]  # fmt: skip

    def type(self, node: n.TypeNode) -> Json:
        """Return a type as written."""
        found: Json = {"name": node.name}
        if node.arguments:
            found["of"] = [self.type(one) for one in node.arguments]
        if node.keys:
            found["keys"] = list(node.keys)
        if node.result is not None:
            found["result"] = self.type(node.result)
        return found


_KINDS: dict[type[n.Node], str] = {
    n.Literal: "value", n.AtLiteral: "value", n.Name: "name", n.Path: "path", n.Filter: "filter",
    n.Call: "call", n.ListNode: "list", n.RangeNode: "range", n.Test: "test",
    n.ContextNode: "context", n.Negate: "negate", n.Arithmetic: "arithmetic",
    n.Compare: "compare", n.Logic: "logic", n.Between: "between", n.In: "in",
    n.UnaryTests: "tests", n.InstanceOf: "instance", n.If: "if", n.For: "for",
    n.Quantified: "quantified", n.FunctionNode: "lambda",
}  # fmt: skip
_PARTS: dict[type[n.Node], Callable[[Any, Any], Json]] = {
    n.Literal: lambda w, node: {"v": encode(node.value)},
    n.AtLiteral: lambda w, node: {"v": encode(node.value)},
    n.Name: _Writer.name,
    n.Path: lambda w, node: {"of": w.node(node.base), "name": node.name},
    n.Filter: lambda w, node: {"id": w.numbers[node], "of": w.node(node.base),
                               "if": w.node(node.condition)},
    n.Call: _Writer.call,
    n.ListNode: lambda w, node: {"a": w.all(node.items)},
    n.RangeNode: lambda w, node: {"a": [w.node(node.low), w.node(node.high)],
                                  "closed": [node.low_closed, node.high_closed]},
    n.Test: lambda w, node: {"op": node.operator, "a": [w.node(node.operand)]},
    n.ContextNode: lambda w, node: {"e": [
        {"id": w.numbers[one], "key": one.key, "v": w.node(one.value)} for one in node.entries]},
    n.Negate: lambda w, node: {"a": [w.node(node.operand)]},
    n.Arithmetic: lambda w, node: {"op": node.operator, "a": w.all((node.left, node.right))},
    n.Compare: lambda w, node: {"op": node.operator, "a": w.all((node.left, node.right))},
    n.Logic: lambda w, node: {"op": node.operator, "a": w.all(node.parts)},
    n.Between: lambda w, node: {"a": w.all((node.value, node.low, node.high))},
    n.In: lambda w, node: {"of": w.node(node.value), "a": w.all(node.tests)},
    n.UnaryTests: lambda w, node: {
        "a": w.all(node.tests), "alone": [w.typed.stands_alone(one) for one in node.tests],
        "not": node.negated},
    n.InstanceOf: lambda w, node: {"of": w.node(node.value), "type": w.type(node.type)},
    n.If: lambda w, node: {"a": w.all((node.condition, node.then, node.otherwise))},
    n.For: lambda w, node: {"id": w.numbers[node], "in": w.iterations(node.iterations),
                            "do": w.node(node.body)},
    n.Quantified: lambda w, node: {"some": node.kind == "some",
                                   "in": w.iterations(node.iterations),
                                   "do": w.node(node.condition)},
    n.FunctionNode: lambda w, node: {"p": [
        {"id": w.numbers[one], "name": one.name,
         **({"type": w.type(one.type)} if one.type is not None else {})}
        for one in node.parameters], "do": w.node(node.body)},
}  # fmt: skip
