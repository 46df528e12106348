"""The names a person's own filters see: hidden fields are as unknown as missing ones.

The shape of an object is narrowed by rights before anything is compiled, so a field hidden behind
a reference, a list or a loop variable gets the same answer as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trellis.engine.rights import ObjectRights
from trellis.engine.transactions import Transaction
from trellis.expressions import Expression, Scope, compile_expression
from trellis.expressions import types as t
from trellis.metadata.model.access import Action
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.scopes import ObjectShape, record_scope

RightsOf = Callable[[str], ObjectRights]


@dataclass(frozen=True, eq=False)
class VisibleShape(ObjectShape):
    """An object's properties as some roles see them."""

    rights_of: RightsOf = lambda _key: ObjectRights()

    def property(self, name: str) -> t.Type | None:
        """Return the type of a property that may be seen."""
        rights = self.rights_of(self.key)
        if name in rights.masked or not rights.may(Action.READ):
            return None
        found = super().property(name)
        return None if found is None else narrowed(self.catalog, found, self.rights_of)

    def names(self) -> Iterable[str]:
        """Return the names that may be seen."""
        rights = self.rights_of(self.key)
        readable = bool(rights.may(Action.READ))
        return [name for name in super().names() if readable and name not in rights.masked]


def narrowed(catalog: Catalog, kind: t.Type, rights_of: RightsOf) -> t.Type:
    """Return a type with the shapes inside it narrowed by rights."""
    if isinstance(kind, t.RecordType):
        return t.RecordType(shape=VisibleShape(catalog, kind.shape.key, rights_of))
    if isinstance(kind, t.ListType):
        return t.ListType(of=narrowed(catalog, kind.of, rights_of))
    return kind


def visible_expression(tx: Transaction, text: str, object_key: str) -> Expression:
    """Return an expression that a person typed, over what their roles may see."""
    roles = tx.actor.principal.roles
    system = tx.actor.is_system
    compiled = tx.compiled

    def rights_of(key: str) -> ObjectRights:
        return compiled.rights(roles, key, system=system)

    def make() -> Expression:
        whole = record_scope(compiled.catalog, object_key)
        subject = VisibleShape(compiled.catalog, object_key, rights_of)
        # One's own record and the settings are the platform's values: whole, as in definitions.
        names = {**whole.names, "record": t.RecordType(shape=subject)}
        names.pop("old", None)
        return compile_expression(text, Scope(names, subject))

    return compiled.keep(("visible", text, object_key, roles, system), make)
