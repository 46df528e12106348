"""Child rows in a form: a table of inputs, with a blank row to fill and a template for scripts."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.form_state import FormState, Piece
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.layout import Placed, child_columns
from trellis.formbuilder.logic.rules import Decided
from trellis.formbuilder.outputs import settled_output, switchable, switched
from trellis.formbuilder.values import attribute
from trellis.formbuilder.widgets import widget_of
from trellis.formbuilder.widgets.common import FormValue, RowList, Widget
from trellis.metadata.model.catalog import Catalog

_SPARE_ROWS = 1


def rows_piece(
    placed: Placed, catalog: Catalog, audience: Audience, decided: Decided = frozenset()
) -> Piece:
    """Return the piece of a form that edits the child rows of a `rows` field.

    `decided` are the flags of columns that the browser decides in every row.
    """
    child = catalog.objects[placed.field.of or ""]
    cells = [
        (one, _widget(Subject(catalog, child, one.field, audience), decided))
        for one in child_columns(catalog, placed.field, audience)
    ]
    return RowsPiece(placed, cells, audience)


def _widget(subject: Subject, decided: Decided) -> Widget:
    key = subject.field.key
    made = settled_output(subject) if subject.field.computed else widget_of(subject)
    if (key, "readonly") in decided:
        return switchable(subject, made)(False)
    return switched(made) if (key, "visible") in decided else made


class RowsPiece:
    """Child rows as a table of inputs, with a blank row to fill and a template for scripts."""

    def __init__(
        self, placed: Placed, cells: list[tuple[Placed, Widget]], audience: Audience
    ) -> None:
        self._key = placed.key
        self._cells = cells
        words = audience.words
        self._remove, self._add = attribute(words("Remove")), attribute(words("Add a row"))
        heads = "".join(
            f'<th scope="col"{_required_mark(one)}>{attribute(one.label)}</th>' for one, _ in cells
        )
        safe = attribute(placed.key)
        self._before = (
            f'<div class="field w3 rows-field" id="d-{safe}" data-rows="{safe}">'
            f'<div class="table-wrap"><table class="table rows"><caption class="sr-only">'
            f"{attribute(placed.label)}</caption><thead><tr>{heads}"
            f'<th class="act"></th></tr></thead>'
            f"<tbody>"
        )

    def __call__(self, state: FormState) -> str:
        held = state.values.get(self._key)
        rows = held.rows if isinstance(held, RowList) else ()
        body = "".join(
            self._row(str(place), row_id, values, state.errors)
            for place, (row_id, values) in enumerate(rows)
        )
        spare = "".join(
            self._row(str(len(rows) + place), "", {}, {}) for place in range(_SPARE_ROWS)
        )
        safe = attribute(self._key)
        error = state.errors.get(self._key, "")
        told = f'<p class="invalid-feedback">{attribute(error)}</p>' if error else ""
        return (
            f"{self._before}{body}{spare}</tbody></table></div>"
            f"<template>{self._row('NEW', '', {}, {})}</template>{told}"
            f'<button class="btn btn-sm" type="submit" name="_add" value="{safe}" formnovalidate'
            f" data-add-row>{self._add}</button></div>"
        )

    def _row(
        self, place: str, row_id: str, values: Mapping[str, FormValue], errors: Mapping[str, str]
    ) -> str:
        prefix = f"{self._key}.{place}."
        cells = "".join(
            self._cell(prefix + one.key, one, widget, values, errors) for one, widget in self._cells
        )
        safe = attribute(prefix)
        return (
            f'<tr>{cells}<td class="act"><input type="hidden" name="{safe}id"'
            f' value="{attribute(row_id)}"><label class="remove-row" title="{self._remove}">'
            f'<input type="checkbox" name="{safe}_remove" value="1" aria-label="{self._remove}">'
            f"</label></td></tr>"
        )

    @staticmethod
    def _cell(
        name: str,
        one: Placed,
        widget: Widget,
        values: Mapping[str, FormValue],
        errors: Mapping[str, str],
    ) -> str:
        error = errors.get(name, "")
        label = attribute(one.label)
        extra = f' aria-label="{label}"' + (' aria-invalid="true"' if error else "")
        told = f'<p class="invalid-feedback">{attribute(error)}</p>' if error else ""
        css = ' class="is-invalid"' if error else ""
        return (
            f'<td{css} data-th="{label}">{widget(name, values.get(one.key, ""), extra)}{told}</td>'
        )


def _required_mark(one: Placed) -> str:
    return ' class="required"' if one.field.required is True else ""
