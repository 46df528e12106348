"""Which fields of a record decide whether somebody is asked again, and how much it is about."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.flows import Node


def amount_fields(catalog: Catalog, object_key: str | None) -> frozenset[str]:
    """Return the fields of an object that hold money."""
    item = catalog.objects.get(object_key or "")
    fields = item.fields.values() if item is not None else ()
    return frozenset(field.key for field in fields if field.value_type is FieldType.MONEY)


def watched_fields(catalog: Catalog, object_key: str | None, node: Node) -> frozenset[str]:
    """Return the fields of `watch`, else of the approval's form, and every amount."""
    return frozenset(_named(catalog, node)) | amount_fields(catalog, object_key)


def _named(catalog: Catalog, node: Node) -> Iterable[str]:
    if node.policy.watch is not None:
        return node.policy.watch
    form = catalog.forms.get(node.form or "")
    sections = form.sections if form is not None else ()
    return [*node.fields, *(placed.field for section in sections for placed in section.fields)]


def largest_amount(
    tx: Transaction, object_key: str | None, record_id: str | None
) -> Decimal | None:
    """Return the largest amount of a record, None when it holds none."""
    if object_key is None or record_id is None:
        return None
    view = RecordView(tx, object_key, record_id)
    values = [view.get(key) for key in sorted(amount_fields(tx.compiled.catalog, object_key))]
    return max((Decimal(str(value)) for value in values if value is not None), default=None)
