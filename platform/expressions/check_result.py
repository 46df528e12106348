"""Whether an expression gives what is wanted of it: a type, an option of a choice."""

from __future__ import annotations

from trellis.expressions import nodes as n
from trellis.expressions import problems as p
from trellis.expressions import types as t
from trellis.expressions.bindings import Typed
from trellis.expressions.problems import ExpressionProblem
from trellis.expressions.type_rules import fits, show
from trellis.problems import suggest


def result_problems(typed: Typed, expected: t.Type) -> list[ExpressionProblem]:
    """Return what is wrong with the whole where a value of a type is expected."""
    of, tree = typed.type, typed.tree
    if not fits(of, expected):
        message = f"this is {show(of)}, but {show(expected)} is expected"
        return [ExpressionProblem(tree.start, tree.end, p.RESULT, message)]
    return option_problems(tree, expected)


def option_problems(node: n.Node, expected: t.Type) -> list[ExpressionProblem]:
    """Return a problem for a text written out that is no option of a choice."""
    if isinstance(expected, t.ListType) and isinstance(node, n.ListNode):
        return [found for item in node.items for found in option_problems(item, expected.of)]
    if isinstance(node, n.If):
        parts = (node.then, node.otherwise)
        return [found for part in parts for found in option_problems(part, expected)]
    if not isinstance(expected, t.ChoiceType) or not isinstance(node, n.Literal):
        return []
    if not isinstance(node.value, str) or node.value in expected.values or not expected.values:
        return []
    message = f'`"{node.value}"` is none of the options'
    folded = {value.casefold(): value for value in expected.values}
    alike = folded.get(node.value.casefold())
    quoted = [f'"{value}"' for value in expected.values]
    hint = (f'did you mean `"{alike}"`?' if alike
            else suggest(f'"{node.value}"', quoted))  # fmt: skip
    return [ExpressionProblem(node.start, node.end, p.UNKNOWN_OPTION, message, hint)]
