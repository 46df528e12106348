"""Roles → what a set of roles may do with each object, compiled once per catalog and role set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trellis.metadata.build.access import EVERY_OBJECT, OWN_CONDITION
from trellis.metadata.model.access import Action, Grant, Mask
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import ExpressionText


@dataclass(frozen=True)
class Rows:
    """Rows an action is allowed on: everything, nothing, or any of some conditions."""

    everything: bool = False
    conditions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.everything or bool(self.conditions)


NOTHING = Rows()
EVERYTHING = Rows(everything=True)


@dataclass(frozen=True)
class ObjectRights:
    """What a role set may do with one object's records."""

    rows: Mapping[Action, Rows] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    shown: Mapping[str, ExpressionText] = field(default_factory=dict)
    writable: frozenset[str] | None = None  # None: every field
    transitions: frozenset[str] | None = None

    def may(self, action: Action) -> Rows:
        """Return the rows of an action."""
        return self.rows.get(action, NOTHING)

    @property
    def masked(self) -> frozenset[str]:
        """Return the fields that cannot be named in a query."""
        return self.hidden | frozenset(self.shown)


NO_RIGHTS = ObjectRights()
ALL_RIGHTS = ObjectRights(rows=dict.fromkeys(Action, EVERYTHING))


def rights_for(catalog: Catalog, roles: Iterable[str], item: Object) -> ObjectRights:
    """Return what the roles together may do: rows add up, masks hold where all agree."""
    held = [catalog.roles[role] for role in sorted(roles) if role in catalog.roles]
    grants: list[tuple[Grant, tuple[Mask, ...]]] = []
    for role in held:
        grant = role.grants.get(item.key)
        if grant is None and not item.builtin and role.app == item.app:
            grant = role.grants.get(EVERY_OBJECT)
        if grant is not None:
            grants.append((grant, tuple(m for m in role.masks if m.object == item.key)))
    if not grants:
        return NO_RIGHTS
    rows = {action: _joined(grant.filter_for(action) for grant, _ in grants) for action in Action}
    hidden, shown = _masks([masks for grant, masks in grants if Action.READ in grant.rows])
    return ObjectRights(
        rows=rows,
        hidden=hidden,
        shown=shown,
        writable=_union([grant.fields for grant, _ in grants if _writes(grant)]),
        transitions=_union([grant.transitions for grant, _ in grants]),
    )


def _writes(grant: Grant) -> bool:
    return grant.filter_for(Action.UPDATE).kind != "none" or (
        grant.filter_for(Action.CREATE).kind != "none"
    )


def _joined(filters: Iterable[object]) -> Rows:
    conditions: list[str] = []
    for item in filters:
        kind = getattr(item, "kind", "none")
        if kind == "all":
            return EVERYTHING
        if kind == "own":
            conditions.append(OWN_CONDITION)
        elif kind == "filter":
            conditions.append(item.condition.text)  # type: ignore[attr-defined]
    return Rows(conditions=tuple(dict.fromkeys(conditions)))


def _masks(
    per_role: list[tuple[Mask, ...]],
) -> tuple[frozenset[str], Mapping[str, ExpressionText]]:
    """Return the fields that every reading role masks; a shown form wins over hidden."""
    if not per_role:
        return frozenset(), {}
    names = set.intersection(*({mask.field for mask in masks} for masks in per_role))
    shown = {
        mask.field: mask.show
        for masks in per_role
        for mask in masks
        if mask.field in names and mask.show is not None
    }
    return frozenset(names) - frozenset(shown), shown


def _union(groups: list[tuple[str, ...] | None]) -> frozenset[str] | None:
    if not groups or any(group is None for group in groups):
        return None
    return frozenset(name for group in groups for name in group or ())
