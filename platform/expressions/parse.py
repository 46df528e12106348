"""Text → tree: an LALR(1) parser whose reductions build the nodes, so depth never recurses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path as FilePath

from lark import Lark
from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from trellis.expressions.build import LimitExceededError, build_tree
from trellis.expressions.functions import MULTI_WORD_NAMES
from trellis.expressions.limits import MAX_TEXT
from trellis.expressions.nodes import Node
from trellis.expressions.problems import ExpressionProblem, ExpressionSyntaxError

_GRAMMAR = (FilePath(__file__).parent / "grammar.lark").read_text("utf-8")
_TYPE_NAMES = ("date and time", "days and time duration", "years and months duration",
               "day time duration", "year month duration")  # fmt: skip
_SYNTAX_WORDS = re.compile(r"[^\W\d][\w ]*")


def parse(text: str, *, unary: bool = False, names: frozenset[str] = frozenset()) -> Node:
    """Return the tree of `text`; `names` are names of several words that the scope declares.

    Raises ExpressionSyntaxError with the place and what was expected there.
    """
    if len(text) > MAX_TEXT:
        raise _error(text, 0, len(text), "FEEL002",
                     f"the expression is longer than {MAX_TEXT} characters")  # fmt: skip
    parser = _parser(frozenset(name for name in names if " " in name))
    try:
        tree = build_tree(parser.parse(text, start="unary_tests" if unary else "expression"))
    except UnexpectedToken as error:
        raise _unexpected(text, error) from None
    except UnexpectedCharacters as error:
        raise _bad_character(text, error) from None
    except UnexpectedInput as error:
        raise _error(text, len(text), len(text), "FEEL001", str(error).splitlines()[0]) from None
    except LarkError:
        raise _error(text, 0, len(text), "FEEL001", "this is not an expression") from None
    except LimitExceededError as error:
        raise _error(text, error.start, error.end, error.code, str(error)) from None
    if not isinstance(tree, Node):
        raise TypeError(f"the grammar built {tree!r}")
    return tree


@lru_cache(maxsize=64)
def _parser(names: frozenset[str]) -> Lark:
    words = sorted({*MULTI_WORD_NAMES, *_TYPE_NAMES, *names}, key=len, reverse=True)
    return Lark(
        _GRAMMAR.replace("MULTI_PLACEHOLDER", "|".join(_name_pattern(word) for word in words)),
        parser="lalr",
        lexer="contextual",
        start=["expression", "unary_tests"],
        propagate_positions=True,
        maybe_placeholders=False,
    )


def _name_pattern(name: str) -> str:
    return r"\s+".join(re.escape(word) for word in name.split()) + r"\b"


def _unexpected(text: str, error: UnexpectedToken) -> ExpressionSyntaxError:
    if error.token.type == "$END":
        return _error(text, len(text), len(text), "FEEL001", "the expression stops too early",
                      _expected(error.expected))  # fmt: skip
    start = error.token.start_pos or 0
    word = str(error.token)
    message = f"`{word[:40]}` does not fit here"
    return _error(text, start, start + len(word), "FEEL001", message, _hint(word, error.expected))


def _hint(word: str, expected: Iterable[str]) -> str | None:
    if word == "==":
        return "FEEL compares with a single `=`"
    return _expected(expected)


def _bad_character(text: str, error: UnexpectedCharacters) -> ExpressionSyntaxError:
    start = error.pos_in_stream or 0
    character = text[start : start + 1]
    helps = {"'": "texts stand in double quotes", "&": "write `and`", "|": "write `or`",
             "!": "write `not(…)`", '"': "the text is not closed with a double quote"}  # fmt: skip
    return _error(text, start, start + 1, "FEEL001", f"`{character}` does not fit here",
                  helps.get(character))  # fmt: skip


_PLAIN = {"RPAR": ")", "LPAR": "(", "RSQB": "]", "LSQB": "[", "RBRACE": "}", "COMMA": ",",
          "THEN": "then", "ELSE": "else", "RETURN": "return", "SATISFIES": "satisfies",
          "IN": "in", "AND": "and", "__ANON_0": ".."}  # fmt: skip


def _expected(expected: Iterable[str]) -> str | None:
    words = sorted({_PLAIN[name] for name in expected if name in _PLAIN})
    if "NUMBER" in expected and "STRING" in expected:
        return "a value is expected here"
    return "expected " + " or ".join(f"`{word}`" for word in words) if 0 < len(words) <= 4 else None


def _error(
    text: str, start: int, end: int, code: str, message: str, help: str | None = None
) -> ExpressionSyntaxError:
    return ExpressionSyntaxError(text, (ExpressionProblem(start, end, code, message, help),))
