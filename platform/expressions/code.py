"""Python syntax trees in short: the words in which expressions are compiled.

Only names that we make ourselves and values from a table of constants get into the generated code;
nothing of the expression's text does.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

_LOAD, _STORE = ast.Load(), ast.Store()
_IS, _IS_NOT, _IN, _OR = ast.Is(), ast.IsNot(), ast.In(), ast.Or()
NONE = ast.Constant(value=None, lineno=1, col_offset=0)
TRUE = ast.Constant(value=True, lineno=1, col_offset=0)
FALSE = ast.Constant(value=False, lineno=1, col_offset=0)
_COMPARISONS: dict[str, ast.cmpop] = {
    "=": ast.Eq(), "!=": ast.NotEq(), "<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(),
    ">=": ast.GtE(),
}  # fmt: skip


def load(name: str) -> ast.Name:
    """Return a read of a name."""
    return ast.Name(id=name, ctx=_LOAD, lineno=1, col_offset=0)


def text(value: str) -> ast.Constant:
    """Return a text as a constant."""
    return ast.Constant(value=value, lineno=1, col_offset=0)


def call(function: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of a name."""
    return ast.Call(func=load(function), args=list(arguments), keywords=[], lineno=1, col_offset=0)


def get(base: ast.expr, name: str) -> ast.Call:
    """Return `base.get(name)`; the only attribute that generated code reads."""
    method = ast.Attribute(value=base, attr="get", ctx=_LOAD, lineno=1, col_offset=0)
    return ast.Call(func=method, args=[text(name)], keywords=[], lineno=1, col_offset=0)


def compare(operator: str, left: ast.expr, right: ast.expr) -> ast.Compare:
    """Return a comparison by Python's operator."""
    return ast.Compare(
        left=left, ops=[_COMPARISONS[operator]], comparators=[right], lineno=1, col_offset=0
    )


def member(left: ast.expr, right: ast.expr) -> ast.Compare:
    """Return `left in right`."""
    return ast.Compare(left=left, ops=[_IN], comparators=[right], lineno=1, col_offset=0)


def is_(left: ast.expr, right: ast.expr) -> ast.expr:
    """Return `left is right`, decided at once where both are written out."""
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
        return TRUE if left.value is right.value else FALSE
    return ast.Compare(left=left, ops=[_IS], comparators=[right], lineno=1, col_offset=0)


def is_not(left: ast.expr, right: ast.expr) -> ast.expr:
    """Return `left is not right`, decided at once where both are written out."""
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
        return TRUE if left.value is not right.value else FALSE
    return ast.Compare(left=left, ops=[_IS_NOT], comparators=[right], lineno=1, col_offset=0)


def any_of(parts: Sequence[ast.expr]) -> ast.expr:
    """Return the parts joined by Python's `or`."""
    if len(parts) == 1:
        return parts[0]
    return ast.BoolOp(op=_OR, values=list(parts), lineno=1, col_offset=0)


def choose(condition: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.IfExp:
    """Return `then if condition else otherwise`."""
    return ast.IfExp(test=condition, body=then, orelse=otherwise, lineno=1, col_offset=0)


def unless_null(parts: Sequence[ast.expr], value: ast.expr) -> ast.expr:
    """Return `value`, or null when one of `parts` is null."""
    if not parts:
        return value
    return choose(any_of([is_(part, NONE) for part in parts]), NONE, value)


def items(values: Sequence[ast.expr]) -> ast.List:
    """Return a list."""
    return ast.List(elts=list(values), ctx=_LOAD, lineno=1, col_offset=0)


def assign(name: str, value: ast.expr) -> ast.Assign:
    """Return `name = value`."""
    target = ast.Name(id=name, ctx=_STORE, lineno=1, col_offset=0)
    return ast.Assign(targets=[target], value=value, lineno=1, col_offset=0)


def when(
    condition: ast.expr, body: list[ast.stmt], otherwise: list[ast.stmt] | None = None
) -> ast.If:
    """Return an `if` statement."""
    return ast.If(test=condition, body=body, orelse=otherwise or [], lineno=1, col_offset=0)


def loop(name: str, over: ast.expr, body: list[ast.stmt]) -> ast.For:
    """Return `for name in over`."""
    target = ast.Name(id=name, ctx=_STORE, lineno=1, col_offset=0)
    return ast.For(
        target=target, iter=over, body=body, orelse=[], type_comment=None, lineno=1, col_offset=0
    )


def do(value: ast.expr) -> ast.Expr:
    """Return an expression as a statement."""
    return ast.Expr(value=value, lineno=1, col_offset=0)


def give(value: ast.expr) -> ast.Return:
    """Return a `return`."""
    return ast.Return(value=value, lineno=1, col_offset=0)


def define(
    name: str, parameters: Sequence[str], body: list[ast.stmt], kept: Sequence[str] = ()
) -> ast.FunctionDef:
    """Return a function; `kept` are names whose values of this moment it keeps."""
    arguments = ast.arguments(
        posonlyargs=[], args=[_argument(parameter) for parameter in parameters],
        kwonlyargs=[_argument(name) for name in kept], kw_defaults=[load(name) for name in kept],
        defaults=[],
    )  # fmt: skip
    return ast.FunctionDef(
        name=name, args=arguments, body=body, decorator_list=[], returns=None, type_comment=None,
        lineno=1, col_offset=0,
    )  # fmt: skip


def _argument(name: str) -> ast.arg:
    return ast.arg(arg=name, annotation=None, lineno=1, col_offset=0)
