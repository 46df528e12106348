"""What a DMN file says, as plain data: types, requirements and boxed expressions (DMN 1.5, 6–10).

Identity is the pair of a model's namespace and an element's id; hrefs are resolved to such pairs
when a file is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trellis.problems import Location, Problem

#: A model's namespace and an element's id.
Key = tuple[str, str]


@dataclass(frozen=True)
class Literal:
    """A FEEL text."""

    text: str
    location: Location
    type_name: str | None = None


@dataclass(frozen=True)
class Column:
    """A column of a decision table: an input with its expression, or an output with its name."""

    name: str
    location: Location
    expression: Literal | None = None
    type_name: str | None = None
    allowed: Literal | None = None
    default: Literal | None = None


@dataclass(frozen=True)
class TableRow:
    """A rule of a decision table."""

    id: str
    tests: tuple[Literal, ...]
    results: tuple[Literal, ...]


@dataclass(frozen=True)
class DecisionTable:
    """A decision table; `hit` is a policy of `decisions.HIT_POLICIES`."""

    hit: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    location: Location


@dataclass(frozen=True)
class Entry:
    """A named boxed expression: an entry of a context, a binding; no name is the result."""

    name: str | None
    value: Boxed
    type_name: str | None = None


@dataclass(frozen=True)
class BoxedContext:
    """Entries that see the ones before them."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Invocation:
    """A call of a function by named arguments."""

    function: Boxed
    bindings: tuple[Entry, ...]


@dataclass(frozen=True)
class Relation:
    """A list of contexts, written as a grid."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True)
class BoxedList:
    """A list."""

    items: tuple[Boxed, ...]


@dataclass(frozen=True)
class Parameter:
    """A formal parameter."""

    name: str
    type_name: str | None = None


@dataclass(frozen=True)
class FunctionDefinition:
    """A function with a boxed body."""

    parameters: tuple[Parameter, ...]
    body: Boxed
    type_name: str | None = None


@dataclass(frozen=True)
class Conditional:
    """`if` with boxed parts."""

    condition: Boxed
    then: Boxed
    otherwise: Boxed


@dataclass(frozen=True)
class Iterator:
    """`for`, `some` or `every` with boxed parts."""

    kind: str
    variable: str
    domain: Boxed
    body: Boxed


@dataclass(frozen=True)
class BoxedFilter:
    """A filter with boxed parts."""

    source: Boxed
    match: Boxed


@dataclass(frozen=True)
class NotExecuted:
    """Something that is kept and named, and whose value is null: a Java function, no logic."""

    what: str
    location: Location


Boxed = (
    Literal
    | DecisionTable
    | BoxedContext
    | Invocation
    | Relation
    | BoxedList
    | FunctionDefinition
    | Conditional
    | Iterator
    | BoxedFilter
    | NotExecuted
)


@dataclass(frozen=True)
class ItemDefinition:
    """A type: an alias, a structure, a function, each also as a collection, with constraints.

    `allowed` restricts the items, `constraint` the whole value.
    """

    name: str
    location: Location
    type_name: str | None = None
    collection: bool = False
    components: tuple[ItemDefinition, ...] = ()
    allowed: Literal | None = None
    constraint: Literal | None = None
    function: tuple[tuple[Parameter, ...], str | None] | None = None


@dataclass(frozen=True)
class InputData:
    """A value that comes from outside."""

    key: Key
    name: str
    location: Location
    type_name: str | None = None


@dataclass(frozen=True)
class Decision:
    """A decision with what it requires: data, other decisions, knowledge."""

    key: Key
    name: str
    location: Location
    logic: Boxed
    type_name: str | None = None
    requires: tuple[Key, ...] = ()


@dataclass(frozen=True)
class KnowledgeModel:
    """A business knowledge model: a named function."""

    key: Key
    name: str
    location: Location
    logic: Boxed
    type_name: str | None = None
    requires: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Service:
    """A decision service: decisions that are called as one function."""

    key: Key
    name: str
    location: Location
    outputs: tuple[Key, ...]
    encapsulated: tuple[Key, ...]
    input_decisions: tuple[Key, ...]
    input_data: tuple[Key, ...]
    type_name: str | None = None

    @property
    def parameters(self) -> tuple[Key, ...]:
        """Return what must be given, data first."""
        return (*self.input_data, *self.input_decisions)

    @property
    def requires(self) -> tuple[Key, ...]:
        """Return what its value is made of."""
        return self.outputs


Node = InputData | Decision | KnowledgeModel | Service


@dataclass(frozen=True)
class Import:
    """A model that another one uses under a name; the empty name makes its names plain ones."""

    name: str
    namespace: str
    location: Location


@dataclass(frozen=True)
class Model:
    """One file."""

    namespace: str
    name: str
    file: str
    imports: tuple[Import, ...]
    items: tuple[ItemDefinition, ...]
    nodes: Mapping[str, Node]
    #: What is in the file and is not run: annotations, Java functions, unknown languages.
    notes: tuple[Problem, ...] = field(default=())

    def named(self, name: str) -> Node | None:
        """Return a node by its name, or by its id; decisions before data of the same name."""
        found = [node for node in self.nodes.values() if node.name == name]
        found.sort(key=lambda node: _FIRST.index(type(node)))
        return found[0] if found else self.nodes.get(name)


_FIRST: list[type] = [Decision, Service, KnowledgeModel, InputData]
