"""Which fields stand where: a form definition, or what an object gets when nobody drew one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from trellis.formbuilder.audience import Audience, humanise
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.metadata.model.pages import Form
from trellis.metadata.model.texts import (
    EMPTY_LABEL,
    FALLBACKS,
    ExpressionText,
    FlagOrCondition,
)

#: Labels of the fields every object has, in the platform's own words.
SYSTEM_WORDS = {
    "created_at": "Created",
    "created_by": "Created by",
    "updated_at": "Updated",
    "updated_by": "Updated by",
    "owner": "Owner",
    "owner_department": "Department",
    "source": "Source",
    "rev": "Revision",
    "deleted_at": "Deleted",
    "id": "Id",
}
_WIDE = frozenset(
    {FieldType.TEXT_LONG, FieldType.TEXT_RICH, FieldType.ROWS, FieldType.RELATED, FieldType.JSON,
     FieldType.FILES, FieldType.ADDRESS}
)  # fmt: skip
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Placed:
    """A field in a section, with its texts in the reader's language."""

    field: Field
    label: str
    help: str
    width: int
    readonly: FlagOrCondition

    @property
    def key(self) -> str:
        """Return the field's key."""
        return self.field.key


@dataclass(frozen=True)
class Section:
    """A heading with its fields in one to three columns."""

    label: str
    help: str
    columns: int
    fields: tuple[Placed, ...]
    visible: ExpressionText | None = None


@dataclass(frozen=True)
class Layout:
    """The sections of one object's form, for one reader."""

    model: Object
    sections: tuple[Section, ...]

    def fields(self) -> tuple[Placed, ...]:
        """Return every placed field in reading order."""
        return self._fields

    @cached_property
    def _fields(self) -> tuple[Placed, ...]:
        return tuple(placed for section in self.sections for placed in section.fields)

    @cached_property
    def conditional_fields(self) -> tuple[Placed, ...]:
        """Return the fields whose flags depend on conditions."""
        return tuple(
            one
            for one in self._fields
            if any(_expressions((one.field.visible, one.field.required, one.readonly)))
        )

    @cached_property
    def conditional(self) -> bool:
        """Tell whether anything in the form depends on a condition."""
        return next(self._conditions(), None) is not None

    def watched(self) -> frozenset[str]:
        """Return the keys of fields whose change may change what the form shows."""
        return words_of(self._conditions()) & frozenset(self.model.fields)

    def _conditions(self) -> Iterator[ExpressionText]:
        for section in self.sections:
            yield from _expressions((section.visible,))
            for placed in section.fields:
                field = placed.field
                yield from _expressions(
                    (field.visible, field.required, placed.readonly, field.where)
                )


def words_of(conditions: Iterable[ExpressionText]) -> frozenset[str]:
    """Return the words of conditions, the names of fields among them."""
    return frozenset(word for one in conditions for word in _WORD.findall(one.text))


def _expressions(candidates: Iterable[object]) -> Iterator[ExpressionText]:
    return (one for one in candidates if isinstance(one, ExpressionText))


def field_label(field: Field, audience: Audience) -> str:
    """Return a field's label, or its key made readable."""
    if not field.label and field.key in SYSTEM_WORDS:
        return audience.words(SYSTEM_WORDS[field.key])
    return field.label.text(audience.locale, humanise(field.key))


def object_label(model: Object, audience: Audience) -> str:
    """Return what one record is called."""
    return model.label.text(audience.locale, humanise(model.key))


def object_labels(model: Object, audience: Audience) -> str:
    """Return what many records are called, where the language has a plural."""
    # A plural of another language is no use: Chinese has none and says the label itself.
    for locale in FALLBACKS.get(audience.locale, ("en",)):
        if locale in model.labels.texts:
            return model.labels.texts[locale]
        if locale in model.label.texts:
            break
    return object_label(model, audience)


def system_field(key: str, model: Object) -> Field:
    """Return a declaration for a field that nobody declares."""
    target = {FieldType.USER: "user", FieldType.REF: "department"}.get(SYSTEM_FIELDS[key])
    return Field(key, SYSTEM_FIELDS[key], model.location, to=target, label=EMPTY_LABEL)


def field_of(model: Object, key: str) -> Field | None:
    """Return a declared or a system field."""
    if key in model.fields:
        return model.fields[key]
    return system_field(key, model) if key in SYSTEM_FIELDS else None


def form_for(catalog: Catalog, object_key: str, roles: Iterable[str], device: str) -> Form | None:
    """Return the form drawn for one of `roles`, else the one for everybody, else None.

    Of two for the same people the one drawn for this very device is meant.
    """
    held = set(roles)
    candidates = [
        form
        for form in catalog.forms.values()
        if form.object == object_key and form.device in ("any", device)
    ]
    candidates.sort(key=lambda form: form.device == "any")
    for form in candidates:
        if held.intersection(form.roles):
            return form
    return next((form for form in candidates if not form.roles), None)


def layout_of(
    catalog: Catalog, model: Object, form: Form | None, audience: Audience, hidden: frozenset[str]
) -> Layout:
    """Return the layout of `form` (or the default one) without the fields in `hidden`."""
    if form is None:
        return Layout(model, tuple(_default_sections(catalog, model, audience, hidden)))
    sections = []
    for drawn in form.sections:
        fields = tuple(
            _placed(model.fields[one.field], audience, one.width, readonly=one.readonly)
            for one in drawn.fields
            if one.field in model.fields and one.field not in hidden
        )
        if fields:
            label, help_text = drawn.label.text(audience.locale), drawn.help.text(audience.locale)
            sections.append(Section(label, help_text, drawn.columns, fields, drawn.visible))
    return Layout(model, tuple(sections))


def child_columns(catalog: Catalog, rows: Field, audience: Audience) -> tuple[Placed, ...]:
    """Return the columns of the child rows of a `rows` field."""
    child = catalog.objects[rows.of or ""]
    inner = layout_of(catalog, child, None, audience, frozenset({rows.link or ""}))
    unfit = (FieldType.ROWS, FieldType.RELATED)
    return tuple(one for one in inner.fields() if one.field.type not in unfit)


def _default_sections(
    catalog: Catalog, model: Object, audience: Audience, hidden: frozenset[str]
) -> Iterator[Section]:
    visible = [field for field in model.fields.values() if field.key not in hidden]
    inverse = (FieldType.ROWS, FieldType.RELATED)
    plain = tuple(_placed(field, audience) for field in visible if field.type not in inverse)
    if plain:
        yield Section(audience.words("Details"), "", 2, plain)
    for field in visible:
        if field.type is FieldType.ROWS and field.of in catalog.objects:
            placed = _placed(field, audience)
            yield Section(placed.label, placed.help, 1, (placed,))


def _placed(field: Field, audience: Audience, width: int = 0, *, readonly: bool = False) -> Placed:
    return Placed(
        field,
        field_label(field, audience),
        field.help.text(audience.locale),
        max(width, 2 if field.type in _WIDE else 1),
        True if readonly or field.computed else field.readonly,
    )
