"""Tells which expressions of a form the browser can evaluate, and which values each of them reads.

What stays with the server: what reads a masked field or an object that may not be read, lists of
records that do not stand in the form, `old`, `decide` and `under`, and whatever reaches into a
record by another way than a path from a name, because then nobody can say what to send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from trellis.expressions import Expression
from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.bindings import BuiltinName, ItemProperty, Typed
from trellis.expressions.free_paths import Path, path_of
from trellis.formbuilder.layout import field_of
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import INVERSE_TYPES, TO_MANY_TYPES, TO_ONE_TYPES, FieldType
from trellis.metadata.model.objects import Object

#: Tells whether the person may see a field of an object: (object key, field key).
Sees = Callable[[str, str], bool]
#: Paths from the names of the context, without the steps behind what is no record.
Reads = frozenset[Path]

REFERENCES = TO_ONE_TYPES | TO_MANY_TYPES
#: Functions that pass records on without looking into them.
_BLIND_TO_RECORDS = frozenset(
    {"count", "list contains", "distinct values", "union", "concatenate", "append", "reverse",
     "index of", "sublist", "remove", "insert before", "flatten", "not", "is defined"}
)  # fmt: skip
#: Functions that look into whatever they get, without naming a field of it.
_CURIOUS = frozenset(
    {"get value", "get entries", "context put", "context merge", "context", "string",
     "list replace", "sort", "is"}
)  # fmt: skip
_ENGINE = frozenset({"decide", "under"})


@dataclass(frozen=True, eq=False)
class Ground:
    """Where expressions of a form stand: an object, who reads, and what else is at hand.

    `typed` are the fields that have an input, `columns` those of a child row (None: every field,
    the server sends what has no input), `rows` the lists that stand in the form. `keeps` tells of
    a field whether its formula or default stays with the server.
    """

    catalog: Catalog
    model: Object
    sees: Sees
    typed: frozenset[str] = frozenset()
    columns: frozenset[str] | None = None
    rows: Mapping[str, Ground] = field(default_factory=dict)
    parent: Ground | None = None
    link: str = ""
    keeps: Callable[[str], bool] = lambda _key: False


def reads_of(expression: Expression, ground: Ground) -> Reads | None:
    """Return what an expression reads; None where it has to stay with the server."""
    if any(_strays(expression.typed)):
        return None
    found: set[Path] = set()
    for path in expression.names:
        reached = _reached(ground, path)
        if reached is None:
            return None
        found.add(reached)
    return frozenset(found)


def can_follow(catalog: Catalog, sees: Sees, key: str, path: Path) -> bool:
    """Tell whether a path from records of an object leads to what the person may see."""
    model = catalog.objects.get(key)
    return model is not None and _in_object(Ground(catalog, model, sees), key, path) == path


def _reached(ground: Ground, path: Path) -> Path | None:
    root, rest = path[0], path[1:]
    if root == "record" and rest:
        inner = _in_record(ground, rest)
    elif root == "user":
        inner = _in_object(ground, "user", rest)
    elif root == "settings" and rest and _is_singleton(ground.catalog, rest[0]):
        behind = _in_object(ground, rest[0], rest[1:])
        inner = None if behind is None else (rest[0], *behind)
    else:
        return None
    return None if inner is None else (root, *inner)


def _is_singleton(catalog: Catalog, key: str) -> bool:
    return key in catalog.objects and catalog.objects[key].singleton


def _in_record(ground: Ground, path: Path) -> Path | None:
    """Return how far a path leads through the form's own record."""
    name, rest = path[0], path[1:]
    if ground.parent is not None and name == ground.link:
        above = _in_record(ground.parent, rest) if rest else ()
        return None if above is None else (name, *above)
    if name in ground.rows:
        below = _in_record(ground.rows[name], rest) if rest else ()
        return None if below is None else (name, *below)
    if ground.columns is not None and name not in ground.columns:
        return None
    known = field_of(ground.model, name)
    if known is None or not ground.sees(ground.model.key, name) or ground.keeps(name):
        return None
    if known.type in INVERSE_TYPES or (name in ground.typed and known.type in _NOT_TYPED):
        return None
    return _behind(ground, name, known.value_type, known.to, rest)


#: Inputs whose texts the browser does not read as values.
_NOT_TYPED = frozenset({FieldType.JSON, FieldType.ADDRESS, FieldType.GEO})


def _behind(
    ground: Ground, name: str, kind: FieldType, target: str | None, rest: Path
) -> Path | None:
    # Behind a date or a file come its own parts, which every value brings with it.
    if not rest or kind not in REFERENCES:
        return (name,)
    inner = _in_object(ground, target or "", rest)
    return None if inner is None else (name, *inner)


def _in_object(ground: Ground, key: str, path: Path) -> Path | None:
    """Return how far a path leads through a stored record."""
    if not path:
        return ()
    model = ground.catalog.objects.get(key)
    if model is None:
        return None
    name, rest = path[0], path[1:]
    if name == "roles" and key == "user":
        return (name,)
    known = field_of(model, name)
    if known is None or known.type in INVERSE_TYPES or not ground.sees(key, name):
        return None
    return _behind(ground, name, known.value_type, known.to, rest)


def _strays(typed: Typed) -> Iterator[bool]:
    """Yield true for each place that looks into a record by another way than a path."""
    for node in n.walk(typed.tree):
        if isinstance(node, n.Path):
            yield path_of(typed, node) is None and _may_hold_record(typed, node.base)
        elif isinstance(node, n.Name):
            meant = typed.bindings.get(node)
            yield isinstance(meant, ItemProperty) and (
                meant.otherwise is not None or path_of(typed, node) is None
            )
        elif isinstance(node, n.Call):
            yield _is_blind_call(typed, node)
        elif isinstance(node, n.InstanceOf):
            yield _may_hold_record(typed, node.value)


def _is_blind_call(typed: Typed, call: n.Call) -> bool:
    """Tell whether a call asks the engine, or takes a record apart."""
    meant = typed.bindings.get(call.function) if isinstance(call.function, n.Name) else None
    name = meant.builtin.name if isinstance(meant, BuiltinName) else ""
    if name in _ENGINE:
        return True
    if name in _BLIND_TO_RECORDS:
        return False
    if name in _CURIOUS:
        return any(_may_hold_record(typed, one) for one in call.arguments)
    return any(_holds_record(typed.types.get(one, t.NULL)) for one in call.arguments)


def _may_hold_record(typed: Typed, node: n.Node) -> bool:
    of = typed.types.get(node)
    return of is None or t.is_unknown(of) or _holds_record(of)


def _holds_record(of: t.Type) -> bool:
    if isinstance(of, t.ListType):
        return t.is_unknown(of.of) or _holds_record(of.of)
    if isinstance(of, t.ContextType):
        return any(_holds_record(one) for one in of.entries.values())
    return isinstance(of, t.RecordType)
