"""Tells every mistake of a form at once, where reading alone has found the first of them.

The engine refuses all it finds together, but it is not asked before every text could be read.
Then the rest is looked for here, so that nobody mends a form twice.
"""

from __future__ import annotations

from trellis.engine.parsing import ValueRefusedError, parse_value
from trellis.formbuilder.form_state import FieldState
from trellis.formbuilder.layout import Layout, Placed
from trellis.formbuilder.shown import shown_text
from trellis.metadata.model.fields import FILE_TYPES, TO_MANY_TYPES, TO_ONE_TYPES, FieldType
from trellis.web.pages.editing import Draft, conditions_of
from trellis.web.pages.refusals import detail_text
from trellis.web.pages.visit import Visit

#: What a picker holds was found before.
_PICKED = TO_ONE_TYPES | TO_MANY_TYPES
_ELSEWHERE = FILE_TYPES | {FieldType.FILES, FieldType.ROWS, FieldType.RELATED}


def complete_mistakes(at: Visit, layout: Layout, record_id: str, draft: Draft) -> None:
    """Add what is missing or does not fit to a form that holds something unreadable."""
    if not draft.errors:
        return
    states = conditions_of(at, layout, record_id, draft.values).fields
    for placed in layout.fields():
        if placed.key in draft.errors or placed.field.type in _ELSEWHERE:
            continue
        now = states.get(placed.key) or _settled(placed)
        if now.visible and not now.readonly:
            told = _mistake(at, placed, now, draft)
            if told:
                draft.errors[placed.key] = told


def _settled(placed: Placed) -> FieldState:
    return FieldState(placed.field.required is True, placed.readonly is True)


def _mistake(at: Visit, placed: Placed, now: FieldState, draft: Draft) -> str:
    if now.required and not shown_text(draft.shown.get(placed.key, ""), {}):
        return at.audience.words("is required")
    if placed.field.type in _PICKED:
        return ""
    try:
        parse_value(placed.field, draft.values.get(placed.key))
    except ValueRefusedError as error:
        return detail_text(at.audience, {"message": str(error)})
    return ""
