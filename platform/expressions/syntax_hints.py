"""What is wrong where the words of an expression do not fit, from the words around the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lark import Token
from trellis.expressions.foreign import foreign_problem
from trellis.expressions.problems import SYNTAX, ExpressionProblem, line_and_column

#: How the terminals of the grammar look to a reader.
_SHOWN = {
    "RPAR": "`)`", "LPAR": "`(`", "RSQB": "`]`", "RBRACE": "`}`", "COMMA": "`,`", "COLON": "`:`",
    "THEN": "`then`", "ELSE": "`else`", "RETURN": "`return`", "SATISFIES": "`satisfies`",
    "IN": "`in`", "AND": "`and`", "DOTDOT": "`..`", "GT": "`>`", "ARROW": "`->`",
    "$END": "the end", "KEY": "a key with `:`",
}  # fmt: skip
_VALUE = frozenset(("NUMBER", "STRING", "LSQB"))
_CLOSING = frozenset(
    ("RPAR", "RSQB", "RBRACE", "THEN", "ELSE", "RETURN", "SATISFIES", "DOTDOT", "COLON")
)
_PAIR = {"LPAR": "RPAR", "LSQB": "RSQB", "OPEN_START": "RSQB", "LBRACE": "RBRACE"}
_MARK = {"LPAR": "(", "LSQB": "[", "OPEN_START": "]", "LBRACE": "{", "RPAR": ")", "RSQB": "]",
         "RBRACE": "}"}  # fmt: skip
_CLOSERS = frozenset(("RPAR", "RSQB", "RBRACE", "OPEN_END"))
_OPERANDS = frozenset(("NAME", "NUMBER", "STRING", "AT", "TRUE", "FALSE", "NULL"))
_BEFORE_END = frozenset((*_OPERANDS, *_CLOSERS))
_BEHIND_VALUES = {
    "IF": "write `if … then … else …`, the condition first",
    "FOR": "write `for x in list return …`, what is made of each at the end",
}
_SMALL = frozenset(("and", "or", "not", "if", "then", "else", "in", "between", "for", "return",
                    "some", "every", "satisfies", "instance", "function"))  # fmt: skip


@dataclass(frozen=True)
class Misfit:
    """A text whose token at a position does not fit; beyond the last one is the end."""

    text: str
    tokens: Sequence[Token]
    at: int
    accepted: frozenset[str]

    @property
    def kind(self) -> str:
        """Return what the token is."""
        return self.tokens[self.at].type if self.at < len(self.tokens) else "$END"

    @property
    def word(self) -> str:
        """Return the token's text."""
        return str(self.tokens[self.at]) if self.at < len(self.tokens) else ""

    @property
    def start(self) -> int:
        """Return where the token begins."""
        return (self.tokens[self.at].start_pos or 0) if self.at < len(self.tokens) else len(
            self.text)  # fmt: skip

    @property
    def before(self) -> Token | None:
        """Return the token before it."""
        return self.tokens[self.at - 1] if self.at > 0 else None

    def open_bracket(self) -> int | None:
        """Return the position among the tokens of the innermost bracket that is open here."""
        found: list[int] = []
        for position, token in enumerate(self.tokens[: self.at]):
            if token.type in _PAIR:
                found.append(position)
            elif token.type in _CLOSERS and found:
                found.pop()
        return found[-1] if found else None


def syntax_problem(misfit: Misfit) -> ExpressionProblem:
    """Return what is wrong, with the place and how to mend it."""
    special = _small_letters(misfit) or _known(misfit) or _special(misfit)
    if special is not None:
        return special
    help_ = _help(misfit)
    if misfit.kind == "$END":
        is_empty = not misfit.text.strip()
        what = "the expression is empty" if is_empty else "the expression stops too early"
        end = len(misfit.text.rstrip())
        return ExpressionProblem(end, end, SYNTAX, what, help_)
    word = misfit.word
    shown = word if len(word) <= 40 else word[:40] + "…"
    return _at(misfit, f"`{shown}` does not fit here", help_)


def _at(misfit: Misfit, message: str, help_: str | None) -> ExpressionProblem:
    return ExpressionProblem(misfit.start, misfit.start + max(1, len(misfit.word)), SYNTAX, message,
                             help_)  # fmt: skip


def _small_letters(misfit: Misfit) -> ExpressionProblem | None:
    """Tell of a keyword in capitals, which is read as a name."""
    here = misfit.tokens[misfit.at] if misfit.at < len(misfit.tokens) else None
    for token in (here, misfit.before):
        if token is None or token.type != "NAME":
            continue
        small = str(token).lower()
        if small in _SMALL and small != str(token):
            start = token.start_pos or 0
            return ExpressionProblem(start, start + len(token), SYNTAX,
                                     f"`{token}` is no word of the language",
                                     f"write `{small}` in small letters")  # fmt: skip
    return None


