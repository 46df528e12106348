"""FEEL, the Friendly Enough Expression Language: one tree, several targets.

An expression is text; `lexer`, `grammar.lark` and `parse` make a tree (`nodes`), `check` finds what
its names mean and which types its parts have, `to_python`, `to_sql` and `to_json` are the targets.
`values`, `temporal`, `operators` and `functions` say what the language computes. Read them in that
order. This room knows nothing of objects or the web; SQLAlchemy is imported by `to_sql` alone.
"""

from trellis.expressions.compiled import (
    Expression,
    check,
    compile_expression,
    compile_open,
    evaluate,
)
from trellis.expressions.problems import (
    ExpressionLimitError,
    ExpressionProblem,
    ExpressionProblems,
    ExpressionProblemsError,
    ExpressionSyntaxError,
)
from trellis.expressions.trace import Trace
from trellis.expressions.types import Scope
from trellis.expressions.wire import decode, encode

__all__ = [
    "Expression",
    "ExpressionLimitError",
    "ExpressionProblem",
    "ExpressionProblems",
    "ExpressionProblemsError",
    "ExpressionSyntaxError",
    "Scope",
    "Trace",
    "check",
    "compile_expression",
    "compile_open",
    "decode",
    "encode",
    "evaluate",
]
