"""What the names of an expression mean; settled once, for every target."""

from __future__ import annotations

from dataclasses import dataclass, field

from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.functions.table import Builtin, Form
from trellis.expressions.problems import ExpressionProblem


@dataclass(frozen=True, eq=False)
class Variable:
    """A name that the expression binds itself.

    `owner` is what binds it: an iteration, a filter (`item`), a loop (`partial`), an entry or a
    parameter.
    """

    name: str
    owner: n.Node


@dataclass(frozen=True, eq=False)
class ItemProperty:
    """A bare name inside a filter that is a property of the item.

    `otherwise` is set where the item's type is not known: what the name means when the item has no
    such entry.
    """

    name: str
    owner: n.Filter
    otherwise: Binding | None = None


@dataclass(frozen=True, eq=False)
class SubjectField:
    """A bare name that is a property of the record at hand."""

    name: str


@dataclass(frozen=True, eq=False)
class Root:
    """A name of the context; `builtin` is what it means when the context lacks it."""

    name: str
    builtin: Builtin | None = None


@dataclass(frozen=True, eq=False)
class BuiltinName:
    """The name of a built-in function."""

    builtin: Builtin


Binding = Variable | ItemProperty | SubjectField | Root | BuiltinName


@dataclass
class Typed:
    """A tree with the types of its nodes, the meanings of its names and the forms of its calls."""

    tree: n.Node
    scope: t.Scope | None
    types: dict[n.Node, t.Type] = field(default_factory=dict)
    bindings: dict[n.Name, Binding] = field(default_factory=dict)
    forms: dict[n.Call, Form] = field(default_factory=dict)
    written: dict[n.Node, t.Type] = field(default_factory=dict)
    problems: list[ExpressionProblem] = field(default_factory=list)
    #: Whether something is made again and again; found when it is first asked for.
    repeats: bool | None = None

    @property
    def type(self) -> t.Type:
        """Return the type of the whole."""
        return self.types[self.tree]

    @property
    def subject_name(self) -> str:
        """Return the key of a context that holds the record at hand."""
        return "record" if self.scope is None else self.scope.subject_name

    def stands_alone(self, test: n.Node) -> bool:
        """Tell whether a test of a cell is a condition itself, not something to compare with."""
        if any(isinstance(part, n.Name) and part.name == "?" for part in n.walk(test)):
            return True
        of = t.ANY if self.scope is None else self.scope.names.get("?", t.ANY)
        return self.types[test].name == "boolean" and of.name not in ("boolean", "any")
