"""Text → tree: the LALR(1) parser, and what it says of a text that is no expression."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedToken, VisitError
from trellis.expressions.build import RefusedError, TreeBuilder
from trellis.expressions.known_names import KnownNames
from trellis.expressions.lexer import TokenList, tokenize
from trellis.expressions.limits import MAX_DEPTH, MAX_TEXT
from trellis.expressions.nodes import Node, children
from trellis.expressions.problems import (
    LIMIT,
    SYNTAX,
    ExpressionProblem,
    ExpressionSyntaxError,
)
from trellis.expressions.syntax_hints import Misfit, syntax_problem
from trellis.expressions.table_parser import DoesNotFitError, TableParser

_PARSER = Lark(
    (FilePath(__file__).parent / "grammar.lark").read_text("utf-8"),
    parser="lalr",
    lexer=TokenList,
    start=["expression", "unary_tests"],
    maybe_placeholders=False,
    propagate_positions=False,
    transformer=TreeBuilder(),
)
_TABLE = TableParser(_PARSER)


def parse(text: str, names: KnownNames, *, unary: bool = False) -> Node:
    """Return the tree of `text`; `names` are the declared names that are not one word.

    Raises ExpressionSyntaxError with the place and what was expected there.
    """
    if len(text) > MAX_TEXT:
        message = f"the expression is longer than {MAX_TEXT} characters"
        raise _error(text, MAX_TEXT, len(text), LIMIT, message)
    _refuse_half_characters(text)
    tokens: Any = tokenize(text, names, unary=unary)
    start = "unary_tests" if unary else "expression"
    try:
        tree: Any = _TABLE.parse(tokens, start)
    except DoesNotFitError:
        tree = _told(text, tokens, start)
    except RefusedError as error:
        raise _refused(text, error) from None
    # A tree cannot be deeper than it has tokens.
    if len(tokens) > MAX_DEPTH:
        _check_depth(text, tree)
    return tree  # type: ignore[no-any-return]


def _told(text: str, tokens: Any, start: str) -> Any:
    """Parse once more with Lark, which says what was expected where."""
    whole: Any = [Token(one.type, str(one), one.start_pos, None, None, None, None, one.end_pos)
                  for one in tokens]  # fmt: skip
    try:
        return _PARSER.parse(whole, start=start)
    except UnexpectedToken as error:
        raise _unexpected(text, tokens, error) from None
    except VisitError as error:
        raise _refused(text, error.orig_exc) from None
    except RefusedError as error:
        raise _refused(text, error) from None


def _refuse_half_characters(text: str) -> None:
    """Raise ExpressionSyntaxError for a surrogate alone, which no encoding can send or store."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _error(text, error.start, error.end, SYNTAX, "half of a character stands here",
                     "write the whole character, or its escape `\\U01F40E`") from None  # fmt: skip


def _check_depth(text: str, tree: Node) -> None:
    level: list[Node] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return
    deep = level[0]
    raise _error(
        text,
        deep.start,
        deep.end,
        LIMIT,
        f"the expression is nested deeper than {MAX_DEPTH} levels",
    )


def _refused(text: str, error: Exception) -> ExpressionSyntaxError:
    if not isinstance(error, RefusedError):
        raise error
    return _error(text, error.start, error.end, error.code, str(error), error.hint)


def _unexpected(text: str, tokens: Any, error: UnexpectedToken) -> ExpressionSyntaxError:
    accepted: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    starts = [token.start_pos for token in tokens]
    is_end = error.token.type == "$END"
    at = len(tokens) if is_end else starts.index(error.token.start_pos)
    problem = syntax_problem(Misfit(text, tokens, at, frozenset(accepted)))
    return ExpressionSyntaxError(text, (problem,))


def _error(
    text: str, start: int, end: int, code: str, message: str, hint: str | None = None
) -> ExpressionSyntaxError:
    return ExpressionSyntaxError(text, (ExpressionProblem(start, end, code, message, hint),))
