"""A catalog ready to run: tables, expressions and rights, each compiled once when first asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from trellis.engine.derived import Parts, parts_of_computed
from trellis.engine.rights import ALL_RIGHTS, NO_RIGHTS, ObjectRights, rights_for
from trellis.expressions import Expression, Scope, compile_expression, compile_open
from trellis.metadata.model.access import Action
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object
from trellis.metadata.scopes import flow_scope, record_scope
from trellis.storage.names import PhysicalNames
from trellis.storage.tables import ObjectTable, Physical

Made = TypeVar("Made")
#: Kept results; user-typed filters come and go, so the store is bounded.
MOST_KEPT = 5_000


@dataclass
class CompiledCatalog:
    """One version of a catalog; requests keep the one they began with."""

    catalog: Catalog
    names: PhysicalNames
    physical: Physical = field(init=False)
    _kept: dict[Hashable, object] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.physical = Physical.of(self.catalog, self.names)

    def keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what `make` made for `key` before, or make it now."""
        found = self._kept.get(key)
        if found is None:
            found = make()
            with self._lock:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = found
        return cast(Made, found)

    def object(self, key: str) -> Object | None:
        """Return an object's definition, None when there is none."""
        return self.catalog.objects.get(key)

    def table(self, key: str) -> ObjectTable:
        """Return an object's table."""
        return self.physical.objects[key]

    def expression(self, text: str, object_key: str) -> Expression:
        """Return a condition or formula over an object's record."""
        return self.keep(
            ("expression", text, object_key),
            lambda: compile_expression(text, self.scope(object_key)),
        )

    def scope(self, object_key: str) -> Scope:
        """Return the scope of expressions over an object's record."""
        return self.keep(("scope", object_key), lambda: record_scope(self.catalog, object_key))

    def flow_expression(self, text: str, object_key: str | None) -> Expression:
        """Return an expression of a flow; results of actions are names too, so it stays open."""
        scope = self.keep(("flow", object_key), lambda: flow_scope(self.catalog, object_key))
        return self.keep(
            ("flow expression", text, object_key),
            lambda: compile_open(text, scope),
        )

    def rights(self, roles: frozenset[str], object_key: str, *, system: bool) -> ObjectRights:
        """Return what a role set may do with an object."""
        if system:
            return ALL_RIGHTS
        return self.keep(
            ("rights", roles, object_key), lambda: self._with_hidden_parts(roles, object_key)
        )

    def _with_hidden_parts(self, roles: frozenset[str], object_key: str) -> ObjectRights:
        """Return the rights of roles, where what is computed from hidden fields is hidden too."""
        plain = self._plain_rights(roles, object_key)
        made_of = self.keep(("parts",), lambda: parts_of_computed(self.catalog))
        secret = {
            key
            for key, parts in made_of.get(object_key, {}).items()
            if key not in plain.shown and self.hides_a_part(roles, parts)
        }
        return replace(plain, hidden=plain.hidden | secret) if secret else plain

    def hides_a_part(self, roles: frozenset[str], parts: Parts) -> bool:
        """Tell whether one of some fields is masked, or of an object that may not be read."""
        return any(self._is_hidden_part(roles, object_key, key) for object_key, key in parts)

    def _is_hidden_part(self, roles: frozenset[str], object_key: str, key: str) -> bool:
        rights = self._plain_rights(roles, object_key)
        return key in rights.masked or not rights.may(Action.READ)

    def _plain_rights(self, roles: frozenset[str], object_key: str) -> ObjectRights:
        item = self.object(object_key)
        if item is None:
            return NO_RIGHTS
        return self.keep(
            ("plain rights", roles, object_key), lambda: rights_for(self.catalog, roles, item)
        )
