"""Finds roles that a new catalog makes wider: a package must not give its own installer rights."""

from __future__ import annotations

from collections.abc import Collection

from trellis.metadata.model.access import Action, Grant, Role, RowFilter
from trellis.metadata.model.catalog import Catalog

_ORDER = {"none": 0, "own": 1, "filter": 1, "all": 2}


def widened_roles(before: Catalog, after: Catalog, held: Collection[str]) -> list[str]:
    """Return the held roles that may do something in `after` which they may not in `before`.

    A changed condition counts as wider: whether one is cannot be decided.
    """
    return sorted(
        key
        for key in held
        if key in after.roles and _is_wider(before.roles.get(key), after.roles[key], before)
    )


def _is_wider(old: Role | None, new: Role, before: Catalog) -> bool:
    if old is None:
        return True
    if new.can - old.can:
        return True
    if {(mask.object, mask.field, mask.show) for mask in old.masks} - {
        (mask.object, mask.field, mask.show) for mask in new.masks
    }:
        return True
    return any(
        _grant_is_wider(old.grants.get(key), grant)
        for key, grant in new.grants.items()
        if key in before.objects or key == "*" or key in old.grants
    )


def _grant_is_wider(old: Grant | None, new: Grant) -> bool:
    if old is None:
        return any(rows.kind != "none" for rows in new.rows.values())
    if any(_rows_are_wider(old.filter_for(action), new.filter_for(action)) for action in Action):
        return True
    return _names_are_wider(old.fields, new.fields) or _names_are_wider(
        old.transitions, new.transitions
    )


def _rows_are_wider(old: RowFilter, new: RowFilter) -> bool:
    if _ORDER[new.kind] != _ORDER[old.kind]:
        return _ORDER[new.kind] > _ORDER[old.kind]
    if new.kind in ("all", "none"):
        return False
    texts = [None if one.condition is None else one.condition.text for one in (old, new)]
    return old.kind != new.kind or texts[0] != texts[1]


def _names_are_wider(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> bool:
    if old is None:
        return False
    return new is None or bool(set(new) - set(old))
