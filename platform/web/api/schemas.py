"""JSON Schemas of records, from the definitions as a caller sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.engine.rights import ObjectRights
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import (
    EXACT_TYPES,
    FILE_TYPES,
    INVERSE_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object

Schema = dict[str, Any]
ID: Schema = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
}
REFERENCE: Schema = {"$ref": "#/components/schemas/Reference"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_ADDRESS_PARTS = ("country", "province", "city", "district", "street", "postcode")
_TEXT: Schema = {"type": "string"}
_SIMPLE: Mapping[FieldType, Schema] = {
    FieldType.INTEGER: {"type": "integer", "minimum": -(2**53), "maximum": 2**53},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.DATETIME: _MOMENT,
    FieldType.TIME: {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?"},
    FieldType.DURATION: {"type": "string"},
    FieldType.ADDRESS: {
        "type": "object",
        "properties": dict.fromkeys(_ADDRESS_PARTS, _TEXT),
        "additionalProperties": False,
    },
    FieldType.GEO: {
        "type": "object",
        "properties": {"lat": {"type": "number"}, "lng": {"type": "number"}},
        "required": ["lat", "lng"],
    },
    FieldType.JSON: {},
}
_SYSTEM: Mapping[str, Schema] = {
    "id": ID,
    "rev": {"type": "integer"},
    **{
        key: {"anyOf": [REFERENCE, {"type": "null"}]}
        for key, kind in SYSTEM_FIELDS.items()
        if kind in TO_ONE_TYPES
    },
    **{key: _MOMENT for key, kind in SYSTEM_FIELDS.items() if kind is FieldType.DATETIME},
}


def record_schema(item: Object, rights: ObjectRights, catalog: Catalog) -> Schema:
    """Return the schema of a record as the API answers it."""
    properties: dict[str, Any] = {}
    for key, field in item.fields.items():
        if key in rights.hidden:
            continue
        # A field that is shown changed may be of any type; its author decides.
        shape = {} if key in rights.shown else _nullable(_read(field, catalog))
        properties[key] = _described(field, shape)
    system = {key: _SYSTEM.get(key, _nullable(_TEXT)) for key in SYSTEM_FIELDS}
    return {
        "type": "object",
        "properties": {**system, **properties},
        "required": ["id"],
        "description": item.help.text("en"),
    }


def values_schema(
    item: Object, rights: ObjectRights, catalog: Catalog, *, creating: bool
) -> Schema:
    """Return the schema of what may be written; nothing else is accepted."""
    state = item.lifecycle.field if item.lifecycle is not None else None
    properties: dict[str, Any] = {}
    needed: list[str] = []
    for key, field in item.fields.items():
        if not is_writable(field, rights) or (key == state and not creating):
            continue
        properties[key] = _described(field, _nullable(_write(field, catalog)))
        if creating and field.required is True and field.default is None and key != state:
            needed.append(key)
    made: Schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return {**made, "required": needed} if needed else made


def is_writable(field: Field, rights: ObjectRights) -> bool:
    """Tell whether the caller may write a field at all."""
    if field.computed or field.readonly is True or field.key in rights.masked:
        return False
    return rights.writable is None or field.key in rights.writable


def _described(field: Field, shape: Schema) -> Schema:
    label = field.label.text("en", field.key)
    help_text = field.help.text("en")
    made = {**shape, "title": label}
    return {**made, "description": help_text} if help_text else made


def _nullable(shape: Schema) -> Schema:
    if not shape:
        return {}
    kind = shape.get("type")
    if isinstance(kind, str) and "enum" not in shape:
        return {**shape, "type": [kind, "null"]}
    return {"anyOf": [shape, {"type": "null"}]}


def _read(field: Field, catalog: Catalog) -> Schema:
    kind = field.value_type
    if kind in TO_ONE_TYPES:
        return REFERENCE
    if kind in TO_MANY_TYPES or kind in INVERSE_TYPES:
        return {"type": "array", "items": REFERENCE}
    if kind in EXACT_TYPES:
        return {"type": ["number", "string"]}
    if kind in FILE_TYPES:
        return ID
    if kind is FieldType.FILES:
        return {"type": "array", "items": ID}
    if kind is FieldType.CHOICE:
        return _TEXT
    if kind is FieldType.CHOICES:
        return {"type": "array", "items": _TEXT}
    return _SIMPLE.get(kind, _TEXT)


def _write(field: Field, catalog: Catalog) -> Schema:
    kind = field.value_type
    if kind in TO_ONE_TYPES:
        return {"anyOf": [ID, REFERENCE]}
    if kind in TO_MANY_TYPES:
        return {"type": "array", "items": {"anyOf": [ID, REFERENCE]}, "maxItems": 1000}
    if kind is FieldType.ROWS:
        return {"type": "array", "items": {"type": "object"}}
    if kind in EXACT_TYPES:
        return {"type": ["number", "string"]}
    if kind is FieldType.CHOICE:
        return {"type": "string", "enum": _options(field, catalog)}
    if kind is FieldType.CHOICES:
        return {
            "type": "array",
            "items": {"type": "string", "enum": _options(field, catalog)},
        }
    if kind in _SIMPLE or kind in FILE_TYPES or kind is FieldType.FILES:
        return _read(field, catalog)
    text: Schema = {"type": "string"}
    if field.max is not None:
        text["maxLength"] = field.max
    return text


def _options(field: Field, catalog: Catalog) -> list[str]:
    known = catalog.options.get(field.options or "")
    return [] if known is None else [key for key, one in known.options.items() if one.active]
