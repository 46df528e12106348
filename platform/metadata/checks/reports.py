"""Reports, metrics and dashboards: what they name exists; pages show them in a later version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trellis.expressions import Scope
from trellis.expressions import types as t
from trellis.metadata.build.reading import Reading
from trellis.metadata.checks.expressions import expression_problems
from trellis.metadata.checks.pages import no_object, order_problems
from trellis.metadata.checks.paths import path_problem
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.scopes import record_scope, record_type
from trellis.problems import Problem

_SHOWN = ("report", "metric", "view")


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of names."""
    for key, entry in catalog.reports.items():
        reading: Reading = entry["_"]
        if key.startswith("dashboards/"):
            for tile in reading.items("tiles"):
                yield from _tile_problems(catalog, tile)
        elif reading.get("object") not in catalog.objects:
            yield no_object(catalog, str(reading.get("object")), reading.child("object").location)
        else:
            yield from _path_problems(catalog, reading)
        for role in reading.items("roles"):
            if role.value not in catalog.roles:
                yield Problem(role.location, "META123", f"there is no role `{role.value}`",
                              hint(str(role.value), catalog.roles))  # fmt: skip


def _tile_problems(catalog: Catalog, tile: Reading) -> Iterator[Problem]:
    shown = [name for name in _SHOWN if tile.has(name)]
    if len(shown) != 1:
        yield Problem(tile.location, "META190",
                      "a tile shows exactly one `report`, `metric` or `view`",
                      "split it into several tiles")  # fmt: skip
        return
    name, key = shown[0], str(tile.get(shown[0]))
    known: Mapping[str, Any] = catalog.views
    if name != "view":
        lead = f"{name}s/"
        known = {one.removeprefix(lead): True for one in catalog.reports if one.startswith(lead)}
    if key not in known:
        yield Problem(tile.child(name).location, "META191", f"there is no {name} `{key}`",
                      hint(key, list(known)))  # fmt: skip


def _path_problems(catalog: Catalog, reading: Reading) -> Iterator[Problem]:
    object_key = str(reading.get("object"))
    measures = [key for key, _ in reading.entries("measures")]
    groups = list(reading.items("group"))
    for item in groups:
        problem = path_problem(catalog, object_key, str(item.value), item.location)
        if problem is not None:
            yield problem
        else:
            yield from order_problems(catalog, object_key, str(item.value), item.location)
    known = [*(str(item.value) for item in groups), *measures]
    for item in reading.items("sort"):
        name = str(item.value).lstrip("-+")
        if name not in known:
            yield Problem(item.location, "META192",
                          f"`{name}` is neither a group nor a measure of the report",
                          hint(name, known))  # fmt: skip


def value_problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of expressions; names are known to hold."""
    for key, entry in catalog.reports.items():
        reading: Reading = entry["_"]
        if key.startswith("dashboards/"):
            continue
        object_key = str(reading.get("object"))
        if reading.has("where"):
            where = reading.child("where").as_expression()
            yield from expression_problems(where, record_scope(catalog, object_key), t.BOOLEAN)
        scope = Scope({"records": t.ListType(of=record_type(catalog, object_key))})
        figures = [item for _, item in reading.entries("measures")]
        figures += [reading.child("value")] if reading.has("value") else []
        for figure in figures:
            yield from expression_problems(figure.as_expression(), scope)
