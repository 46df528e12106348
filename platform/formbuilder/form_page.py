"""A form as HTML: compiled once per layout, filled for each request by joining pieces.

A field without a mistake and without conditions costs one call and one join. Conditions
(`required`, `visible`, `readonly` as expressions) are decided by the server, which passes their
outcome as `states`. Those that the form's `logic` writes down are decided again in the browser at
each input: what is hidden then stands in the form, disabled, so that it is neither seen nor sent.
For the others the page asks again when a watched field changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.form_rows import rows_piece
from trellis.formbuilder.form_state import FieldState, FormState, Piece
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.layout import Layout, Placed, Section
from trellis.formbuilder.logic.rules import FormLogic
from trellis.formbuilder.outputs import settled_output, switchable
from trellis.formbuilder.shown import shown_text
from trellis.formbuilder.values import attribute
from trellis.formbuilder.widgets import widget_of
from trellis.formbuilder.widgets.common import Widget
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.texts import ExpressionText

#: How what is hidden in a form begins: the browser shows it when its condition holds.
HIDDEN = '<fieldset hidden disabled role="none"'


@dataclass(frozen=True)
class _DrawnSection:
    """The HTML around a section's pieces; `switched` when the browser may show and hide it."""

    before: str
    pieces: tuple[Piece, ...]
    after: str
    hidden_before: str = ""

    def body(self, state: FormState, *, shown: bool) -> str:
        if not shown and not self.hidden_before:
            return ""
        fields = [piece(state) for piece in self.pieces]
        if self.hidden_before and shown:
            # A heading without a single visible field says nothing.
            shown = any(text and not text.startswith(HIDDEN) for text in fields)
        body = "".join(fields)
        return f"{self.before if shown else self.hidden_before}{body}{self.after}" if body else ""


@dataclass(frozen=True)
class FormPage:
    """A compiled form."""

    layout: Layout
    watched: frozenset[str]
    logic: FormLogic | None
    _sections: tuple[_DrawnSection, ...]

    def body(self, state: FormState) -> str:
        """Return the sections with their inputs, without the `<form>` around them."""
        hidden = state.hidden_sections
        return "".join(
            [section.body(state, shown=place not in hidden)
             for place, section in enumerate(self._sections)]
        )  # fmt: skip


@dataclass(frozen=True)
class _Kit:
    """What compiling needs to know about everything."""

    catalog: Catalog
    layout: Layout
    audience: Audience
    watched: frozenset[str]
    locked: frozenset[str]
    logic: FormLogic | None

    def decides(self, key: str, flag: str) -> bool:
        """Tell whether the browser decides something about a field."""
        return self.logic is not None and self.logic.decides(key, flag)


def compile_form(
    catalog: Catalog,
    layout: Layout,
    audience: Audience,
    locked: frozenset[str] = frozenset(),
    logic: FormLogic | None = None,
) -> FormPage:
    """Return the compiled form of `layout`; fields in `locked` are shown but cannot be written.

    What `logic` does not decide, or everything without one, is left to the server.
    """
    watched = layout.watched()
    if logic is not None:
        watched = logic.watched_words & frozenset(layout.model.fields)
    kit = _Kit(catalog, layout, audience, watched, locked, logic)
    sections = tuple(_section(section, place, kit) for place, section in enumerate(layout.sections))
    return FormPage(layout, kit.watched, logic, sections)


def _section(section: Section, place: int, kit: _Kit) -> _DrawnSection:
    pieces = tuple(_piece(placed, kit, section) for placed in section.fields)
    cells = f'<div class="cells cols-{section.columns}">'
    if section.label and all(_is_settled(placed, kit) for placed in section.fields):
        # Nothing to type here: it stays at hand, folded away.
        head, tag, hide = f"<summary>{attribute(section.label)}</summary>", "details", " hidden"
    else:
        head = f"<legend>{attribute(section.label)}</legend>" if section.label else ""
        head += f'<p class="muted">{attribute(section.help)}</p>' if section.help else ""
        tag, hide = "fieldset", " hidden disabled"
    after = f"</div></{tag}>"
    if not _is_switched(section, place, kit):
        return _DrawnSection(f'<{tag} class="form-section">{head}{cells}', pieces, after)
    rest = f' class="form-section" data-section="{place}">{head}{cells}'
    return _DrawnSection(f"<{tag}{rest}", pieces, after, f"<{tag}{hide}{rest}")