def _known(misfit: Misfit) -> ExpressionProblem | None:
    """Tell of what other languages write, at this token or the one before it."""
    if misfit.kind == "$END":
        return None
    found = foreign_problem(misfit.text, misfit.start)
    before = misfit.before
    if found is None and before is not None and before.type == "NAME":
        found = foreign_problem(misfit.text, before.start_pos or 0)
    return found


def _special(misfit: Misfit) -> ExpressionProblem | None:
    """Tell of what is wrong as a whole rather than at one word."""
    kind, before = misfit.kind, misfit.before
    if kind == "EQ" and before is None:
        return _at(misfit, "an expression does not begin with `=`", "take the `=` out")
    if kind in _CLOSERS and misfit.open_bracket() is None:
        return _at(misfit, f"`{misfit.word}` closes nothing", "take it out, or open it before")
    if kind in ("AND", "OR") and "NAME" in misfit.accepted:
        return _at(misfit, f"`{misfit.word}` stands between two conditions",
                   f"write `a {misfit.word} b`")  # fmt: skip
    if kind == "DOTDOT" and misfit.open_bracket() is None:
        return _at(misfit, "a range stands in brackets", "write `[1..3]`")
    if misfit.word == "?" and before is not None:
        return _at(misfit, "there is no `? :`", "write `if … then … else …`")
    if kind == "COMMA" and _is_called_if(misfit):
        return _at(misfit, "`if` is no function", "write `if … then … else …`")
    return None


def _is_called_if(misfit: Misfit) -> bool:
    bracket = misfit.open_bracket()
    return bracket is not None and bracket > 0 and misfit.tokens[bracket - 1].type == "IF"


def _help(misfit: Misfit) -> str | None:
    return _beside(misfit) or _unclosed(misfit) or _wanted(misfit)


def _beside(misfit: Misfit) -> str | None:
    """Return how two values are mended that stand side by side."""
    before, kind = misfit.before, misfit.kind
    if before is None:
        return None
    if str(before) == "not" and kind not in _CLOSERS:
        is_alone = misfit.at + 1 == len(misfit.tokens)
        return f"write `not({misfit.word})`" if is_alone else "write `not(…)` around the condition"
    if before.type == "COMMA" and kind in _CLOSERS:
        return "take out the `,` before it, or write a value behind it"
    if before.type not in _BEFORE_END:
        return None
    known = _BEHIND_VALUES.get(kind)
    if known is not None:
        return known
    if kind == "COMMA" and any(token.type == "IN" for token in misfit.tokens[: misfit.at]):
        return "write several values in brackets: `in (a, b)`"
    is_beside = kind in _OPERANDS and "PLUS" in misfit.accepted
    return _operator_missing(misfit, before) if is_beside else None


def _operator_missing(misfit: Misfit, before: Token) -> str | None:
    bracket = misfit.open_bracket()
    if bracket is not None and misfit.tokens[bracket].type == "LBRACE":
        return None
    if bracket is not None:
        return "write `,` between values, or an operator"
    if misfit.kind == "NAME" and before.type == "NAME":
        return (f"write an operator between `{before}` and `{misfit.word}`; a name of several "
                "words must be declared")  # fmt: skip
    return "write an operator between the two values"


def _unclosed(misfit: Misfit) -> str | None:
    """Return how a bracket is mended that the text never closes."""
    bracket = misfit.open_bracket()
    if misfit.kind != "$END" or bracket is None or accepted_value(misfit.accepted):
        return None
    token = misfit.tokens[bracket]
    closing = _PAIR[token.type]
    if closing not in misfit.accepted:
        return None
    line, column = line_and_column(misfit.text, token.start_pos or 0)
    where = f"character {column}" + (f" of line {line}" if "\n" in misfit.text else "")
    return f"write `{_MARK[closing]}`; the `{token}` at {where} is not closed"


def accepted_value(accepted: frozenset[str]) -> bool:
    """Tell whether a value may stand here."""
    return accepted >= _VALUE


def _wanted(misfit: Misfit) -> str | None:
    accepted, before = misfit.accepted, misfit.before
    if accepted_value(accepted):
        if misfit.kind == "BETWEEN" or misfit.kind == "IN":
            return f"write what is tested before `{misfit.word}`"
        return "a value is expected here"
    if before is not None and before.type == "INSTANCE_OF":
        return "write a type, for example `number`, `string` or `list<number>`"
    if "KEY" in accepted and before is not None and before.type == "LBRACE":
        return "write `key: value`"
    for kind, say in (("THEN", "write `then` and a value"),
                      ("ELSE", "write `else` and a value, or `else null`"),
                      ("SATISFIES", "write `satisfies` and a condition"),
                      ("RETURN", "write `return` and what is made of each")):  # fmt: skip
        if kind in accepted:
            return say
    shown = sorted(_SHOWN[word] for word in accepted if word in _SHOWN)
    if len(shown) > 4:
        # Operators may always follow; what must follow is worth telling.
        shown = sorted(_SHOWN[word] for word in accepted & _CLOSING)
    return "expected " + " or ".join(shown) if shown else None
