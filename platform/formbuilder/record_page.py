"""A record as people read it: the sections of its form, and the facts of its heading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.formats import detail_format
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.layout import Layout, field_label, field_of
from trellis.formbuilder.values import Format, attribute
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import Object

_INVERSE = frozenset({FieldType.ROWS, FieldType.RELATED})
_FACT_TYPES = frozenset(
    {FieldType.REF, FieldType.USER, FieldType.CHOICE, FieldType.DATE, FieldType.DATETIME,
     FieldType.MONEY}
)  # fmt: skip
_FACTS = 5
_FEW_EMPTY = 2


@dataclass(frozen=True)
class Fact:
    """A labelled value, ready to show."""

    label: str
    html: str


@dataclass(frozen=True)
class RecordPage:
    """A compiled record page."""

    layout: Layout
    _sections: tuple[tuple[str, tuple[tuple[str, tuple[str, str], Format], ...]], ...]
    _facts: tuple[tuple[str, str, Format], ...]
    _unfilled: str

    def body(
        self,
        values: Mapping[str, object],
        now: datetime,
        hidden_sections: frozenset[int] = frozenset(),
        hidden_fields: frozenset[str] = frozenset(),
    ) -> str:
        """Return the sections; a section in which nothing is filled in is left out."""
        out: list[str] = []
        for place, (before, fields) in enumerate(self._sections):
            if place in hidden_sections:
                continue
            shown = [
                (heading, show(values.get(key), now))
                for key, heading, show in fields
                if key not in hidden_fields
            ]
            if any(text for _, text in shown):
                out.append(f"{before}{self._cells(shown)}</section>")
        return "".join(out)

    def _cells(self, shown: list[tuple[tuple[str, str], str]]) -> str:
        """Return the values of a section; many empty ones are named in one line below."""
        empty = [label for (_, label), text in shown if not text]
        if len(empty) <= _FEW_EMPTY:
            cells = "".join(f"{head}{text or EMPTY}</dd></div>" for (head, _), text in shown)
            return f"{cells}</dl>"
        cells = "".join(f"{head}{text}</dd></div>" for (head, _), text in shown if text)
        return f'{cells}</dl><p class="unfilled">{self._unfilled}{" · ".join(empty)}</p>'

    def facts(self, values: Mapping[str, object], now: datetime) -> list[Fact]:
        """Return the key facts of the heading that are filled in."""
        shown = ((label, show(values.get(key), now)) for key, label, show in self._facts)
        return [Fact(label, html) for label, html in shown if html][:_FACTS]


EMPTY = '<span class="nil">—</span>'


def compile_record(catalog: Catalog, layout: Layout, audience: Audience) -> RecordPage:
    """Return the compiled record page of `layout`."""
    model = layout.model
    sections = []
    for section in layout.sections:
        fields = []
        for placed in section.fields:
            if placed.field.type in _INVERSE:
                continue
            show = detail_format(Subject(catalog, model, placed.field, audience))
            width = min(placed.width, section.columns)
            label = attribute(placed.label)
            fields.append(
                (placed.key, (f'<div class="w{width}"><dt>{label}</dt><dd>', label), show)
            )
        if fields:
            heading = f"<h2>{attribute(section.label)}</h2>" if section.label else ""
            before = (
                f'<section class="card section">{heading}<dl class="cells cols-{section.columns}">'
            )
            sections.append((before, tuple(fields)))
        else:
            sections.append(("", ()))
    unfilled = f"<b>{attribute(audience.words('Not filled in'))}</b> "
    facts = _facts(catalog, model, layout, audience)
    return RecordPage(layout, tuple(sections), facts, unfilled)


def _facts(
    catalog: Catalog, model: Object, layout: Layout, audience: Audience
) -> tuple[tuple[str, str, Format], ...]:
    """Return what a heading tells: whom it concerns, how urgent, until when."""
    state = model.lifecycle.field if model.lifecycle else None
    placed = [
        one.field
        for one in layout.fields()
        if one.field.value_type in _FACT_TYPES and one.key not in (state, model.title)
    ]
    placed.sort(key=_weight)
    owner = field_of(model, "owner")
    fields = placed[: _FACTS * 2] + ([owner] if owner is not None else [])
    return tuple(
        (
            one.key,
            field_label(one, audience),
            detail_format(Subject(catalog, model, one, audience)),
        )
        for one in fields
    )


def _weight(field: Field) -> int:
    """Return how far behind a fact stands: whom it is for, who does it, how urgent, until when."""
    marked = field.track or field.index
    if field.type is FieldType.REF and field.required is True:
        return 0
    if field.type is FieldType.USER:
        return 1
    if field.value_type in (FieldType.CHOICE, FieldType.DATETIME, FieldType.DATE):
        return 2 if field.track else 3 if marked else 5
    return 4 if marked else 6
