"""Dotted paths such as `payer.name`, followed through references."""

from __future__ import annotations

from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import TO_ONE_TYPES, Field, FieldType
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.problems import Location, Problem

#: Deeper paths are joins nobody should pay for in a list.
MAX_STEPS = 4


def known_names(item: Object) -> list[str]:
    """Return every name that may follow a record of the object."""
    return [*item.fields, *SYSTEM_FIELDS]


def target_of(item: Object, name: str) -> str | None:
    """Return the object that a reference leads to, None for other fields."""
    field = item.fields.get(name)
    if field is not None:
        return field.to if field.type in TO_ONE_TYPES else None
    kind = SYSTEM_FIELDS.get(name)
    if kind is FieldType.USER:
        return "user"
    return "department" if kind is FieldType.REF else None


def path_problem(catalog: Catalog, object_key: str, path: str, at: Location) -> Problem | None:
    """Return what is wrong with a path that starts at the object, or None."""
    item = catalog.objects[object_key]
    steps = path.split(".")
    if len(steps) > MAX_STEPS:
        return Problem(
            at,
            "META101",
            f"the path `{path}` has more than {MAX_STEPS} steps",
            "begin at a nearer object, or keep the value in a field",
        )
    for position, step in enumerate(steps):
        if step not in item.fields and step not in SYSTEM_FIELDS:
            return Problem(at, "META100", f"object `{item.key}` has no field `{step}`",
                           hint(step, known_names(item)))  # fmt: skip
        if position == len(steps) - 1:
            return None
        target = target_of(item, step)
        if target is None or target not in catalog.objects:
            return Problem(
                at,
                "META102",
                f"`{step}` of `{item.key}` leads to no other record",
                "end the path here, or choose a reference",
            )
        item = catalog.objects[target]
    return None


def field_at(catalog: Catalog, object_key: str, path: str) -> Field | None:
    """Return the field at the end of a valid path, None for a system field."""
    item = catalog.objects[object_key]
    *links, last = path.split(".")
    for link in links:
        target = target_of(item, link)
        if target is None:
            return None
        item = catalog.objects[target]
    return item.fields.get(last)
