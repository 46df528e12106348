"""Text → tokens. What makes FEEL hard to read is settled here: names of several words, keys and
parameters before a colon, iterators before `in`, and brackets that open or close a range."""

from __future__ import annotations

import re
from typing import Any

from lark import Token
from lark.lexer import Lexer
from trellis.expressions.foreign import strange_problem
from trellis.expressions.known_names import KnownNames, is_simple, normal
from trellis.expressions.limits import MAX_TOKENS
from trellis.expressions.problems import (
    LIMIT,
    ExpressionProblem,
    ExpressionSyntaxError,
)

_KEYWORDS = {
    "if": "IF", "then": "THEN", "else": "ELSE", "for": "FOR", "in": "IN", "return": "RETURN",
    "some": "SOME", "every": "EVERY", "satisfies": "SATISFIES", "and": "AND", "or": "OR",
    "between": "BETWEEN", "function": "FUNCTION", "external": "EXTERNAL",
    "true": "TRUE", "false": "FALSE", "null": "NULL",
}  # fmt: skip
_MARKS = {
    "**": "POWER", "<=": "LE", ">=": "GE", "!=": "NE", "..": "DOTDOT", "->": "ARROW", "==": "SAME",
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "=": "EQ", "<": "LT", ">": "GT",
    ",": "COMMA", ":": "COLON", ".": "DOT", "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB",
    "{": "LBRACE", "}": "RBRACE",
}  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<word>[^\W\d]\w*|[\U00010000-\U000EFFFF][\w\U00010000-\U000EFFFF]*|\?)
      | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<at>@"(?:[^"\\]|\\.)*")
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<mark>\*\*|<=|>=|!=|==|\.\.|->|[-+*/=<>,:.()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
#: A name of any characters that names may have, where what follows makes clear that it is one.
_LONG_NAME = r"[^\W\d]\w*(?:[\s\-+*/.']+\w+){0,20}"
_KEY = re.compile(_LONG_NAME + r"(?=\s*:)")
_ITERATOR = re.compile(r"[^\W\d]\w*(?:[\s\-+*/.']+\w+){0,20}?(?=\s+in\b)")
_FORMAL = re.compile(_LONG_NAME + r"(?=\s*[,):])")
_INSTANCE_OF = re.compile(r"instance\s+of\b")
_ENDS_OPERAND = frozenset(
    ("NAME", "NUMBER", "STRING", "AT", "TRUE", "FALSE", "NULL", "RPAR", "RSQB", "RBRACE",
     "OPEN_END")
)  # fmt: skip
#: What may follow a `[` that ends a range, and can never begin a filter.
_AFTER_RANGE = re.compile(
    r"\s*(?:\Z|[)\],}=!<>+*/.\[]|(?:and|or|then|else|return|satisfies|in|instance|between)\b)"
)


def _token(kind: str, value: str, start: int, end: int) -> Token:
    """Return a token without what Lark's own way of making one takes time for."""
    made = str.__new__(Token, value)
    made.type, made.value, made.start_pos, made.end_pos = kind, value, start, end
    return made


class TokenList(Lexer):
    """Hands Lark the tokens that `tokenize` made."""

    def __init__(self, _conf: Any) -> None:
        pass

    def lex(self, data: Any, _parser_state: Any = None) -> Any:
        """Return the tokens one by one."""
        return iter(data)


class _Scanner:
    """One walk over one text."""

    def __init__(self, text: str, names: KnownNames, *, unary: bool) -> None:
        self.text = text
        self.names = names
        self.own_names = False
        self.unary = unary
        self.tokens: list[Token] = []
        self.previous = ""
        #: Open brackets; `for` stands for the iterators of a loop, `f(` for formal parameters.
        self.open: list[str] = []
        #: For each open bracket whether `..` was seen directly in it.
        self.ranged: list[bool] = []

    def run(self) -> list[Token]:
        text, position, end, match = self.text, 0, len(self.text), _TOKEN.match
        while position < end:
            found = match(text, position)
            if found is None:
                raise self._strange(position)
            kind = found.lastgroup
            if kind == "blank":
                position = found.end()
            elif kind == "word":
                position = self._word(found[0], position)
            elif kind == "mark":
                self._mark(found[0], position)
                position = found.end()
            else:
                self._put((kind or "").upper(), found[0], position, found.end())
                position = found.end()
            if len(self.tokens) > MAX_TOKENS:
                raise _error(
                    text, position, end, LIMIT, f"the expression has more than {MAX_TOKENS} words"
                )
        return self.tokens

    def _put(self, kind: str, value: str, start: int, end: int) -> None:
        self.tokens.append(_token(kind, value, start, end))
        self.previous = kind

    def _word(self, word: str, start: int) -> int:
        long = self._long_name(start)
        if long is not None:
            return long
        known = self.names.match(self.text, start, word)
        if known is not None:
            self._put("NAME", known[0], start, known[1])
            return known[1]
        end = start + len(word)
        if self.previous == "DOT":
            self._put("NAME", word, start, end)
            return end
        kind = _KEYWORDS.get(word)
        if kind is not None:
            self._keyword(kind, word, start, end)
            return end
        return self._plain(word, start, end)

    def _plain(self, word: str, start: int, end: int) -> int:
        if word == "instance":
            found = _INSTANCE_OF.match(self.text, start)
            if found is not None:
                self._put("INSTANCE_OF", found[0], start, found.end())
                return found.end()
        if word == "not" and self.unary and not self.tokens and _negates_all(self.text, end):
            self._put("NOT", word, start, end)
            return end
        self._put("NAME", word, start, end)
        return end

    def _keyword(self, kind: str, word: str, start: int, end: int) -> None:
        if kind in ("FOR", "SOME", "EVERY"):
            self._enter("for")
        elif kind in ("RETURN", "SATISFIES") and self.open and self.open[-1] == "for":
            self._leave()
        self._put(kind, word, start, end)

    def _long_name(self, start: int) -> int | None:
        """Read a key, a parameter or an iterator here, where one may stand; return its end."""
        kind, pattern = self._expected_name()
        if pattern is None:
            return None
        found = pattern.match(self.text, start)
        if found is None:
            return None
        name = normal(found[0])
        if not is_simple(name):
            if kind == "NAME" and name.split()[0] in _KEYWORDS:
                return None
            self._declare(name)
        elif kind == "NAME":
            return None
        self._put(kind, name, start, found.end())
        return found.end()

    def _expected_name(self) -> tuple[str, re.Pattern[str] | None]:
        previous = self.previous
        if previous in ("FOR", "SOME", "EVERY"):
            return "NAME", _ITERATOR
        if previous not in ("COMMA", "LPAR", "LBRACE") or not self.open:
            return "", None
        top = self.open[-1]
        if top == "{":
            return "KEY", _KEY
        if top == "(":
            return "PARAM", _KEY
        if top == "f(":
            return "NAME", _FORMAL
        return ("NAME", _ITERATOR) if top == "for" else ("", None)

    def _declare(self, name: str) -> None:
        if not self.own_names:
            self.names, self.own_names = self.names.copy(), True
        self.names.add(name)

    def _mark(self, mark: str, start: int) -> None:
        kind = _MARKS[mark]
        if mark == "[" and self._closes_range(start):
            kind = "OPEN_END"
            self._leave()
        elif mark == "]" and self._opens_range():
            kind = "OPEN_START"
            self._enter("[")
        elif mark in "([{":
            self._enter("f(" if mark == "(" and self.previous == "FUNCTION" else mark)
        elif mark in ")]}":
            while self.open and self.open[-1] == "for":
                self._leave()
            self._leave()
        elif mark == ".." and self.ranged:
            self.ranged[-1] = True
        self._put(kind, mark, start, start + len(mark))

    def _opens_range(self) -> bool:
        return self.previous not in _ENDS_OPERAND and self.previous not in ("LSQB", "DOTDOT")

    def _closes_range(self, start: int) -> bool:
        return (
            bool(self.ranged)
            and self.ranged[-1]
            and self.previous in _ENDS_OPERAND
            and _AFTER_RANGE.match(self.text, start + 1) is not None
        )

    def _enter(self, bracket: str) -> None:
        self.open.append(bracket)
        self.ranged.append(False)

    def _leave(self) -> None:
        if self.open:
            self.open.pop()
            self.ranged.pop()

    def _strange(self, position: int) -> ExpressionSyntaxError:
        problem = strange_problem(self.text, position, in_brackets="(" in self.open)
        return ExpressionSyntaxError(self.text, (problem,))


def tokenize(text: str, names: KnownNames, *, unary: bool = False) -> list[Token]:
    """Return the tokens of `text`; `names` are the declared names that are not one word.

    Raises ExpressionSyntaxError at a character that FEEL does not know.
    """
    return _Scanner(text, names, unary=unary).run()


def _negates_all(text: str, start: int) -> bool:
    """Tell whether the bracket after `not` closes at the very end, so that it negates the cell."""
    depth = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[()]|\S', text[start:]):
        mark = found[0]
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
            if depth == 0:
                return not text[start + found.end() :].strip()
        elif depth == 0:
            return False
    return False


def _error(text: str, start: int, end: int, code: str, message: str) -> ExpressionSyntaxError:
    return ExpressionSyntaxError(text, (ExpressionProblem(start, end, code, message),))
