"""What a catalog leaves unsaid, filled in: owned rows, roll-up types, links of inverse fields."""

from __future__ import annotations

from dataclasses import replace

from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import EXACT_TYPES, Field, FieldType
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object


def completed(catalog: Catalog) -> Catalog:
    """Return the catalog with everything that follows from what its authors wrote."""
    objects = {key: _with_links(catalog, item) for key, item in catalog.objects.items()}
    linked = replace(catalog, objects=objects)
    parents = _parents(linked)
    typed = _with_typed_rollups(linked)
    return replace(
        typed,
        objects={
            key: replace(
                item,
                child_of=parents.get(key),
                builtin=item.app == "platform",
            )
            for key, item in typed.objects.items()
        },
    )


def _with_typed_rollups(catalog: Catalog) -> Catalog:
    """Type roll-ups over roll-ups after those below them; a circle stays without a type."""
    while True:
        objects = {key: _with_rollups(catalog, item) for key, item in catalog.objects.items()}
        if objects == catalog.objects:
            return catalog
        catalog = replace(catalog, objects=objects)


def _with_links(catalog: Catalog, item: Object) -> Object:
    """Name the reference behind each `rows` field that leaves it unsaid."""
    fields = {
        key: replace(field, link=_link_to(catalog, field, item.key))
        if field.type is FieldType.ROWS and field.link is None
        else field
        for key, field in item.fields.items()
    }
    return replace(item, fields=fields)


def _link_to(catalog: Catalog, field: Field, parent: str) -> str | None:
    child = catalog.objects.get(field.of or "")
    if child is None:
        return None
    links = [f.key for f in child.fields.values() if f.type is FieldType.REF and f.to == parent]
    return links[0] if links else None


def _parents(catalog: Catalog) -> dict[str, str]:
    """Return, for each object that is owned rows, its reference to the parent."""
    return {
        field.of: field.link
        for item in catalog.objects.values()
        for field in item.fields.values()
        if field.type is FieldType.ROWS and field.of and field.link
    }


def _with_rollups(catalog: Catalog, item: Object) -> Object:
    fields = {
        key: _typed_rollup(catalog, field) if field.type is FieldType.ROLLUP else field
        for key, field in item.fields.items()
    }
    return replace(item, fields=fields)


def _typed_rollup(catalog: Catalog, field: Field) -> Field:
    """Give a roll-up the type of what it aggregates, unless its author said one."""
    rollup = field.rollup
    if field.result is not None or rollup is None or rollup.field is None:
        return field
    child = catalog.objects.get(rollup.object)
    source = child.fields.get(rollup.field) if child is not None else None
    if source is None:
        system = SYSTEM_FIELDS.get(rollup.field)
        return field if system is None else replace(field, result=system)
    result = source.value_type
    if result is FieldType.ROLLUP:
        return field
    if rollup.function == "mean" and result is FieldType.INTEGER:
        return replace(field, result=FieldType.DECIMAL, scale=4)
    exact = result in EXACT_TYPES
    return replace(
        field,
        result=result,
        scale=source.scale if exact else field.scale,
        digits=18 if exact else field.digits,
        currency=source.currency,
        options=source.options,
    )
