"""A catalog ready to run: tables, expressions and rights, each compiled once when first asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from trellis.engine.rights import ALL_RIGHTS, NO_RIGHTS, ObjectRights, rights_for
from trellis.expressions import Expression, Scope, compile_expression, compile_open
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
        item = self.object(object_key)
        if item is None:
            return NO_RIGHTS
        return self.keep(
            ("rights", roles, object_key), lambda: rights_for(self.catalog, roles, item)
        )
