"""FEEL: one parser, one checker, several targets (expressions.md).

Read `nodes` and `parse`, then `check`, then the targets `to_python` and `to_sql`. This room knows
nothing of objects, records or the web; SQLAlchemy is imported by `to_sql` alone.
"""

from trellis.expressions.compiled import Expression, compile_expression, evaluate
from trellis.expressions.problems import (
    ExpressionProblem,
    ExpressionProblemsError,
    ExpressionSyntaxError,
)
from trellis.expressions.types import Scope

__all__ = [
    "Expression",
    "ExpressionProblem",
    "ExpressionProblemsError",
    "ExpressionSyntaxError",
    "Scope",
    "compile_expression",
    "evaluate",
]
