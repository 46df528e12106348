"""The part of the Python target that binds names: loops, filters, functions and calls."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from trellis.expressions import code as py
from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.bindings import BuiltinName, Root, Typed, Variable
from trellis.expressions.functions.table import Builtin, Form

_MOST_NESTED = 8
#: Kinds whose values have no size to speak of.
_SCALARS = frozenset(
    ("number", "boolean", "date", "time", "date and time", "days and time duration",
     "years and months duration", "record", "function", "null")
)  # fmt: skip
#: Functions that take far longer than others.
COSTLY = frozenset(("exp", "log", "matches", "replace", "split", "range", "stddev"))
#: Functions that look at the elements of lists, not into them.
SHALLOW = frozenset(
    ("count", "sum", "min", "max", "mean", "product", "median", "mode", "stddev", "all", "any",
     "sublist", "append", "concatenate", "insert before", "remove", "reverse", "sort")
)  # fmt: skip
#: Functions that make a value of a text, once where the text is written out.
_MAKERS = frozenset(("date", "time", "date and time", "duration", "number", "range"))
PATTERNED = frozenset(("matches", "replace", "split"))
_PATTERN_NAMES = ("pattern", "delimiter")
_REPEATING = (n.For, n.Quantified, n.Filter, n.FunctionNode, n.ContextNode)


def needs_budget(typed: Typed) -> bool:
    """Tell whether evaluating the tree may take more steps than it has nodes."""
    if typed.repeats is None:
        typed.repeats = any(isinstance(node, _REPEATING) for node in n.walk(typed.tree))
    return typed.repeats


class LoopWriter:
    """Holds the code that is being written, and writes what binds names."""

    def __init__(
        self, typed: Typed, *, trust: bool, constants: dict[str, Any], counts: bool
    ) -> None:
        self.typed = typed
        self.trust = trust
        self.constants = constants
        self.block: list[ast.stmt] = []
        self.variables: dict[tuple[n.Node, str], str] = {}
        self._count = 0
        #: Variables that have a value where the code is being written.
        self.live: list[str] = []
        #: Loops of the routine at hand that are open; Python allows 20 blocks inside each other.
        self.loops = 0
        #: Whether something is made again and again, so that the sizes of results count.
        self.counts = counts
        #: The numbers of nodes whose values are recorded.
        self.numbers: dict[n.Node, int] = {}

    def value(self, node: n.Node) -> ast.expr:
        """Write what computes a node; return the expression that holds its value."""
        raise NotImplementedError

    # What is being written
    def temporary(self) -> str:
        """Return a new variable."""
        self._count += 1
        return f"t{self._count}"

    def constant(self, value: Any) -> ast.expr:
        """Return a read of a value that the code cannot spell."""
        self._count += 1
        name = f"k{self._count}"
        self.constants[name] = value
        return py.load(name)

    def pin(self, value: ast.expr) -> ast.expr:
        """Return something that may be written twice and is computed once."""
        if isinstance(value, ast.Name | ast.Constant):
            return value
        name = self.temporary()
        self.block.append(py.assign(name, value))
        return py.load(name)

    def collected(self, write: Callable[[], None]) -> list[ast.stmt]:
        """Return what `write` writes as a block of its own."""
        outer, self.block = self.block, []
        write()
        inner, self.block = self.block, outer
        return inner

    def binding(self, names: Sequence[str], write: Callable[[], None]) -> list[ast.stmt]:
        """Return a block in which some more variables have values."""
        self.live.extend(names)
        block = self.collected(write)
        del self.live[len(self.live) - len(names) :]
        return block

    def inside(self, write: Callable[[], ast.expr], result: str) -> list[ast.stmt]:
        """Return a block of its own that computes something into a variable."""
        return self.collected(lambda: self.block.append(py.assign(result, write())))

    # Types
    def type(self, node: n.Node) -> t.Type:
        """Return what may be relied on of a node's type."""
        # Dates that are written out may lie outside of Python's: they are not trusted.
        if self.trust or isinstance(node, n.Literal):
            return self.typed.types[node]
        return t.ANY

    def scope_type(self, name: str) -> t.Type:
        """Return what may be relied on of a name of the scope."""
        scope = self.typed.scope
        return scope.names.get(name, t.ANY) if self.trust and scope is not None else t.ANY

    def never_null(self, node: n.Node) -> bool:
        """Tell whether a node can be relied on to have a value."""
        if isinstance(node, n.Literal | n.AtLiteral):
            return node.value is not None
        if isinstance(node, n.Compare) and node.operator in ("=", "!="):
            a, b = self.type(node.left), self.type(node.right)
            plain = a.name == b.name and a.name in ("number", "string", "boolean")
            return plain or t.NULL in (a, b)
        if isinstance(node, n.Logic):
            return all(self.surely_boolean(part) for part in node.parts)
        return isinstance(node, n.ListNode)

    def surely_boolean(self, node: n.Node) -> bool:
        """Tell whether a node can be relied on to be true or false."""
        return self.type(node).name == "boolean" and self.never_null(node)

    # Loops
    def _domain(self, node: n.Iteration) -> ast.expr:
        if node.last is not None:
            ends = self.value(node.domain), self.value(node.last)
            return py.call("counted", *ends, py.load("b"))
        return py.call("domain", self.value(node.domain), py.load("b"))

    def _nested(
        self, iterations: Sequence[n.Iteration], body: Callable[[], None], on_null: list[ast.stmt]
    ) -> None:
        """Write loops inside each other; a domain that is null runs `on_null`."""
        first, *others = iterations
        over = self.pin(self._domain(first))
        variable = self.temporary()
        self.variables[first, first.name] = variable
        inner = self.binding(
            [variable], (lambda: self._nested(others, body, on_null)) if others else body
        )
        self.block.append(py.when(py.is_(over, py.NONE), on_null))
        self.block.append(py.loop(variable, over, inner))

    def _routine(self, write: Callable[[], None]) -> ast.expr:
        """Write a function without parameters, called on the spot: loops can be left early."""
        name = self.temporary()
        outer, self.loops = self.loops, 0
        routine = py.define(name, (), self.collected(write))
        self.loops = outer
        self.block.append(routine)
        return py.call(name)

    def for_(self, node: n.For) -> ast.expr:
        """Write `for`."""
        return self._routine(lambda: self._for(node))

    def _for(self, node: n.For) -> None:
        result = self.temporary()
        self.block.append(py.assign(result, py.items(())))
        partial = self._uses_partial(node)

        def body() -> None:
            if partial:
                variable = self.temporary()
                self.variables[node, "partial"] = variable
                copied = py.call("list", py.load(result))
                self.block.append(py.assign(variable, py.call("sized", copied, py.load("b"))))
            self._append(result, self.value(node.body))

        self._nested(node.iterations, body, [py.give(py.NONE)])
        self.block.append(py.give(py.load(result)))

    def _uses_partial(self, node: n.For) -> bool:
        return any(
            isinstance(binding, Variable) and binding.owner is node
            for binding in self.typed.bindings.values()
        )

    def _append(self, name: str, value: ast.expr) -> None:
        method = ast.Attribute(
            value=py.load(name), attr="append", ctx=ast.Load(), lineno=1, col_offset=0
        )
        self.block.append(
            py.do(ast.Call(func=method, args=[value], keywords=[], lineno=1, col_offset=0))
        )

    def quantified(self, node: n.Quantified) -> ast.expr:
        """Write `some` or `every`: left at the first answer that decides."""
        return self._routine(lambda: self._quantified(node))

    def _quantified(self, node: n.Quantified) -> None:
        decisive = py.TRUE if node.kind == "some" else py.FALSE
        neutral = py.FALSE if node.kind == "some" else py.TRUE
        result = self.temporary()
        self.block.append(py.assign(result, neutral))

        def body() -> None:
            found = self.pin(self.value(node.condition))
            unsure = py.when(py.is_not(found, neutral), [py.assign(result, py.NONE)])
            self.block.append(py.when(py.is_(found, decisive), [py.give(decisive)], [unsure]))

        self._nested(node.iterations, body, [py.give(py.NONE)])
        self.block.append(py.give(py.load(result)))

    def filter(self, node: n.Filter) -> ast.expr:
        """Write a filter, or an access by position."""
        base = self.value(node.base)
        of = self.type(node.condition).name
        if isinstance(node.condition, n.Literal) and of == "number":
            return py.call("at", base, self.value(node.condition))
        if of == "boolean":
            return self._kept(node, base)
        variable, routine = self.temporary(), self.temporary()
        self.variables[node, "item"] = variable
        body = self.binding(
            [variable], lambda: self.block.append(py.give(self.value(node.condition)))
        )
        self.block.append(py.define(routine, (variable,), body))
        return py.call("filtered", base, py.load(routine), py.load("b"))

    def _kept(self, node: n.Filter, base: ast.expr) -> ast.expr:
        """Write a filter by a condition: in place, or as a routine where loops nest deep."""
        if self.loops >= _MOST_NESTED:
            pinned = self.pin(base)
            return self._routine(lambda: self.block.append(py.give(self._kept_here(node, pinned))))
        return self._kept_here(node, base)

    def _kept_here(self, node: n.Filter, base: ast.expr) -> ast.expr:
        over, variable, result = self.temporary(), self.temporary(), self.temporary()
        self.variables[node, "item"] = variable
        self.block.append(py.assign(over, py.call("domain", base, py.load("b"))))

        def body() -> None:
            test = py.is_(self.value(node.condition), py.TRUE)
            keep = self.collected(lambda: self._append(result, py.load(variable)))
            self.block.append(py.when(test, keep))

        self.loops += 1
        inner = self.binding([variable], body)
        self.loops -= 1
        some: list[ast.stmt] = [
            py.assign(result, py.items(())), py.loop(variable, py.load(over), inner)
        ]  # fmt: skip
        none: list[ast.stmt] = [py.assign(result, py.NONE)]
        self.block.append(py.when(py.is_(py.load(over), py.NONE), none, some))
        return py.load(result)

    # Functions
    def function(self, node: n.FunctionNode) -> ast.expr:
        """Write a function; it keeps the values that variables have now."""
        kept = sorted(set(self.live))
        names = [self.temporary() for _ in node.parameters]
        body = self.binding(names, lambda: self._function_body(node, names))
        routine = self.temporary()
        self.block.append(py.define(routine, names, body, kept))
        parameters = self.constant(tuple(parameter.name for parameter in node.parameters))
        return py.call("Function", parameters, py.call("bounded", py.load(routine), py.load("b")))

    def _function_body(self, node: n.FunctionNode, names: Sequence[str]) -> None:
        for parameter, name in zip(node.parameters, names, strict=True):
            self.variables[parameter, parameter.name] = name
            if parameter.type is not None and parameter.type in self.typed.written:
                of = self.constant(self.typed.written[parameter.type])
                self.block.append(py.assign(name, py.call("coerced", py.load(name), of)))
        self.block.append(py.give(self.value(node.body)))

    def call(self, node: n.Call) -> ast.expr:
        """Write a call."""
        binding = (
            self.typed.bindings.get(node.function) if isinstance(node.function, n.Name) else None
        )
        if isinstance(binding, BuiltinName):
            return self._builtin(node, binding.builtin)
        if isinstance(binding, Root) and binding.builtin is not None:
            return self._builtin(node, binding.builtin)
        function = self.value(node.function)
        values = py.items([self.value(argument) for argument in node.arguments])
        return py.call("invoke", function, values, self.constant(node.names))

    def sized(self, node: n.Node, value: ast.expr) -> ast.expr:
        """Count the size of a text, list or context that a node makes."""
        small = self.type(node).name in ("number", "boolean", "date", "time", "date and time")
        return value if small or not self.counts else py.call("sized", value, py.load("b"))

    def charged(self, node: n.Node, value: ast.expr, count: str = "weighed") -> ast.expr:
        """Count what is in a value that is looked at as a whole."""
        of = self.type(node)
        if not self.counts or of.name in _SCALARS or isinstance(node, n.Literal):
            return value
        flat = isinstance(of, t.ListType) and of.of.name in (*_SCALARS, "string")
        return py.call("sized" if flat else count, value, py.load("b"))

    def _patterned(self, node: n.Call, position: int, value: ast.expr) -> ast.expr:
        """Count a pattern that is computed; one that is written out is compiled once."""
        is_pattern = node.names[position] in _PATTERN_NAMES if node.names else position == 1
        if not is_pattern or isinstance(node.arguments[position], n.Literal):
            return value
        return py.call("patterned", value, py.load("b"))

    def costly(self, value: ast.expr) -> ast.expr:
        """Count what takes long."""
        return py.call("costly", value, py.load("b")) if self.counts else value

    def _builtin(self, node: n.Call, builtin: Builtin) -> ast.expr:
        found = self.sized(node, self._builtin_call(node, builtin))
        return self.costly(found) if builtin.name in COSTLY else found

    def _builtin_call(self, node: n.Call, builtin: Builtin) -> ast.expr:
        written_out = _written_out(node, builtin)
        if written_out is not None and not self.numbers:
            return self.constant(builtin.call(written_out))
        count = "sized" if builtin.name in SHALLOW else "weighed"
        values = [self.charged(one, self.value(one), count) for one in node.arguments]
        if builtin.name in PATTERNED and self.counts:
            values = [self._patterned(node, at, value) for at, value in enumerate(values)]
        form = self.typed.forms.get(node) if self.trust else None
        if form is not None and self._is_direct(node, form):
            pinned = [self.pin(value) for value in values]
            checked = [value for value, argument in zip(pinned, node.arguments, strict=True)
                       if not self.never_null(argument)]  # fmt: skip
            body = self.constant(form.body)
            return py.unless_null(checked, _called(body, pinned))
        if not node.names and not builtin.contextual:
            return _called(self.constant(builtin.call), values)
        context = py.load("c")
        if node.names:
            names = self.constant(node.names)
            return _called(self.constant(builtin.call_named), [names, py.items(values), context])
        return _called(self.constant(_with_context(builtin)), [context, *values])

    def _is_direct(self, node: n.Call, form: Form) -> bool:
        """Tell whether the arguments have just the kinds that the body takes."""
        if node.names or form.contextual or form.variadic or form.rest:
            return False
        if any(parameter.nullable or not parameter.kinds for parameter in form.parameters):
            return False
        return all(
            self.type(argument).name in parameter.kinds
            for argument, parameter in zip(node.arguments, form.parameters, strict=False)
        )


def _written_out(node: n.Call, builtin: Builtin) -> str | None:
    """Return the text that a call makes a value of, where it is the same each time."""
    if builtin.name not in _MAKERS or node.names or len(node.arguments) != 1:
        return None
    (argument,) = node.arguments
    is_text = isinstance(argument, n.Literal) and isinstance(argument.value, str)
    return argument.value if is_text else None  # type: ignore[attr-defined]


def _with_context(builtin: Builtin) -> Callable[..., Any]:
    return lambda context, *values: builtin.call(*values, context=context)


def _called(function: ast.expr, arguments: Sequence[ast.expr]) -> ast.expr:
    return ast.Call(func=function, args=list(arguments), keywords=[], lineno=1, col_offset=0)
