"""Tree → Python function: generated `ast`, compiled once; nothing of the text is executed.

The generated code calls only the operators of this room, by names of its own; names of the
expression become string constants.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

from trellis.expressions import nodes as n
from trellis.expressions import operators, values
from trellis.expressions.functions import BUILTINS
from trellis.expressions.types import RecordShape, Scope

_BINARY = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power",
           "=": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater",
           ">=": "greater_equal"}  # fmt: skip
_COMPARATORS = {key: name for key, name in _BINARY.items() if key[0] in "=!<>"}
_HELPERS: dict[str, Any] = {
    name: getattr(operators, name)
    for name in (*_BINARY.values(), "and_", "or_", "negate", "between", "passes", "any_passes",
                 "iterate", "filtered", "some", "every", "get", "equal")
}  # fmt: skip


def _lookup(context: Mapping[str, Any], name: str) -> Any:
    return context.get(name)


def _pick(item: Any, name: str, outer: Callable[[], Any]) -> Any:
    """Return a property of the filtered item, else the outer name."""
    if isinstance(item, Mapping) and name in item:
        return item[name]
    return outer()


def _invoke(function: Any, arguments: list[Any]) -> Any:
    if isinstance(function, values.Function) and len(arguments) == len(function.parameters):
        return function.body(*arguments)
    return None


def _invoke_named(function: Any, names: tuple[str, ...], arguments: list[Any]) -> Any:
    if not isinstance(function, values.Function) or set(names) != set(function.parameters):
        return None
    given = dict(zip(names, arguments, strict=True))
    return function.body(*(given[name] for name in function.parameters))


def _instance_of(value: Any, type_name: str) -> bool:
    base = type_name.partition("<")[0]
    aliases = {"day time duration": "days and time duration",
               "year month duration": "years and months duration"}  # fmt: skip
    if base == "Any":
        return value is not None
    return values.kind(value) == aliases.get(base, base)


_HELPERS |= {"lookup": _lookup, "pick": _pick, "invoke": _invoke, "invoke_named": _invoke_named,
             "instance_of": _instance_of, "Range": values.Range,
             "Function": values.Function}  # fmt: skip


def compile_python(node: n.Node, scope: Scope | None) -> Callable[[Mapping[str, Any], list[int]], Any]:
    """Return a function of (context, step budget) that gives the expression's value."""
    generator = _Generator(scope)
    body = generator.code(node)
    arguments = [ast.arg("c"), ast.arg("b")]
    tree = ast.Expression(_lambda(arguments, body))
    ast.fix_missing_locations(tree)
    outer = compile(tree, "<expression>", "eval")
    inner = next(item for item in outer.co_consts if isinstance(item, CodeType))
    return FunctionType(inner, {**_HELPERS, **generator.constants, "__builtins__": {}})


def _lambda(arguments: list[ast.arg], body: ast.expr) -> ast.Lambda:
    return ast.Lambda(
        ast.arguments(posonlyargs=[], args=arguments, kwonlyargs=[], kw_defaults=[], defaults=[]),
        body,
    )


def _thunk(body: ast.expr) -> ast.Lambda:
    return _lambda([], body)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _call(function: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_name(function), list(arguments), [])


def _list(items: list[ast.expr]) -> ast.List:
    return ast.List(items, ast.Load())


