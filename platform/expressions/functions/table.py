"""The shape of a built-in function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trellis.expressions.types import ANY, Type


@dataclass(frozen=True)
class Builtin:
    """A function of the language.

    `parameters` are names in order; `required` counts those that must be given; a `variadic`
    function takes any number of values or one list. `contextual` functions get the evaluation's
    context first.
    """

    name: str
    parameters: tuple[str, ...]
    body: Callable[..., Any]
    result: Type = ANY
    required: int = -1
    variadic: bool = False
    contextual: bool = False
    takes: tuple[Type, ...] = ()
    doc: str = ""

    @property
    def least(self) -> int:
        """Return how many arguments must be given."""
        return len(self.parameters) if self.required < 0 else self.required
