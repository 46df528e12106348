"""Which names of its context, and which properties behind them, an expression reads."""

from __future__ import annotations

from trellis.expressions import nodes as n
from trellis.expressions.bindings import (
    Binding,
    ItemProperty,
    Root,
    SubjectField,
    Typed,
    Variable,
)

Path = tuple[str, ...]


def free_paths(typed: Typed) -> frozenset[Path]:
    """Return the paths; `sum(for l in lines return l.price)` reads `record.lines.price`."""
    found: set[Path] = set()
    inner: set[n.Node] = set()
    for node in n.walk(typed.tree):
        if node in inner:
            continue
        path = path_of(typed, node)
        if path is not None:
            found.add(path)
        if isinstance(node, n.Path) and path is not None:
            inner.update(part for part in n.walk(node) if isinstance(part, n.Path | n.Name)
                         and _on_spine(node, part))  # fmt: skip
    return frozenset(found)


def _on_spine(top: n.Node, part: n.Node) -> bool:
    """Tell whether a node is the base of a path, or the base of that, and so on."""
    while isinstance(top, n.Path):
        top = top.base
        if top is part:
            return True
    return False


def path_of(typed: Typed, node: n.Node) -> Path | None:
    """Return the path from a name of the context that a node is, None when it is none."""
    names: list[str] = []
    while True:
        if isinstance(node, n.Path):
            names.append(node.name)
            node = node.base
        elif isinstance(node, n.Filter) and names:
            # Properties of filtered items are properties of the list's items.
            node = node.base
        else:
            break
    if not isinstance(node, n.Name) or node not in typed.bindings:
        return None
    start = _start(typed, typed.bindings[node])
    return None if start is None else (*start, *reversed(names))


def _start(typed: Typed, binding: Binding) -> Path | None:
    if isinstance(binding, Root):
        return (binding.name,)
    if isinstance(binding, SubjectField):
        return (typed.subject_name, binding.name)
    if isinstance(binding, ItemProperty):
        base = path_of(typed, binding.owner.base)
        return None if base is None else (*base, binding.name)
    if isinstance(binding, Variable):
        owner = binding.owner
        if isinstance(owner, n.Iteration) and owner.last is None:
            return path_of(typed, owner.domain)
        if isinstance(owner, n.Filter):
            return path_of(typed, owner.base)
    return None