@dataclass
class _Generator:
    """Generates one expression; `frames` are the names in reach, innermost last.

    A frame maps FEEL names to Python variables; under the key None it holds the variable of a
    filter's item, whose properties come before outer names.
    """

    scope: Scope | None
    constants: dict[str, Any] = field(default_factory=dict)
    frames: list[dict[str | None, str]] = field(default_factory=list)
    counter: int = 0

    def code(self, node: n.Node) -> ast.expr:
        """Return the Python expression of a node."""
        return _GENERATORS[type(node)](self, node)

    def fresh(self, prefix: str) -> str:
        """Return an unused variable name."""
        self.counter += 1
        return f"{prefix}{self.counter}"

    def constant(self, value: Any) -> ast.expr:
        """Return a reference to a value kept beside the code."""
        if value is None or isinstance(value, bool | str):
            return ast.Constant(value)
        name = self.fresh("k")
        self.constants[name] = value
        return _name(name)

    def name(self, name: str) -> ast.expr:
        """Return the value of a FEEL name."""
        return self._name_below(name, len(self.frames) - 1)

    def _name_below(self, name: str, level: int) -> ast.expr:
        for position in range(level, -1, -1):
            frame = self.frames[position]
            if name in frame:
                return _name(frame[name])
            if None in frame:
                outer = self._name_below(name, position - 1)
                return _call("pick", _name(frame[None]), ast.Constant(name), _thunk(outer))
        subject = self._subject()
        if subject is not None and subject.property(name) is not None:
            record = _call("lookup", _name("c"), ast.Constant("record"))
            return _call("get", record, ast.Constant(name))
        return _call("lookup", _name("c"), ast.Constant(name))

    def _subject(self) -> RecordShape | None:
        return None if self.scope is None else self.scope.subject

    def inside(self, frame: dict[str | None, str], node: n.Node) -> ast.expr:
        """Return the code of a node with more names in reach."""
        self.frames.append(frame)
        body = self.code(node)
        self.frames.pop()
        return body

    def nested(self, iterators: tuple[n.Iterator_, ...], body: n.Node) -> ast.GeneratorExp:
        """Return a generator over the product of the iterators, later ones seeing earlier."""
        generators: list[ast.comprehension] = []
        for iterator in iterators:
            domain = self.code(iterator.domain)
            if iterator.end_of_range is not None:
                domain = _call("Range", domain, self.code(iterator.end_of_range))
            variable = self.fresh("v")
            generators.append(ast.comprehension(
                ast.Name(variable, ast.Store()), _call("iterate", domain, _name("b")), [], 0
            ))  # fmt: skip
            self.frames.append({iterator.name: variable})
        element = self.code(body)
        del self.frames[len(self.frames) - len(iterators) :]
        return ast.GeneratorExp(element, generators)


def _literal(g: _Generator, node: n.Literal) -> ast.expr:
    return g.constant(node.value)


def _name_node(g: _Generator, node: n.Name) -> ast.expr:
    return g.name(node.name)


def _path(g: _Generator, node: n.Path) -> ast.expr:
    return _call("get", g.code(node.base), ast.Constant(node.name))


def _filter(g: _Generator, node: n.Filter) -> ast.expr:
    item = g.fresh("v")
    test = g.inside({None: item, "item": item}, node.condition)
    return _call("filtered", g.code(node.base), _lambda([ast.arg(item)], test), _name("b"))


def _call_node(g: _Generator, node: n.Call) -> ast.expr:
    arguments = [g.code(argument) for argument in node.arguments]
    builtin = BUILTINS.get(node.function.name) if isinstance(node.function, n.Name) else None
    if builtin is None or _shadowed(g, node.function):
        function = g.code(node.function)
        if node.names:
            return _call("invoke_named", function, g.constant(node.names), _list(arguments))
        return _call("invoke", function, _list(arguments))
    if node.names:
        given = dict(zip(node.names, arguments, strict=True))
        arguments = [given.pop(name, ast.Constant(None)) for name in builtin.parameters]
        while arguments and isinstance(arguments[-1], ast.Constant) and arguments[-1].value is None:
            arguments.pop()
        if given:
            return ast.Constant(None)
    if not builtin.variadic and not builtin.least <= len(arguments) <= len(builtin.parameters):
        return ast.Constant(None)
    body = g.constant(builtin.body)
    context = [_name("c")] if builtin.contextual else []
    return ast.Call(body, [*context, *arguments], [])


def _shadowed(g: _Generator, function: n.Node) -> bool:
    return isinstance(function, n.Name) and any(function.name in frame for frame in g.frames)


def _list_node(g: _Generator, node: n.ListNode) -> ast.expr:
    return _list([g.code(item) for item in node.items])


def _context(g: _Generator, node: n.ContextNode) -> ast.expr:
    """Entries see earlier ones: each is bound by an inner lambda."""
    bound: dict[str | None, str] = {}
    steps: list[tuple[str, ast.expr]] = []
    for key, value in node.entries:
        variable = g.fresh("v")
        steps.append((variable, g.inside(dict(bound), value)))
        bound[key] = variable
    pairs = [(ast.Constant(key), _name(str(variable))) for key, variable in bound.items()]
    body: ast.expr = ast.Dict([key for key, _ in pairs], [value for _, value in pairs])
    if len(bound) != len(node.entries):
        return ast.Constant(None)
    for variable, value in reversed(steps):
        body = ast.Call(_lambda([ast.arg(variable)], body), [value], [])
    return body


