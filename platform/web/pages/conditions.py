"""What holds in a form for the values typed into it, decided with everything the engine knows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from trellis.engine.errors import InvalidError
from trellis.engine.records.checks import flag_holds
from trellis.engine.records.draft import add_defaults, add_empty, stored_formulas
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of, view_of
from trellis.formbuilder.form_state import FieldState
from trellis.formbuilder.layout import Layout, Placed
from trellis.metadata.model.fields import INVERSE_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.web.pages.ports import FormConditions


def form_conditions(
    tx: Transaction, layout: Layout, record_id: str, values: Mapping[str, object]
) -> FormConditions:
    """Return the conditions of a form over a record changed by `values`."""
    item = layout.model
    context = context_of(tx, typed_record(tx, item, record_id, values))
    hidden = frozenset(
        place
        for place, section in enumerate(layout.sections)
        if section.visible is not None and not flag_holds(tx, item.key, section.visible, context)
    )
    states = {one.key: _state(tx, item, one, context) for one in layout.conditional_fields}
    return FormConditions(states, hidden)


def typed_record(
    tx: Transaction, item: Object, record_id: str, values: Mapping[str, object]
) -> RecordView:
    """Return a record as it would be stored now: what was typed, defaults, rows, formulas."""
    draft: dict[str, Any] = {}
    for key, value in values.items():
        known = item.fields.get(key)
        if known is not None and (record_id or not _is_blank(value)):
            draft[key] = _rows(tx, known, value) if known.type is FieldType.ROWS else value
    stored: Mapping[str, Any] = _stored(tx, item, record_id)
    if not record_id:
        _begin(tx, item, draft)
    if draft:
        with suppress(InvalidError):
            draft |= stored_formulas(tx, item, record_id, stored, draft)
    return RecordView(tx, item.key, record_id, stored, draft)


def _stored(tx: Transaction, item: Object, record_id: str) -> Mapping[str, Any]:
    view = view_of(tx, item.key, record_id) if record_id else None
    return {} if view is None else view.stored


def _is_blank(value: object) -> bool:
    """Tell whether a form sent nothing: a new record begins there with the field's default."""
    return value is None or value == []


def _rows(tx: Transaction, rows: Field, sent: object) -> list[RecordView]:
    """Return child rows as they were typed."""
    child = tx.compiled.catalog.objects[rows.of or ""]
    found = []
    for row in sent if isinstance(sent, list) else ():
        identity = str(row.get("id") or "")
        cells = {key: value for key, value in row.items()
                 if key in child.fields and (identity or not _is_blank(value))}  # fmt: skip
        if not identity:
            _begin(tx, child, cells)
        stored = _stored(tx, child, identity)
        found.append(RecordView(tx, child.key, identity, stored, cells))
    return found


def _begin(tx: Transaction, item: Object, draft: dict[str, Any]) -> None:
    """Fill in what a new record begins with: its defaults, and nothing where there is none."""
    _begin_state(item, draft)
    # What a default makes wrongly is told when the form is sent.
    with suppress(InvalidError):
        add_defaults(tx, item, "", draft)
    _complete(item, draft)


def blank_record(tx: Transaction, item: Object) -> RecordView:
    """Return a new record before its defaults, which the script of its form makes itself."""
    draft: dict[str, Any] = {}
    _begin_state(item, draft)
    _complete(item, draft)
    return RecordView(tx, item.key, "", {}, draft)


def _begin_state(item: Object, draft: dict[str, Any]) -> None:
    # What depends on the state sees the one that the record will begin in.
    if item.lifecycle is not None:
        draft.setdefault(item.lifecycle.field, next(iter(item.lifecycle.initial)))


def _complete(item: Object, draft: dict[str, Any]) -> None:
    add_empty(item, draft)
    for key, known in item.fields.items():
        if known.type in INVERSE_TYPES:
            draft.setdefault(key, [])


def _state(tx: Transaction, item: Object, one: Placed, context: Mapping[str, Any]) -> FieldState:
    visible = one.field.visible
    return FieldState(
        required=flag_holds(tx, item.key, one.field.required, context),
        readonly=flag_holds(tx, item.key, one.readonly, context),
        visible=visible is None or flag_holds(tx, item.key, visible, context),
    )
