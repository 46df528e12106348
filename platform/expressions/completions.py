"""What an editor offers while an expression is written: the names in scope, and the functions."""

from __future__ import annotations

from dataclasses import dataclass

from trellis.expressions.check_calls import signature
from trellis.expressions.functions import BUILTINS
from trellis.expressions.types import Scope, Type


@dataclass(frozen=True)
class NameInScope:
    """A name that an expression may use, and whether it is a property of the record at hand."""

    name: str
    type: Type
    is_property: bool


@dataclass(frozen=True)
class FunctionInScope:
    """A built-in function, each way to call it, and what it does."""

    name: str
    signatures: tuple[str, ...]
    doc: str
    family: str


def names_in(scope: Scope) -> tuple[NameInScope, ...]:
    """Return the names of a scope, the record's own properties first."""
    found = {}
    subject = scope.subject
    for name in () if subject is None else subject.names():
        of = None if subject is None else subject.property(name)
        # A name of the platform's hides a field of the same name (definitions.md 2).
        if of is not None and name not in scope.names:
            found[name] = NameInScope(name, of, is_property=True)
    for name, of in scope.names.items():
        found[name] = NameInScope(name, of, is_property=False)
    return tuple(found.values())


def functions_in_scope() -> tuple[FunctionInScope, ...]:
    """Return every built-in function."""
    return tuple(
        FunctionInScope(one.name, tuple(signature(one.name, form) for form in one.forms),
                        one.doc, one.family)
        for one in BUILTINS.values()
    )  # fmt: skip
