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


@dataclass(frozen=True)
class Fact:
    """A labelled value, ready to show."""

    label: str
    html: str


@dataclass(frozen=True)
class RecordPage:
    """A compiled record page."""

    layout: Layout
    _sections: tuple[tuple[str, tuple[tuple[str, str, Format], ...]], ...]
    _facts: tuple[tuple[str, str, Format], ...]

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
            parts: list[str] = []
            filled = False
            for key, label, show in fields:
                if key in hidden_fields:
                    continue
                text = show(values.get(key), now)
                filled = filled or bool(text)
                parts.append(f"{label}{text or EMPTY}</dd></div>")
            if filled:
                out.append(f"{before}{''.join(parts)}</dl></section>")
        return "".join(out)

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
            label = f'<div class="w{width}"><dt>{attribute(placed.label)}</dt><dd>'
            fields.append((placed.key, label, show))
        if fields:
            heading = f"<h2>{attribute(section.label)}</h2>" if section.label else ""
            before = (
                f'<section class="card section">{heading}<dl class="cells cols-{section.columns}">'
            )
            sections.append((before, tuple(fields)))
        else:
            sections.append(("", ()))
    return RecordPage(layout, tuple(sections), _facts(catalog, model, layout, audience))


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