def _is_switched(section: Section, place: int, kit: _Kit) -> bool:
    """Tell whether the browser may show and hide a section, or everything in it."""
    if kit.logic is None:
        return False
    if section.visible is not None:
        return place in kit.logic.sections
    flags = ("visible", "value")
    return any(kit.decides(one.key, flag) for one in section.fields for flag in flags)


def _is_settled(placed: Placed, kit: _Kit) -> bool:
    """Tell whether a field can be written at no moment."""
    return placed.field.type is not FieldType.ROWS and (
        placed.readonly is True or placed.key in kit.locked
    )


def _piece(placed: Placed, kit: _Kit, section: Section) -> Piece:
    if placed.field.type is FieldType.ROWS:
        decided = kit.logic.columns.get(placed.key) if kit.logic is not None else None
        return rows_piece(placed, kit.catalog, kit.audience, decided or frozenset())
    key = placed.key
    shell = _Shell(placed, kit, section)
    plain_head, plain_extra, plain_tail = shell.around(shell.settled, "")
    widget = shell.widget(shell.settled)
    conditional, locked = shell.conditional, shell.settled.readonly
    made_here = kit.decides(key, "value")

    def piece(state: FormState) -> str:
        value = state.values.get(key, "")
        # What is empty and cannot be filled in is no use to whoever fills in the form.
        if locked and not shown_text(value, {}) and key not in state.errors:
            return shell.empty(key) if made_here else ""
        if not conditional and key not in state.errors and key not in state.states:
            return f"{plain_head}{widget(key, value, plain_extra)}{plain_tail}"
        now = state.states.get(key, shell.settled)
        if not now.visible and not shell.is_hideable:
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
        self._fixed_widget = settled_output(self._subject)
        self._switchable = (
            switchable(self._subject, self._optional_widget)
            if kit.decides(placed.key, "readonly")
            else None
        )
        self.is_hideable = kit.decides(placed.key, "visible") or kit.decides(placed.key, "value")
        field_ = placed.field
        flags = (field_.required, placed.readonly, field_.visible)
        self.conditional = any(isinstance(flag, ExpressionText) for flag in flags)
        self.settled = FieldState(
            required=field_.required is True,
            readonly=placed.readonly is True or placed.key in kit.locked,
        )

    def widget(self, now: FieldState) -> Widget:
        if self._switchable is not None:
            return self._switchable(now.readonly)
        return self._fixed_widget if now.readonly else self._optional_widget

    def empty(self, key: str) -> str:
        """Return the place of a value that the browser makes and that is not there yet."""
        head, extra, tail = self.around(FieldState(readonly=True, visible=False), "")
        return f"{head}{self._fixed_widget(key, '', extra)}{tail}"

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
        # A disabled group of inputs is not sent, and without scripts it is not seen either.
        tag, opened = "div", "<div"
        if self.is_hideable:
            tag, opened = "fieldset", '<fieldset role="none"' if now.visible else HIDDEN
        head = (
            f'{opened} class="{css}" id="d-{safe}"><label class="form-label{mark}" for="f-{safe}">'
            f"{attribute(placed.label)}</label>"
        )
        tail = f'<p class="invalid-feedback" id="e-{safe}">{attribute(error)}</p>' if error else ""
        if placed.help:
            tail += f'<p class="form-hint" id="h-{safe}">{attribute(placed.help)}</p>'
        return head, extra, f"{tail}</{tag}>"
