"""A mistake in a definition: where it is, what it is, and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Location:
    """A place in a file; lines and columns count from 1, 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake, worded for the person who can mend it.

    `message` says what is wrong and stands alone; `help` is a change the author can make.
    """

    location: Location
    code: str
    message: str
    help: str | None = None
    severity: str = field(default="error", compare=False)

    def __str__(self) -> str:
        text = f"{self.location}: {self.severity}[{self.code}]: {self.message}"
        return text if self.help is None else f"{text}\n  help: {self.help}"


class ProblemsFoundError(ValueError):
    """Raised when a stage found mistakes; the next stage never sees its data."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def suggest(wrong: str, known: Iterable[str]) -> str | None:
    """Return a did-you-mean for `wrong`, or the known names when they are few."""
    names = sorted(set(known))
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    if 0 < len(names) <= 12:
        return "known are " + ", ".join(f"`{name}`" for name in names)
    return None
