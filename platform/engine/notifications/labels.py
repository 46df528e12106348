"""What people call a choice: the labels of a placeholder that names a field of choices."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import TO_ONE_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import Label

_CHOICES = frozenset({FieldType.CHOICE, FieldType.CHOICES})
_RECORDS = frozenset({"record", "old"})


def labels_of(catalog: Catalog, object_key: str, expression: str) -> Mapping[str, Label]:
    """Return the labels of the values that an expression such as `payer.level` may have.

    There are none for an expression that is no path to a field of choices.
    """
    names = [name.strip() for name in expression.split(".")]
    if names[0] in _RECORDS:
        names = names[1:]
    item = catalog.objects.get(object_key)
    for name in names[:-1]:
        step = item.fields.get(name) if item is not None else None
        leads = step is not None and step.type in TO_ONE_TYPES
        item = catalog.objects.get(step.to or "") if step is not None and leads else None
    last = item.fields.get(names[-1]) if item is not None and names else None
    if item is None or last is None or last.value_type not in _CHOICES:
        return {}
    return _labels(catalog, item, last)


def _labels(catalog: Catalog, item: Object, field: Field) -> Mapping[str, Label]:
    options = catalog.options.get(field.options or "")
    known = {} if options is None else {key: one.label for key, one in options.options.items()}
    lifecycle = item.lifecycle
    if lifecycle is not None and lifecycle.field == field.key:
        known.update((key, state.label) for key, state in lifecycle.states.items() if state.label)
    return known
