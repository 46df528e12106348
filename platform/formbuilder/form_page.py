"""A form as HTML: compiled once per layout, filled for each request by joining pieces.

A field without a mistake and without conditions costs one call and one join. Conditions
(`required`, `visible`, `readonly` as expressions) are decided by the server, which passes their
outcome as `states`; the page asks again when a watched field changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.form_rows import rows_piece
from trellis.formbuilder.form_state import FieldState, FormState, Piece
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.layout import Layout, Placed, Section
from trellis.formbuilder.settled import settled
from trellis.formbuilder.shown import shown_text
from trellis.formbuilder.values import attribute
from trellis.formbuilder.widgets import widget_of
from trellis.formbuilder.widgets.common import Widget
from trellis.formbuilder.widgets.typing import output
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.texts import ExpressionText


@dataclass(frozen=True)
class FormPage:
    """A compiled form."""

    layout: Layout
    watched: frozenset[str]
    _sections: tuple[tuple[str, tuple[Piece, ...], str], ...]

    def body(self, state: FormState) -> str:
        """Return the sections with their inputs, without the `<form>` around them."""
        out: list[str] = []
        for place, (before, pieces, after) in enumerate(self._sections):
            if place in state.hidden_sections:
                continue
            fields = "".join([piece(state) for piece in pieces])
            # A heading without a single visible field says nothing.
            if fields:
                out.append(f"{before}{fields}{after}")
        return "".join(out)


@dataclass(frozen=True)
class _Kit:
    """What compiling needs to know about everything."""

    catalog: Catalog
    layout: Layout
    audience: Audience
    watched: frozenset[str]
    locked: frozenset[str]


def compile_form(
    catalog: Catalog, layout: Layout, audience: Audience, locked: frozenset[str] = frozenset()
) -> FormPage:
    """Return the compiled form of `layout`; fields in `locked` are shown but cannot be written."""
    kit = _Kit(catalog, layout, audience, layout.watched(), locked)
    sections = tuple(_section(section, kit) for section in layout.sections)
    return FormPage(layout, kit.watched, sections)


def _section(section: Section, kit: _Kit) -> tuple[str, tuple[Piece, ...], str]:
    pieces = tuple(_piece(placed, kit, section) for placed in section.fields)
    cells = f'<div class="cells cols-{section.columns}">'
    if section.label and all(_is_settled(placed, kit) for placed in section.fields):
        # Nothing to type here: it stays at hand, folded away.
        head = f"<summary>{attribute(section.label)}</summary>"
        return (f'<details class="form-section">{head}{cells}', pieces, "</div></details>")
    legend = f"<legend>{attribute(section.label)}</legend>" if section.label else ""
    hint = f'<p class="muted">{attribute(section.help)}</p>' if section.help else ""
    return (f'<fieldset class="form-section">{legend}{hint}{cells}', pieces, "</div></fieldset>")


def _is_settled(placed: Placed, kit: _Kit) -> bool:
    """Tell whether a field can be written at no moment."""
    return placed.field.type is not FieldType.ROWS and (
        placed.readonly is True or placed.key in kit.locked
    )


def _piece(placed: Placed, kit: _Kit, section: Section) -> Piece:
    if placed.field.type is FieldType.ROWS:
        return rows_piece(placed, kit.catalog, kit.audience)
    key = placed.key
    shell = _Shell(placed, kit, section)
    plain_head, plain_extra, plain_tail = shell.around(shell.settled, "")
    widget = shell.widget(shell.settled)
    conditional, locked = shell.conditional, shell.settled.readonly

    def piece(state: FormState) -> str:
        value = state.values.get(key, "")
        # What is empty and cannot be filled in is no use to whoever fills in the form.
        if locked and not shown_text(value, {}) and key not in state.errors:
            return ""
        if not conditional and key not in state.errors and key not in state.states:
            return f"{plain_head}{widget(key, value, plain_extra)}{plain_tail}"
        now = state.states.get(key, shell.settled)
        if not now.visible:
            return ""
        head, extra, tail = shell.around(now, state.errors.get(key, ""))
        return f"{head}{shell.widget(now)(key, value, extra)}{tail}"

    return piece


class _Shell:
    """What stands around an input: label, help, mistake."""

    def __init__(self, placed: Placed, kit: _Kit, section: Section) -> None:
        self._placed = placed
        self._subject = Subject(kit.catalog, kit.layout.model, placed.field, kit.audience)
        self._live = " data-live" if placed.key in kit.watched else ""
        self._width = min(placed.width, section.columns)
        self._optional_widget = widget_of(self._subject)
        self._fixed_widget = output(self._subject)
        field_ = placed.field
        flags = (field_.required, placed.readonly, field_.visible)
        self.conditional = any(isinstance(flag, ExpressionText) for flag in flags)
        self.settled = FieldState(
            required=field_.required is True,
            readonly=placed.readonly is True or placed.key in kit.locked,
        )

    def widget(self, now: FieldState) -> Widget:
        return (
            _read_only(self._subject, self._fixed_widget) if now.readonly else self._optional_widget
        )

    def around(self, now: FieldState, error: str) -> tuple[str, str, str]:
        """Return the HTML before the input, the input's attributes, and the HTML after it."""
        placed = self._placed
        safe = attribute(placed.key)
        described = " ".join(
            name for name, there in ((f"e-{safe}", error), (f"h-{safe}", placed.help)) if there
        )
        extra = self._live + (" required" if now.required and not now.readonly else "")
        if described:
            extra += f' aria-describedby="{described}"'
        if error:
            extra += ' aria-invalid="true"'
        mark = " required" if now.required and not now.readonly else ""
        css = f"field w{self._width}{' is-invalid' if error else ''}"
        head = (
            f'<div class="{css}" id="d-{safe}"><label class="form-label{mark}" for="f-{safe}">'
            f"{attribute(placed.label)}</label>"
        )
        tail = f'<p class="invalid-feedback" id="e-{safe}">{attribute(error)}</p>' if error else ""
        if placed.help:
            tail += f'<p class="form-hint" id="h-{safe}">{attribute(placed.help)}</p>'
        return head, extra, tail + "</div>"


def _read_only(subject: Subject, fixed: Widget) -> Widget:
    """Return an output that says a form value of any shape."""
    say = settled(subject)
    return lambda name, value, now: fixed(name, say(value), now)
