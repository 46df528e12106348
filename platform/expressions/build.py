"""The nodes that the parser's reductions make; called while parsing, so depth never recurses."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from lark import Token, Transformer
from trellis.expressions import nodes as n
from trellis.expressions.limits import MAX_EXPONENT, MAX_NUMBER_TEXT
from trellis.expressions.problems import LIMIT, SYNTAX
from trellis.expressions.temporal import parse_temporal

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'"}


class RefusedError(ValueError):
    """A part of the text parses but may not stand there."""

    def __init__(self, part: Token | n.Node, code: str, message: str, hint: str | None) -> None:
        self.start, self.end = _start(part), _end(part)
        self.code, self.hint = code, hint
        super().__init__(message)


def unquote(text: str) -> str:
    """Return the characters of a quoted text; a surrogate pair becomes one character.

    An escape that FEEL does not know stays as it is written, so that `"\\d"` is a pattern.
    """
    body = text[1:-1]
    if "\\" not in body:
        return body
    plain = _ESCAPE.sub(_unescape, body)
    if any("\ud800" <= character <= "\udfff" for character in plain):
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def _unescape(found: re.Match[str]) -> str:
    body = found[1]
    if len(body) > 1:
        return chr(min(int(body[1:], 16), 0x10FFFF))
    return _SIMPLE.get(body, "\\" + body)


def _joined(operator: str) -> Callable[[Any, list[Any]], n.Node]:
    def made(_self: Any, parts: list[Any]) -> n.Node:
        operands = tuple(parts[0::2])
        return n.Logic(operands[0].start, operands[-1].end, operator, operands)

    return made


def _constant(value: object) -> Callable[[Any, list[Token]], n.Node]:
    def made(_self: Any, parts: list[Token]) -> n.Node:
        return n.Literal(*_span(parts[0]), value)

    return made


def _span(token: Token) -> tuple[int, int]:
    return token.start_pos or 0, token.end_pos or 0


def _start(part: Token | n.Node) -> int:
    return (part.start_pos or 0) if isinstance(part, Token) else part.start


def _end(part: Token | n.Node) -> int:
    return (part.end_pos or 0) if isinstance(part, Token) else part.end


def _nodes(parts: list[Any]) -> tuple[Any, ...]:
    return tuple(part for part in parts if not isinstance(part, Token))


class TreeBuilder(Transformer[Token, Any]):
    """Builds nodes bottom-up; one instance serves every parse, for it keeps no state."""

    true = _constant(True)
    false = _constant(False)
    null = _constant(None)
    or_ = _joined("or")
    and_ = _joined("and")

    def expression(self, parts: list[Any]) -> n.Node:
        return parts[0]  # type: ignore[no-any-return]

    # Unary tests
    def any_test(self, parts: list[Any]) -> n.Node:
        return n.UnaryTests(*_span(parts[0]), (), False)

    def tests(self, parts: list[Any]) -> n.Node:
        return n.UnaryTests(parts[0].start, parts[-1].end, tuple(parts), False)

    def not_tests(self, parts: list[Any]) -> n.Node:
        return n.UnaryTests(_start(parts[0]), parts[-1].end, tuple(parts[1:]), True)

    def comparator(self, parts: list[Token]) -> Token:
        if parts[0].type == "SAME":
            raise RefusedError(parts[0], SYNTAX, "`==` is no operator", "write `=`")
        return parts[0]

    def test(self, parts: list[Any]) -> n.Node:
        return n.Test(_start(parts[0]), parts[1].end, str(parts[0]), parts[1])

    def group_test(self, parts: list[Any]) -> n.Node:
        return self.test(parts[1:])

    # Operators
    def compare(self, parts: list[Any]) -> n.Node:
        left, operator, right = parts
        return n.Compare(left.start, right.end, str(operator), left, right)

    def arithmetic(self, parts: list[Any]) -> n.Node:
        left, operator, right = parts
        return n.Arithmetic(left.start, right.end, str(operator), left, right)

    def negate(self, parts: list[Any]) -> n.Node:
        return n.Negate(_start(parts[0]), parts[1].end, parts[1])

    def between(self, parts: list[Any]) -> n.Node:
        value, _, low, _, high = parts
        return n.Between(value.start, high.end, value, low, high)

    def in_value(self, parts: list[Any]) -> n.Node:
        return n.In(parts[0].start, parts[2].end, parts[0], (parts[2],))

    def in_test(self, parts: list[Any]) -> n.Node:
        return n.In(parts[0].start, parts[3].end, parts[0], (self.test(parts[2:]),))

    def in_group(self, parts: list[Any]) -> n.Node:
        return n.In(parts[0].start, _end(parts[-1]), parts[0], tuple(parts[2:-1]))

    def instance_of(self, parts: list[Any]) -> n.Node:
        return n.InstanceOf(parts[0].start, parts[2].end, parts[0], parts[2])

    # Access and calls
    def path(self, parts: list[Any]) -> n.Node:
        return n.Path(parts[0].start, _end(parts[2]), parts[0], str(parts[2]))

    def filter(self, parts: list[Any]) -> n.Node:
        return n.Filter(parts[0].start, _end(parts[2]), parts[0], parts[1])

    def call(self, parts: list[Any]) -> n.Node:
        return n.Call(parts[0].start, _end(parts[-1]), parts[0], tuple(parts[1:-1]), ())

    def call_named(self, parts: list[Any]) -> n.Node:
        function, *pairs, closing = parts
        # Tokens are texts that know their place, which problems tell.
        names = tuple(name for name, _ in pairs)
        values = tuple(value for _, value in pairs)
        return n.Call(function.start, _end(closing), function, values, names)

    def named(self, parts: list[Any]) -> tuple[Token, n.Node]:
        return parts[0], parts[1]

    # Values
    def number(self, parts: list[Token]) -> n.Node:
        if len(parts[0]) > MAX_NUMBER_TEXT:
            message = f"the number has more than {MAX_NUMBER_TEXT} digits"
            raise RefusedError(parts[0], LIMIT, message, None)
        value = _decimal(str(parts[0]))
        if value is None or (value and not -MAX_EXPONENT < value.adjusted() <= MAX_EXPONENT):
            message = f"numbers lie between 1e-{MAX_EXPONENT - 1} and 1e{MAX_EXPONENT}"
            raise RefusedError(parts[0], LIMIT, message, None)
        return n.Literal(*_span(parts[0]), value)

    def string(self, parts: list[Token]) -> n.Node:
        return n.Literal(*_span(parts[0]), unquote(str(parts[0])))

    def at(self, parts: list[Token]) -> n.Node:
        text = unquote(str(parts[0])[1:])
        return n.AtLiteral(*_span(parts[0]), parse_temporal(text), text)

    def name(self, parts: list[Token]) -> n.Node:
        return n.Name(*_span(parts[0]), str(parts[0]))

    def group(self, parts: list[Any]) -> n.Node:
        return parts[1]  # type: ignore[no-any-return]

    def list_(self, parts: list[Any]) -> n.Node:
        return n.ListNode(_start(parts[0]), _end(parts[-1]), tuple(parts[1:-1]))

    def range(self, parts: list[Any]) -> n.Node:
        opening, low, _, high, closing = parts
        return n.RangeNode(
            _start(opening), _end(closing), low, high, opening == "[", closing == "]"
        )

    def closing(self, parts: list[Token]) -> Token:
        return parts[0]

    def context(self, parts: list[Any]) -> n.Node:
        return n.ContextNode(_start(parts[0]), _end(parts[-1]), tuple(parts[1:-1]))

    def entry(self, parts: list[Any]) -> n.Node:
        token, value = parts
        key = unquote(str(token)) if token.type == "STRING" else str(token)
        return n.Entry(_start(token), value.end, key, value)

    # What stands open at its right end
    def if_(self, parts: list[Any]) -> n.Node:
        return n.If(_start(parts[0]), parts[5].end, parts[1], parts[3], parts[5])

    def iteration(self, parts: list[Any]) -> n.Node:
        last = parts[4] if len(parts) > 3 else None
        return n.Iteration(_start(parts[0]), parts[-1].end, str(parts[0]), parts[2], last)

    def for_(self, parts: list[Any]) -> n.Node:
        *iterations, body = _nodes(parts)
        return n.For(_start(parts[0]), body.end, tuple(iterations), body)

    def quantified(self, parts: list[Any]) -> n.Node:
        *iterations, body = _nodes(parts)
        return n.Quantified(_start(parts[0]), body.end, str(parts[0]), tuple(iterations), body)

    def function(self, parts: list[Any]) -> n.Node:
        for part in parts:
            if isinstance(part, Token) and part.type == "EXTERNAL":
                raise RefusedError(
                    part,
                    SYNTAX,
                    "external functions are not supported",
                    "write what the function does, as an expression",
                )
        *formals, body = _nodes(parts)
        return n.FunctionNode(_start(parts[0]), body.end, tuple(formals), body)

    def formal(self, parts: list[Any]) -> n.Node:
        of = parts[1] if len(parts) > 1 else None
        return n.Parameter(_start(parts[0]), _end(parts[-1]), str(parts[0]), of)

    # Types
    def type(self, parts: list[Any]) -> n.TypeNode:
        return parts[0]  # type: ignore[no-any-return]

    def type_name(self, parts: list[Token]) -> n.TypeNode:
        name = "".join(str(part) for part in parts)
        return n.TypeNode(_start(parts[0]), _end(parts[-1]), name, (), (), None)

    def generic(self, parts: list[Any]) -> n.TypeNode:
        name, *arguments, closing = parts
        return n.TypeNode(name.start, _end(closing), name.name, tuple(arguments), (), None)

    def field(self, parts: list[Any]) -> tuple[str, n.TypeNode]:
        return str(parts[0]), parts[1]

    def context_type(self, parts: list[Any]) -> n.TypeNode:
        name, *fields, closing = parts
        keys = tuple(key for key, _ in fields)
        types = tuple(of for _, of in fields)
        return n.TypeNode(name.start, _end(closing), name.name, types, keys, None)

    def function_type(self, parts: list[Any]) -> n.TypeNode:
        *arguments, result = _nodes(parts)
        return n.TypeNode(_start(parts[0]), result.end, "function", tuple(arguments), (), result)


def _decimal(text: str) -> Decimal | None:
    """Return a number as written, None where its exponent is beyond what decimals can hold."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
