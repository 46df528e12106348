"""Computed fields: no formula and no roll-up depends on itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trellis.expressions import compile_expression
from trellis.metadata.checks.paths import target_of
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import INVERSE_TYPES, TO_MANY_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.scopes import record_scope
from trellis.problems import Problem

_Name = tuple[str, str]


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield a problem for each computed field that needs its own value; expressions hold."""
    needs = {
        (item.key, field.key): frozenset(_needed(catalog, item, field))
        for item in catalog.objects.values()
        for field in item.fields.values()
        if field.type in (FieldType.FORMULA, FieldType.ROLLUP)
    }
    for name in needs:
        way = _way_back(needs, name)
        if way:
            field = catalog.objects[name[0]].fields[name[1]]
            steps = " → ".join(f"`{object_key}.{key}`" for object_key, key in (name, *way))
            yield Problem(field.location, "META128",
                          f"the value of `{field.key}` depends on itself: {steps}",
                          "let one of them be a field that people fill in")  # fmt: skip


def _needed(catalog: Catalog, item: Object, field: Field) -> Iterator[_Name]:
    rollup = field.rollup
    if rollup is not None:
        if rollup.field is not None:
            yield rollup.object, rollup.field
        if rollup.where is not None:
            yield from _read(catalog, rollup.object, rollup.where.text)
    elif field.formula is not None:
        yield from _read(catalog, item.key, field.formula.text)


def _read(catalog: Catalog, object_key: str, text: str) -> Iterator[_Name]:
    """Yield every field on the paths that an expression over an object's record reads."""
    expression = compile_expression(text, record_scope(catalog, object_key))
    for path in expression.names:
        steps = path[1:] if path[0] in ("record", "old") else ()
        item: Object | None = catalog.objects[object_key]
        for step in steps:
            if item is None or step not in item.fields:
                break
            yield item.key, step
            item = catalog.objects.get(_next(item, step) or "")


def _next(item: Object, step: str) -> str | None:
    field = item.fields[step]
    if field.type in INVERSE_TYPES:
        return field.of
    return field.to if field.type in TO_MANY_TYPES else target_of(item, step)


def _way_back(needs: Mapping[_Name, frozenset[_Name]], start: _Name) -> tuple[_Name, ...]:
    """Return the shortest way from what `start` needs to itself, nothing when there is none."""
    ways: list[tuple[_Name, ...]] = [(name,) for name in sorted(needs[start])]
    seen: set[_Name] = set()
    while ways:
        way = ways.pop(0)
        if way[-1] == start:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [(*way, name) for name in sorted(needs.get(way[-1], ()))]
    return ()
