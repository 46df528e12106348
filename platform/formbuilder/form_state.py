"""A form at one moment: what its inputs hold, which conditions hold, what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trellis.formbuilder.widgets.common import FormValue


@dataclass(frozen=True)
class FieldState:
    """What holds for a field at this moment."""

    required: bool = False
    readonly: bool = False
    visible: bool = True


@dataclass(frozen=True)
class FormState:
    """A form at one moment: what its inputs hold, its conditions, its mistakes.

    `errors` are keyed by the name of the input: a field's key, or `lines.0.amount`.
    `hidden_sections` holds the places of sections whose condition does not hold.
    """

    values: Mapping[str, FormValue] = field(default_factory=dict)
    states: Mapping[str, FieldState] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    hidden_sections: frozenset[int] = frozenset()


Piece = Callable[[FormState], str]
