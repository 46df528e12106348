"""`range("[1..3]")`: a range from the text of one whose ends are written out."""

from __future__ import annotations

from typing import Any

from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.functions.conversions import parse_number
from trellis.expressions.functions.table import builtin, form
from trellis.expressions.known_names import KnownNames
from trellis.expressions.operators import negate, range_of
from trellis.expressions.parse import parse
from trellis.expressions.problems import ExpressionSyntaxError
from trellis.expressions.temporal import (
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
)
from trellis.expressions.values import Range

_NAMES = KnownNames(["date and time"])
_MAKERS = {
    "date": parse_date, "time": parse_time, "date and time": parse_datetime,
    "duration": parse_duration, "number": parse_number,
}  # fmt: skip


def _constant(node: n.Node) -> Any:
    """Return the value of an end; null when it is not written out."""
    if isinstance(node, n.Literal | n.AtLiteral):
        return node.value
    if isinstance(node, n.Negate):
        return negate(_constant(node.operand))
    if not isinstance(node, n.Call) or not isinstance(node.function, n.Name):
        return None
    make = _MAKERS.get(node.function.name)
    if make is None or node.names or len(node.arguments) != 1:
        return None
    argument = node.arguments[0]
    if not isinstance(argument, n.Literal) or not isinstance(argument.value, str):
        return None
    return make(argument.value)


def parse_range(text: str) -> Range | None:
    """Return the range that a text writes out."""
    try:
        tree = parse(text, _NAMES)
    except ExpressionSyntaxError:
        return None
    if not isinstance(tree, n.RangeNode):
        return None
    low, high = _constant(tree.low), _constant(tree.high)
    if low is None or high is None:
        return None
    return range_of(low, high, tree.low_closed, tree.high_closed)


FUNCTIONS = (
    builtin("range", 'A range from its text: `range("[1..3]")`.',
            form("from: string", t.RangeType(), parse_range)),
)  # fmt: skip