def _range(g: _Generator, node: n.RangeNode) -> ast.expr:
    return _call("Range", g.code(node.low), g.code(node.high), ast.Constant(node.low_closed),
                 ast.Constant(node.high_closed))  # fmt: skip


def _negate(g: _Generator, node: n.Negate) -> ast.expr:
    return _call("negate", g.code(node.operand))


def _binary(g: _Generator, node: n.Binary) -> ast.expr:
    left, right = g.code(node.left), g.code(node.right)
    if node.operator in ("and", "or"):
        return _call(f"{node.operator}_", left, _thunk(right))
    return _call(_BINARY[node.operator], left, right)


def _between(g: _Generator, node: n.Between) -> ast.expr:
    return _call("between", g.code(node.value), g.code(node.low), g.code(node.high))


def _in(g: _Generator, node: n.In) -> ast.expr:
    value = g.fresh("v")
    return ast.Call(_lambda([ast.arg(value)], _tests(g, value, node.tests)), [g.code(node.value)], [])


def _tests(g: _Generator, value: str, tests: tuple[n.Node, ...]) -> ast.expr:
    checks = [_one_test(g, value, test) for test in tests]
    return checks[0] if len(checks) == 1 else _call("any_passes", _list(checks))


def _one_test(g: _Generator, value: str, test: n.Node) -> ast.expr:
    frame: dict[str | None, str] = {"?": value}
    if isinstance(test, n.Test):
        operand = g.inside(frame, test.operand)
        return _call(_COMPARATORS[test.operator], _name(value), operand)
    if _mentions_input(test):
        return g.inside(frame, test)
    return _call("passes", _name(value), g.inside(frame, test))


def _mentions_input(node: n.Node) -> bool:
    return (isinstance(node, n.Name) and node.name == "?") or any(
        _mentions_input(child) for child in n.children(node)
    )


def _unary_tests(g: _Generator, node: n.UnaryTests) -> ast.expr:
    value = g.fresh("v")
    checks = _tests(g, value, node.tests)
    if node.negated:
        checks = ast.Call(g.constant(BUILTINS["not"].body), [checks], [])
    return ast.Call(_lambda([ast.arg(value)], checks), [g.name("?")], [])


def _any_test(_g: _Generator, _node: n.AnyTest) -> ast.expr:
    return ast.Constant(True)


def _instance(g: _Generator, node: n.InstanceOf) -> ast.expr:
    return _call("instance_of", g.code(node.value), ast.Constant(node.type_name))


def _if(g: _Generator, node: n.If) -> ast.expr:
    test = ast.Compare(g.code(node.condition), [ast.Is()], [ast.Constant(True)])
    return ast.IfExp(test, g.code(node.then), g.code(node.otherwise))


def _for(g: _Generator, node: n.For) -> ast.expr:
    generator = g.nested(node.iterators, node.body)
    return ast.ListComp(generator.elt, generator.generators)


def _quantified(g: _Generator, node: n.Quantified) -> ast.expr:
    return _call(node.kind, g.nested(node.iterators, node.condition))


def _function(g: _Generator, node: n.FunctionNode) -> ast.expr:
    variables = {name: g.fresh("v") for name in node.parameters}
    body = g.inside(dict(variables), node.body)
    made = _lambda([ast.arg(variable) for variable in variables.values()], body)
    return _call("Function", g.constant(tuple(node.parameters)), made)


_GENERATORS: dict[type[n.Node], Callable[[_Generator, Any], ast.expr]] = {
    n.Literal: _literal, n.Name: _name_node, n.Path: _path, n.Filter: _filter,
    n.Call: _call_node, n.ListNode: _list_node, n.ContextNode: _context, n.RangeNode: _range,
    n.Negate: _negate, n.Binary: _binary, n.Between: _between, n.In: _in,
    n.UnaryTests: _unary_tests, n.AnyTest: _any_test, n.InstanceOf: _instance, n.If: _if,
    n.For: _for, n.Quantified: _quantified, n.FunctionNode: _function,
}  # fmt: skip
