"""What computed fields are made of: who may not see a part does not see what is made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from trellis.expressions import Scope, compile_expression
from trellis.expressions import types as t
from trellis.expressions.nodes import Name, Path, walk
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import Field
from trellis.metadata.scopes import ObjectShape, record_scope

#: A field of an object: (object key, field key).
Part = tuple[str, str]
Parts = frozenset[Part]


@dataclass(frozen=True, eq=False)
class _WatchedShape(ObjectShape):
    """An object's properties, which writes down those that are asked for."""

    seen: set[Part] = field(default_factory=set)

    def property(self, name: str) -> t.Type | None:
        """Return the type of a property."""
        found = super().property(name)
        if found is None:
            return None
        self.seen.add((self.key, name))
        return _watched(self.catalog, found, self.seen)


def _watched(catalog: Catalog, kind: t.Type, seen: set[Part]) -> t.Type:
    if isinstance(kind, t.RecordType):
        return t.RecordType(shape=_WatchedShape(catalog, kind.shape.key, seen))
    if isinstance(kind, t.ListType):
        return t.ListType(of=_watched(catalog, kind.of, seen))
    return kind


def parts_of_computed(catalog: Catalog) -> Mapping[str, Mapping[str, Parts]]:
    """Return, by object and computed field, every field that its value is made of.

    Through other computed fields too; those of the person's own record are not among them.
    """
    direct = {
        (item.key, one.key): frozenset(_parts(catalog, item.key, one))
        for item in catalog.objects.values()
        for one in item.fields.values()
        if one.formula is not None or one.rollup is not None
    }
    made: dict[str, dict[str, Parts]] = {}
    for object_key, key in direct:
        made.setdefault(object_key, {})[key] = _closure((object_key, key), direct)
    return made


def _closure(start: Part, direct: Mapping[Part, Parts]) -> Parts:
    found: set[Part] = set()
    waiting = [start]
    while waiting:
        new = direct.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return frozenset(found)


def _parts(catalog: Catalog, object_key: str, computed: Field) -> Iterator[Part]:
    if computed.formula is not None:
        yield from parts_of_text(catalog, object_key, computed.formula.text)
    rollup = computed.rollup
    if rollup is None:
        return
    if rollup.field is not None:
        yield rollup.object, rollup.field
    if rollup.where is not None:
        yield from parts_of_text(catalog, rollup.object, rollup.where.text)


def parts_of_text(catalog: Catalog, object_key: str, text: str) -> Parts:
    """Return the fields that an expression over an object's records names.

    A name behind a value of unknown type counts as the field of that name of every object.
    """
    shape = _WatchedShape(catalog, object_key)
    record = t.RecordType(shape=shape)
    names = {**record_scope(catalog, object_key).names, "record": record, "old": record}
    expression = compile_expression(text, Scope(names, shape))
    known = {key for _, key in shape.seen}
    untyped = {node.name for node in walk(expression.typed.tree)
               if isinstance(node, Name | Path) and node.name not in known}  # fmt: skip
    return frozenset(shape.seen) | {
        (item.key, key) for item in catalog.objects.values() for key in untyped & set(item.fields)
    }
