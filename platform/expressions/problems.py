"""What is wrong with an expression, by position in its text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class ExpressionProblem:
    """A mistake between two character positions (counted from 0) of an expression's text."""

    start: int
    end: int
    code: str
    message: str
    help: str | None = None


class ExpressionProblemsError(ValueError):
    """An expression cannot be used; `problems` says why and where."""

    def __init__(self, text: str, problems: tuple[ExpressionProblem, ...]) -> None:
        self.text = text
        self.problems = problems
        super().__init__("\n".join(caret(text, problem) for problem in problems))


class ExpressionSyntaxError(ExpressionProblemsError):
    """The text is not an expression at all."""


class ExpressionLimitError(ExpressionProblemsError):
    """An evaluation passed a limit; the problem names it."""


class StepLimitError(RuntimeError):
    """An evaluation did more than it may."""


#: The name in the contract of the room.
ExpressionProblems = ExpressionProblemsError

SYNTAX = "FEEL001"
LIMIT = "FEEL002"
LITERAL = "FEEL003"
UNKNOWN_NAME = "FEEL010"
UNKNOWN_PROPERTY = "FEEL011"
UNKNOWN_FUNCTION = "FEEL012"
UNKNOWN_TYPE = "FEEL013"
ARITY = "FEEL020"
ARGUMENT = "FEEL021"
OPERAND = "FEEL022"
NEVER_EQUAL = "FEEL023"
UNKNOWN_OPTION = "FEEL024"
CONDITION = "FEEL025"
RESULT = "FEEL026"
NOT_SQL = "FEEL040"
STEPS = "FEEL050"


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Return the line and the column, both from 1, of a character position."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def caret(text: str, problem: ExpressionProblem) -> str:
    """Return the message with the line of text, a caret below the place, and the help."""
    start = min(problem.start, len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : len(text) if line_end < 0 else line_end]
    column = start - line_start
    shift = max(0, column - 60)
    shown = line[shift : shift + 100]
    width = max(1, min(problem.end - start, len(shown) - (column - shift)))
    lines = [problem.message, f"  {shown}", f"  {' ' * (column - shift)}{'^' * width}"]
    if problem.help is not None:
        lines.append(f"help: {problem.help}")
    return "\n".join(lines)
