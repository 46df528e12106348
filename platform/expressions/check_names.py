"""What the names and properties of an expression mean, and which there are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trellis.expressions import nodes as n
from trellis.expressions import problems as p
from trellis.expressions import types as t
from trellis.expressions.bindings import (
    Binding,
    BuiltinName,
    ItemProperty,
    Root,
    SubjectField,
    Typed,
    Variable,
)
from trellis.expressions.functions import BUILTINS
from trellis.expressions.hints import LIKE_VALUES, name_hint, property_hint
from trellis.expressions.problems import ExpressionProblem
from trellis.expressions.properties import PROPERTIES, property_names
from trellis.expressions.type_rules import show
from trellis.problems import suggest


@dataclass
class NameChecker:
    """Finds what names mean. `frames` are the names bound on the way and the items of filters."""

    typed: Typed
    scope: t.Scope | None
    open_names: bool = False
    types: Mapping[str, t.Type] = field(default_factory=lambda: t.NO_TYPES)
    frames: list[dict[str, tuple[n.Node, t.Type]] | n.Filter] = field(default_factory=list)
    items: dict[n.Filter, t.Type] = field(default_factory=dict)

    def type_of(self, node: n.Node) -> t.Type:
        """Return the type of a node, noting the problems below it."""
        raise NotImplementedError

    def report(self, node: n.Node, code: str, message: str, hint: str | None = None) -> None:
        """Note a problem at a node."""
        if self.scope is not None:
            self.typed.problems.append(ExpressionProblem(node.start, node.end, code, message, hint))

    def refuse(self, node: n.Node, message: str) -> None:
        """Note a limit that holds without a scope too."""
        self.typed.problems.append(ExpressionProblem(node.start, node.end, p.LIMIT, message))

    # Names
    def name(self, node: n.Name) -> t.Type:
        """Return the type of a name that stands for a value."""
        binding, of = self.lookup(node.name, len(self.frames))
        if binding is None:
            self._unknown(node)
            binding, of = Root(node.name), t.ANY
        self.typed.bindings[node] = binding
        return of

    def lookup(self, name: str, depth: int) -> tuple[Binding | None, t.Type]:
        """Return what a name means at a depth of frames, and its type."""
        for position in range(depth - 1, -1, -1):
            frame = self.frames[position]
            if isinstance(frame, dict):
                if name in frame:
                    owner, of = frame[name]
                    return Variable(name, owner), of
                continue
            found = self._of_item(name, frame, position)
            if found is not None:
                return found
        return self._global(name)

    def _of_item(
        self, name: str, owner: n.Filter, position: int
    ) -> tuple[Binding | None, t.Type] | None:
        """Return a name as a property of a filter's item, or as the item itself."""
        item = self.items[owner]
        of = _property(item, name)
        if of is not None and not t.is_unknown(item):
            return ItemProperty(name, owner), of
        unsure = t.is_unknown(item) or (isinstance(item, t.ContextType) and item.open)
        if name == "item":
            plain = Variable("item", owner)
            return (ItemProperty(name, owner, plain), t.ANY) if unsure else (plain, item)
        if not unsure:
            return None
        outer, _ = self.lookup(name, position)
        return ItemProperty(name, owner, outer or Root(name)), t.ANY

    def _global(self, name: str) -> tuple[Binding | None, t.Type]:
        scope = self.scope
        if scope is None:
            return Root(name, BUILTINS.get(name)), t.ANY
        if name in scope.names:
            return Root(name), scope.names[name]
        of = None if scope.subject is None else scope.subject.property(name)
        if of is not None:
            return SubjectField(name), of
        builtin = BUILTINS.get(name)
        if self.open_names:
            return Root(name, builtin), t.ANY
        if builtin is not None:
            return BuiltinName(builtin), t.FunctionType()
        return None, t.ANY

    def _unknown(self, node: n.Name) -> None:
        if node.name == "?":
            self.report(node, p.UNKNOWN_NAME, "`?` has a meaning in table cells only",
                        "write the name of the value")  # fmt: skip
            return
        known = set(self.scope.names) if self.scope is not None else set()
        if self.scope is not None and self.scope.subject is not None:
            known |= set(self.scope.subject.names())
        for frame in self.frames:
            known |= set(frame if isinstance(frame, dict) else _names(self.items[frame]))
        inner = [name for frame in self.frames if isinstance(frame, dict) for name in frame
                 if name != "partial"]  # fmt: skip
        near = suggest(node.name, known) if len(known) > 12 or not inner else None
        hint = near if near is not None and node.name.lower() not in LIKE_VALUES else None
        self.report(node, p.UNKNOWN_NAME, f"there is no `{node.name}` here",
                    hint or name_hint(node.name, inner))  # fmt: skip

    def path(self, node: n.Path) -> t.Type:
        """Return the type of a property."""
        base = self.type_of(node.base)
        return self._property_type(node, base)

    def _is_size(self, node: n.Path, base: t.ListType) -> bool:
        """Tell whether `list.length` asks how long the list is, and report it."""
        hint = property_hint("list", node.name)
        if hint is None or t.is_unknown(base.of) or _property(base.of, node.name) is not None:
            return False
        spot = n.Node(node.end - len(node.name), node.end)
        self.report(spot, p.UNKNOWN_PROPERTY, f"{show(base)} has no `{node.name}`", hint)
        return True

    def _property_type(self, node: n.Path, base: t.Type) -> t.Type:
        if t.is_unknown(base):
            return t.ANY
        if isinstance(base, t.ListType):
            if self._is_size(node, base):
                return t.ANY
            inner = self._property_type(node, base.of)
            # A list of lists gives a list of lists; FEEL does not flatten.
            return t.ListType(of=inner)
        found = _property(base, node.name)
        if found is not None:
            return found
        spot = n.Node(node.end - len(node.name), node.end)
        self.report(spot, p.UNKNOWN_PROPERTY, f"{show(base)} has no `{node.name}`",
                    property_hint(base.name, node.name)
                    or suggest(node.name, _names(base)))  # fmt: skip
        return t.ANY


def _property(of: t.Type, name: str) -> t.Type | None:
    """Return the type of a property, None when there is none or nothing is known."""
    if isinstance(of, t.RecordType):
        return of.shape.property(name)
    if isinstance(of, t.ContextType):
        return of.entries.get(name, t.ANY if of.open else None)
    if isinstance(of, t.RangeType) and name in ("start", "end"):
        return of.of
    found = PROPERTIES.get((of.name, name))
    return None if found is None else found[0]


def _names(of: t.Type) -> list[str]:
    if isinstance(of, t.RecordType):
        return list(of.shape.names())
    if isinstance(of, t.ContextType):
        return list(of.entries)
    return property_names(of.name)
