"""forms.yaml and views.yaml → forms and views."""

from __future__ import annotations

from trellis.metadata.build.reading import Reading, humanised
from trellis.metadata.model.pages import Form, FormField, FormSection, SortKey, View, ViewKind


def build_forms(reading: Reading) -> dict[str, Form]:
    """Return the forms of a forms.yaml."""
    return {key: _form(key, item) for key, item in reading.entries("forms")}


def build_views(reading: Reading) -> dict[str, View]:
    """Return the views of a views.yaml."""
    return {key: _view(key, item) for key, item in reading.entries("views")}


def _form(key: str, reading: Reading) -> Form:
    audience = reading.child("for")
    return Form(
        key=key,
        object=str(reading.get("object")),
        location=reading.key_location,
        sections=tuple(_section(item) for item in reading.items("sections")),
        label=reading.label("label"),
        roles=audience.texts("roles"),
        device=audience.get("device", "any"),
        app=reading.app,
        place=reading.place,
    )


def _section(reading: Reading) -> FormSection:
    return FormSection(
        label=reading.label("label"),
        fields=tuple(_form_field(item) for item in reading.items("fields")),
        location=reading.location,
        columns=reading.get("columns", 2),
        visible=reading.expression("visible"),
        help=reading.label("help"),
        place=reading.place,
    )


def _form_field(reading: Reading) -> FormField:
    if isinstance(reading.value, str):
        return FormField(reading.value, reading.location)
    return FormField(str(reading.get("field")), reading.location, reading.get("width", 1),
                     reading.get("readonly", False))  # fmt: skip


def _view(key: str, reading: Reading) -> View:
    return View(
        key=key,
        object=str(reading.get("object")),
        label=reading.label("label", humanised(key)),
        location=reading.key_location,
        kind=ViewKind(reading.get("kind", "list")),
        where=reading.expression("where"),
        columns=reading.texts("columns"),
        sort=tuple(_sort_key(text) for text in reading.texts("sort")),
        group=reading.get("group"),
        roles=reading.texts("roles"),
        default_for=reading.texts("default_for"),
        app=reading.app,
        place=reading.place,
    )


def _sort_key(text: str) -> SortKey:
    return SortKey(text.lstrip("-+"), text.startswith("-"))
