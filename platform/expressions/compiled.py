"""Compiled expressions: parsed, checked and generated once per text and scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from trellis.expressions import nodes as n
from trellis.expressions.check import check_node
from trellis.expressions.limits import MAX_STEPS
from trellis.expressions.parse import parse
from trellis.expressions.problems import ExpressionProblemsError, StepLimitError
from trellis.expressions.to_python import compile_python
from trellis.expressions.types import ANY, Scope, Type


@dataclass(frozen=True)
class Expression:
    """An expression ready to be evaluated."""

    text: str
    node: n.Node
    type: Type
    scope: Scope | None
    function: Callable[[Mapping[str, Any], list[int]], Any]

    def __call__(self, context: Mapping[str, Any]) -> Any:
        """Return the value for the names in `context`; an error is None."""
        try:
            return self.function(context, [MAX_STEPS])
        except StepLimitError:
            return None

    @property
    def names(self) -> frozenset[tuple[str, ...]]:
        """Return the paths from free names that the expression reads."""
        return frozenset(free_paths(self.node, frozenset()))


def compile_expression(
    text: str, scope: Scope | None = None, *, unary: bool = False
) -> Expression:
    """Return the compiled expression.

    Raises ExpressionSyntaxError, and with a scope ExpressionProblemsError for names, types and
    arguments that do not fit.
    """
    names = frozenset(scope.names) if scope is not None else frozenset()
    node = parse(text, unary=unary, names=names)
    kind: Type = ANY
    if scope is not None:
        kind, problems = check_node(node, scope)
        if problems:
            raise ExpressionProblemsError(text, tuple(sorted(problems)))
    return Expression(text, node, kind, scope, compile_python(node, scope))


@lru_cache(maxsize=2_048)
def _without_scope(text: str, names: frozenset[str]) -> Expression:
    node = parse(text, names=names)
    return Expression(text, node, ANY, None, compile_python(node, None))


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    """Return the value of `text`; names in scope are the keys of `context`."""
    return _without_scope(text, frozenset(name for name in context if " " in name))(context)


def free_paths(node: n.Node, bound: frozenset[str]) -> set[tuple[str, ...]]:
    """Return the paths that start at names which `node` does not bind itself."""
    path = _as_path(node)
    if path is not None:
        return set() if path[0] in bound else {path}
    found: set[tuple[str, ...]] = set()
    if isinstance(node, n.For | n.Quantified):
        inner = bound
        for iterator in node.iterators:
            found |= free_paths(iterator.domain, inner)
            if iterator.end_of_range is not None:
                found |= free_paths(iterator.end_of_range, inner)
            inner |= {iterator.name}
        body = node.body if isinstance(node, n.For) else node.condition
        return found | free_paths(body, inner)
    if isinstance(node, n.FunctionNode):
        return free_paths(node.body, bound | set(node.parameters))
    if isinstance(node, n.Call) and isinstance(node.function, n.Name):
        for argument in node.arguments:
            found |= free_paths(argument, bound)
        return found
    for child in n.children(node):
        found |= free_paths(child, bound)
    return found


def _as_path(node: n.Node) -> tuple[str, ...] | None:
    names: list[str] = []
    while isinstance(node, n.Path):
        names.append(node.name)
        node = node.base
    return (node.name, *reversed(names)) if isinstance(node, n.Name) else None
