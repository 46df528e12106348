"""What is wrong with an expression, by position in its text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class ExpressionProblem:
    """A mistake between two character positions (from 0) of an expression's text."""

    start: int
    end: int
    code: str
    message: str
    help: str | None = None


class ExpressionProblemsError(ValueError):
    """An expression cannot be compiled; `problems` says why and where."""

    def __init__(self, text: str, problems: tuple[ExpressionProblem, ...]) -> None:
        self.text = text
        self.problems = problems
        super().__init__("\n".join(caret(text, problem) for problem in problems))


class ExpressionSyntaxError(ExpressionProblemsError):
    """The text is not an expression at all."""


class StepLimitError(RuntimeError):
    """An evaluation passed its step limit; the caller reports it by name."""


def caret(text: str, problem: ExpressionProblem) -> str:
    """Return the message with the line of text and a caret below the place."""
    start = min(problem.start, len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : len(text) if line_end < 0 else line_end]
    column = start - line_start
    shift = max(0, column - 60)
    shown = line[shift : shift + 100]
    return f"{problem.message}\n  {shown}\n  {' ' * (column - shift)}^"
