"""Roles: grants and masks name what exists, menus and homes lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.build.access import EVERY_OBJECT, PAGES
from trellis.metadata.checks.paths import known_names
from trellis.metadata.checks.places import at, item_at
from trellis.metadata.hints import hint
from trellis.metadata.model.access import Grant, Mask, MenuItem, Role
from trellis.metadata.model.catalog import Catalog
from trellis.problems import Problem


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every role and of the duties that exclude each other."""
    for role in catalog.roles.values():
        for grant in role.grants.values():
            yield from _grant_problems(catalog, grant)
        for mask in role.masks:
            yield from _mask_problems(catalog, mask)
        yield from _menu_problems(catalog, role)
    for separation in catalog.separations:
        for duty in separation.duties:
            if not _is_duty(catalog, duty):
                yield Problem(separation.location, "META134",
                              f"`{duty}` is neither a role nor `object.transition`",
                              hint(duty, catalog.roles))  # fmt: skip


def _grant_problems(catalog: Catalog, grant: Grant) -> Iterator[Problem]:
    if grant.object == EVERY_OBJECT:
        for action, rows in grant.rows.items():
            if rows.kind == "filter":
                yield Problem(at(grant, str(action)), "META046",
                              "rows of every object cannot be filtered by fields",
                              "write `all`, `own` or `none`, or name the objects")  # fmt: skip
        return
    item = catalog.objects.get(grant.object)
    if item is None:
        yield Problem(grant.location, "META110", f"there is no object `{grant.object}`",
                      hint(grant.object, catalog.objects))  # fmt: skip
        return
    transitions = item.lifecycle.transitions if item.lifecycle is not None else {}
    for name in grant.transitions or ():
        if name not in transitions:
            yield Problem(item_at(grant, "transitions", name), "META130",
                          f"object `{item.key}` has no transition `{name}`",
                          hint(name, transitions))  # fmt: skip
    for name in grant.fields or ():
        if name not in item.fields:
            yield Problem(
                item_at(grant, "fields", name),
                "META100",
                f"object `{item.key}` has no field `{name}`",
                hint(name, item.fields),
            )


def _mask_problems(catalog: Catalog, mask: Mask) -> Iterator[Problem]:
    item = catalog.objects.get(mask.object)
    if item is None:
        yield Problem(mask.location, "META110", f"there is no object `{mask.object}`",
                      hint(mask.object, catalog.objects))  # fmt: skip
    elif mask.field not in known_names(item):
        yield Problem(mask.location, "META100",
                      f"object `{item.key}` has no field `{mask.field}`",
                      hint(mask.field, item.fields))  # fmt: skip


def _menu_problems(catalog: Catalog, role: Role) -> Iterator[Problem]:
    for section in role.menu:
        for entry in section.items:
            yield from _entry_problems(catalog, entry)
    for card in role.home:
        if card.view not in catalog.views:
            yield Problem(card.location, "META131", f"there is no view `{card.view}`",
                          hint(card.view, catalog.views))  # fmt: skip


def _entry_problems(catalog: Catalog, entry: MenuItem) -> Iterator[Problem]:
    known = {"object": catalog.objects, "view": catalog.views, "page": dict.fromkeys(PAGES)}
    if entry.target not in known[entry.kind]:
        yield Problem(entry.location, "META132", f"there is no {entry.kind} `{entry.target}`",
                      hint(entry.target, [*known[entry.kind]]))  # fmt: skip


def _is_duty(catalog: Catalog, duty: str) -> bool:
    if duty in catalog.roles:
        return True
    object_key, _, transition = duty.partition(".")
    item = catalog.objects.get(object_key)
    lifecycle = item.lifecycle if item is not None else None
    return lifecycle is not None and transition in lifecycle.transitions
