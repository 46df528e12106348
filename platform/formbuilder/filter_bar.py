"""The filters of a list: from the address to FEEL, to boxes that show them, and to chips.

`f.status=open&f.status=held&f.amount.min=100` stands for
`status in ("open", "held") and amount >= 100`. Texts become string literals of FEEL, numbers and
dates are read first, so that nothing a person types can become part of the condition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.formats.choices import option_labels
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.layout import field_label
from trellis.formbuilder.reading import UnreadableError, read_day, read_text
from trellis.formbuilder.values import Reference, attribute
from trellis.formbuilder.widgets.choosing import checks, picker
from trellis.formbuilder.widgets.common import Picked
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import NUMBER_TYPES, TO_ONE_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object

Sent = Mapping[str, Sequence[str]]
PREFIX = "f."
_DAYS = frozenset({FieldType.DATE, FieldType.DATETIME})
_TEXTS = frozenset(
    {FieldType.TEXT, FieldType.TEXT_LONG, FieldType.EMAIL, FieldType.PHONE, FieldType.URL,
     FieldType.AUTO, FieldType.SCAN}
)  # fmt: skip
FILTERED = (
    _DAYS | _TEXTS | NUMBER_TYPES | TO_ONE_TYPES | {FieldType.CHOICE, FieldType.BOOLEAN}
) - {FieldType.TEXT_LONG}
_MOST_FIELDS = 14


@dataclass(frozen=True)
class FilterPart:
    """One filter that is on: its condition, and how to say it."""

    names: tuple[str, ...]
    label: str
    text: str
    condition: str


@dataclass
class FilterState:
    """The filters of an address: what is on, and what could not be read."""

    parts: list[FilterPart] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def condition(self) -> str:
        """Return the conditions joined, or nothing."""
        return " and ".join(part.condition for part in self.parts)


def filterable(model: Object, hidden: frozenset[str], first: Sequence[str]) -> list[Field]:
    """Return the fields offered in the filter panel, those in `first` before the others."""
    fields = [
        one
        for one in model.fields.values()
        if one.key not in hidden and one.value_type in FILTERED and not _is_virtual(one)
    ]
    order = {key: place for place, key in enumerate(first)}
    fields.sort(key=lambda one: (order.get(one.key, 99), one.value_type in _TEXTS))
    return fields[:_MOST_FIELDS]


def _is_virtual(one: Field) -> bool:
    return one.type is FieldType.FORMULA and not one.stored


def read_filters(fields: Sequence[Field], sent: Sent, catalog: Catalog, model: Object,
                 audience: Audience, titles: Mapping[str, str]) -> FilterState:  # fmt: skip
    """Return the filters that `sent` holds; `titles` names records by id."""
    state = FilterState()
    for one in fields:
        subject = Subject(catalog, model, one, audience)
        try:
            state.parts.extend(_parts(subject, sent, titles))
        except UnreadableError as error:
            label = field_label(one, audience)
            state.problems.append(f"{label}: {error.told(audience)}")
    return state


def _parts(subject: Subject, sent: Sent, titles: Mapping[str, str]) -> Iterator[FilterPart]:
    kind = subject.field.value_type
    name = PREFIX + subject.field.key
    chosen = [text for text in sent.get(name, ()) if text.strip()]
    if kind is FieldType.CHOICE and chosen:
        yield _choice_part(subject, name, chosen)
    elif kind is FieldType.BOOLEAN and chosen:
        yield _boolean_part(subject, name, chosen[-1])
    elif kind in TO_ONE_TYPES and chosen:
        condition = f"{_name(subject)}.id = {literal(chosen[-1])}"
        text = titles.get(chosen[-1], chosen[-1])
        yield _part(subject, (name, f"{name}.text", f"{name}.was"), text, condition)
    elif kind in _TEXTS and chosen:
        condition = f"contains(lower case({_name(subject)}), {literal(chosen[-1].lower())})"
        yield _part(subject, (name,), f"“{chosen[-1]}”", condition)
    elif kind in NUMBER_TYPES or kind in _DAYS:
        yield from _range_parts(subject, name, sent)


def literal(text: str) -> str:
    """Return a text as a string literal of FEEL."""
    return json.dumps(text, ensure_ascii=False)


def _name(subject: Subject) -> str:
    return f"record.{subject.field.key}"


def _part(subject: Subject, names: tuple[str, ...], text: str, condition: str) -> FilterPart:
    return FilterPart(names, field_label(subject.field, subject.audience), text, condition)


def _choice_part(subject: Subject, name: str, chosen: list[str]) -> FilterPart:
    labels = option_labels(subject)
    text = ", ".join(labels[one][0] if one in labels else one for one in chosen)
    listed = ", ".join(literal(one) for one in chosen)
    return _part(subject, (name,), text, f"{_name(subject)} in ({listed})")


def _boolean_part(subject: Subject, name: str, chosen: str) -> FilterPart:
    words = subject.audience.words
    told = words("Yes") if chosen == "true" else words("No")
    return _part(
        subject, (name,), told, f"{_name(subject)} = {'true' if chosen == 'true' else 'false'}"
    )


def _range_parts(subject: Subject, name: str, sent: Sent) -> Iterator[FilterPart]:
    for bound, sign, shown in (("min", ">=", "≥"), ("max", "<=", "≤")):
        text = next((one.strip() for one in sent.get(f"{name}.{bound}", ()) if one.strip()), "")
        if not text:
            continue
        condition = _bound(subject, sign, text)
        yield _part(subject, (f"{name}.{bound}",), f"{shown} {text}", condition)


def _bound(subject: Subject, sign: str, text: str) -> str:
    kind, audience = subject.field.value_type, subject.audience
    if kind not in _DAYS:
        value = read_text(subject.field, text, audience)
        return f"{_name(subject)} {sign} {Decimal(str(value)):f}"
    day = read_day(text, audience)
    if kind is FieldType.DATE:
        return f'{_name(subject)} {sign} date("{day}")'
    # A day in the reader's zone: from its first moment, or up to the first of the next.
    edge, day = (">=", day) if sign == ">=" else ("<", day + timedelta(days=1))
    first = datetime(day.year, day.month, day.day, tzinfo=audience.zone).astimezone(UTC)
    return f'{_name(subject)} {edge} date and time("{first:%Y-%m-%dT%H:%M:%SZ}")'


def filter_fields(fields: Sequence[Field], sent: Sent, catalog: Catalog, model: Object,
                  audience: Audience, titles: Mapping[str, str]) -> str:  # fmt: skip
    """Return the boxes of the filter panel, filled with what is on."""
    return "".join(_box(Subject(catalog, model, one, audience), sent, titles) for one in fields)


def _box(subject: Subject, sent: Sent, titles: Mapping[str, str]) -> str:
    kind = subject.field.value_type
    name = PREFIX + subject.field.key
    chosen = [text for text in sent.get(name, ()) if text]
    label = attribute(field_label(subject.field, subject.audience))
    if kind is FieldType.CHOICE:
        inner = checks(subject)(name, chosen, "")
    elif kind is FieldType.BOOLEAN:
        inner = _boolean_box(subject, name, chosen)
    elif kind in TO_ONE_TYPES:
        held = Reference(chosen[-1], titles.get(chosen[-1], "")) if chosen else None
        inner = picker(subject)(name, Picked(held), "")
    elif kind in _TEXTS:
        inner = _input(name, "text", chosen[-1] if chosen else "", label)
    else:
        inner = _range_box(subject, name, sent)
    return (
        f'<div class="field"><label class="form-label" for="f-{attribute(name)}">{label}</label>'
        f"{inner}</div>"
    )


def _input(name: str, kind: str, value: str, label: str) -> str:
    safe = attribute(name)
    return (
        f'<input class="form-control" type="{kind}" id="f-{safe}" name="{safe}"'
        f' value="{attribute(value)}" aria-label="{label}" autocomplete="off">'
    )


def _boolean_box(subject: Subject, name: str, chosen: list[str]) -> str:
    words, safe = subject.audience.words, attribute(name)
    held = chosen[-1] if chosen else ""
    options = "".join(
        f'<option value="{value}"{" selected" if value == held else ""}>{attribute(text)}</option>'
        for value, text in (("", ""), ("true", words("Yes")), ("false", words("No")))
    )
    return f'<select class="form-select" id="f-{safe}" name="{safe}">{options}</select>'


def _range_box(subject: Subject, name: str, sent: Sent) -> str:
    words = subject.audience.words
    kind = "date" if subject.field.value_type in _DAYS else "text"
    texts = {bound: (sent.get(f"{name}.{bound}") or ("",))[-1] for bound in ("min", "max")}
    low = _input(f"{name}.min", kind, texts["min"], attribute(words("from")))
    high = _input(f"{name}.max", kind, texts["max"], attribute(words("to")))
    return f'<div class="pair">{low}{high}</div>'
