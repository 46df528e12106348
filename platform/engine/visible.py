"""What a caller may know of the definitions: what they do not see is as unknown as what is not there.

Expressions that people type (filters, editors) are compiled against it, and the description of
the API is made from it, so that neither can be asked about hidden fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from trellis.engine.transactions import Transaction
from trellis.expressions import Expression, Scope, compile_expression
from trellis.expressions import types as t
from trellis.metadata.model.access import Action
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object

#: What everybody may know of themselves, whether or not they may read users.
_OWN = frozenset({"id", "login", "name", "teams", "roles", "department", "language", "timezone"})


@dataclass(frozen=True)
class Sight:
    """Which fields of which objects somebody does not see; an absent object is not seen at all."""

    masked: dict[str, frozenset[str]]

    def sees(self, object_key: str, name: str) -> bool:
        """Tell whether a property of an object's records is seen."""
        hidden = self.masked.get(object_key)
        return name == "id" if hidden is None else name not in hidden


@dataclass(frozen=True)
class VisibleShape:
    """An object's records as somebody sees them, and what is reached from there."""

    inner: t.RecordShape
    sight: Sight
    own: bool = False

    @property
    def key(self) -> str:
        """Return the object's key."""
        return self.inner.key

    def property(self, name: str) -> t.Type | None:
        """Return the type of a property, None when it is not seen."""
        if not self._sees(name):
            return None
        found = self.inner.property(name)
        return None if found is None else _wrapped(found, self.sight)

    def names(self) -> Iterable[str]:
        """Return the names that are seen."""
        return [name for name in self.inner.names() if self._sees(name)]

    def _sees(self, name: str) -> bool:
        return self.sight.sees(self.key, name) or (self.own and name in _OWN)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VisibleShape) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


def _wrapped(kind: t.Type, sight: Sight) -> t.Type:
    if isinstance(kind, t.RecordType):
        return t.RecordType(shape=VisibleShape(kind.shape, sight))
    if isinstance(kind, t.ListType):
        return t.ListType(of=_wrapped(kind.of, sight))
    if isinstance(kind, t.ContextType):
        entries = {name: _wrapped(one, sight) for name, one in kind.entries.items()}
        return t.ContextType(entries=entries, open=kind.open)
    return kind


def visible_expression(tx: Transaction, text: str, object_key: str) -> Expression:
    """Return an expression that the actor typed; ExpressionProblemsError when it does not fit."""
    key = ("typed", text, object_key, *_who(tx))
    return tx.compiled.keep(key, lambda: compile_expression(text, visible_scope(tx, object_key)))


def visible_scope(tx: Transaction, object_key: str) -> Scope:
    """Return the scope of an expression that the actor types over an object's record."""
    return tx.compiled.keep(
        ("visible scope", object_key, *_who(tx)), lambda: _make_scope(tx, object_key)
    )


def _make_scope(tx: Transaction, object_key: str) -> Scope:
    whole, sight = tx.compiled.scope(object_key), _sight(tx)
    names = {name: _wrapped(kind, sight) for name, kind in whole.names.items()}
    person = whole.names.get("user")
    if isinstance(person, t.RecordType):
        names["user"] = t.RecordType(shape=VisibleShape(person.shape, sight, own=True))
    subject = whole.subject
    return Scope(names, None if subject is None else VisibleShape(subject, sight))


def visible_catalog(tx: Transaction) -> Catalog:
    """Return the catalog without the objects and fields that the actor may not read."""
    return tx.compiled.keep(("visible", *_who(tx)), lambda: _narrowed(tx))


def _narrowed(tx: Transaction) -> Catalog:
    sight = _sight(tx)
    objects = tx.compiled.catalog.objects
    seen = {key: _seen(objects[key], masked) for key, masked in sight.masked.items()}
    return replace(tx.compiled.catalog, objects=seen)


def _seen(item: Object, masked: frozenset[str]) -> Object:
    if not masked:
        return item
    return replace(item, fields={key: one for key, one in item.fields.items() if key not in masked})


def _sight(tx: Transaction) -> Sight:
    rights = {key: tx.rights(key) for key in tx.compiled.catalog.objects}
    return Sight({key: one.masked for key, one in rights.items() if one.may(Action.READ)})


def _who(tx: Transaction) -> tuple[object, ...]:
    """Return what decides about the sight of an actor."""
    principal = tx.actor.principal
    return (principal.roles, principal.objects, tx.actor.is_system)
