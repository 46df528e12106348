"""Follows a path such as `payer.country.name` through the objects of a catalog."""

from __future__ import annotations

from dataclasses import dataclass

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.layout import field_label, field_of
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import TO_ONE_TYPES, Field
from trellis.metadata.model.objects import Object


@dataclass(frozen=True)
class PathEnd:
    """Where a path leads: the field, the object it stands in, and a label for a heading."""

    path: str
    field: Field
    model: Object
    label: str


def follow(catalog: Catalog, model: Object, path: str, audience: Audience) -> PathEnd | None:
    """Return the end of `path` from `model`, or None when a step leads nowhere."""
    names = path.split(".")
    labels: list[str] = []
    for name in names[:-1]:
        step = field_of(model, name)
        target = catalog.objects.get(step.to or "") if step is not None else None
        if step is None or target is None or step.type not in TO_ONE_TYPES:
            return None
        labels.append(field_label(step, audience))
        model = target
    last = field_of(model, names[-1])
    if last is None:
        return None
    # `payer.name` reads as the payer; other fields of it say whose they are.
    if labels and names[-1] == model.title:
        return PathEnd(path, last, model, labels[-1])
    labels.append(field_label(last, audience))
    return PathEnd(path, last, model, " › ".join(labels[-2:]))
