"""Which names an expression sees at each place, and their types: the one place that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trellis.expressions import types as t
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import (
    FILE_TYPES,
    INVERSE_TYPES,
    NUMBER_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object

#: Names that always mean the platform's value (definitions.md 2).
PLATFORM_NAMES = frozenset({"user", "record", "old", "vars", "task", "msg", "outcome",
                            "requester", "item", "settings"})  # fmt: skip
_FILE = t.ContextType(entries={"id": t.STRING, "name": t.STRING, "size": t.NUMBER,
                               "type": t.STRING})  # fmt: skip
_GEO = t.ContextType(entries={"lat": t.NUMBER, "lng": t.NUMBER})
_SIMPLE: Mapping[FieldType, t.Type] = {
    FieldType.BOOLEAN: t.BOOLEAN, FieldType.DATE: t.DATE, FieldType.DATETIME: t.DATETIME,
    FieldType.TIME: t.TIME, FieldType.DURATION: t.DAYS_TIME, FieldType.GEO: _GEO,
    FieldType.ADDRESS: t.ContextType(open=True), FieldType.JSON: t.ANY,
    FieldType.FILES: t.ListType(of=_FILE),
}  # fmt: skip


@dataclass(frozen=True)
class ObjectShape:
    """The properties of an object's records, asked lazily."""

    catalog: Catalog
    key: str

    @property
    def definition(self) -> Object:
        """Return the object's definition."""
        return self.catalog.objects[self.key]

    @property
    def tree(self) -> bool:
        """Tell whether the records form a tree."""
        return self.definition.tree is not None

    def property(self, name: str) -> t.Type | None:
        """Return the type of a field or system field."""
        field = self.definition.fields.get(name)
        if field is not None:
            return field_type(self.catalog, field)
        if name == "roles" and self.key == "user":
            return t.ListType(of=t.STRING)
        return _system_type(self.catalog, name)

    def names(self) -> Iterable[str]:
        """Return every property's name."""
        return [*self.definition.fields, *SYSTEM_FIELDS]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectShape) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


def _system_type(catalog: Catalog, name: str) -> t.Type | None:
    kind = SYSTEM_FIELDS.get(name)
    if kind is None:
        return None
    if kind is FieldType.USER:
        return record_type(catalog, "user")
    if kind is FieldType.REF:
        return record_type(catalog, "department")
    return {FieldType.INTEGER: t.NUMBER, FieldType.DATETIME: t.DATETIME}.get(kind, t.STRING)


def record_type(catalog: Catalog, key: str) -> t.Type:
    """Return the type of an object's records."""
    return t.RecordType(shape=ObjectShape(catalog, key)) if key in catalog.objects else t.ANY


def field_type(catalog: Catalog, field: Field) -> t.Type:
    """Return the FEEL type of a field's value."""
    kind = field.value_type
    if kind in NUMBER_TYPES:
        return t.NUMBER
    if kind in TO_ONE_TYPES:
        return record_type(catalog, field.to or "")
    if kind in TO_MANY_TYPES:
        return t.ListType(of=record_type(catalog, field.to or ""))
    if kind in INVERSE_TYPES:
        return t.ListType(of=record_type(catalog, field.of or ""))
    if kind in FILE_TYPES:
        return _FILE
    if kind in (FieldType.CHOICE, FieldType.CHOICES):
        choice = option_type(catalog, field.options)
        return choice if kind is FieldType.CHOICE else t.ListType(of=choice)
    return _SIMPLE.get(kind, t.STRING)


def value_type(kind: FieldType) -> t.Type:
    """Return the FEEL type of a kind of value alone; what it leads to is not known."""
    if kind in NUMBER_TYPES:
        return t.NUMBER
    if kind in TO_ONE_TYPES:
        return t.ANY
    if kind in TO_MANY_TYPES | INVERSE_TYPES or kind is FieldType.CHOICES:
        return t.ListType()
    return _FILE if kind in FILE_TYPES else _SIMPLE.get(kind, t.STRING)


def option_type(catalog: Catalog, options: str | None) -> t.Type:
    """Return the type of a choice from an option set."""
    known = catalog.options.get(options or "")
    return t.STRING if known is None else t.ChoiceType(values=tuple(known.options))


def _settings_type(catalog: Catalog) -> t.Type:
    return t.ContextType(
        entries={key: record_type(catalog, key) for key, item in catalog.objects.items()
                 if item.singleton},
    )  # fmt: skip


def record_scope(catalog: Catalog, object_key: str, **more: t.Type) -> t.Scope:
    """Return the scope over a record: its fields bare, and the platform's names."""
    shape = ObjectShape(catalog, object_key)
    names: dict[str, t.Type] = {
        "record": t.RecordType(shape=shape),
        "old": t.RecordType(shape=shape),
        "user": record_type(catalog, "user"),
        "settings": _settings_type(catalog),
    }
    return t.Scope({**names, **more}, shape)


#: What expressions of a clock know about it; moments and amounts are null until it runs.
_CLOCK = t.ContextType(
    entries={
        "key": t.STRING, "round": t.NUMBER, "state": t.STRING, "percent": t.NUMBER,
        "started_at": t.DATETIME, "due_at": t.DATETIME, "ended_at": t.DATETIME,
        "breached_at": t.DATETIME, "target": t.DAYS_TIME, "elapsed": t.DAYS_TIME,
        "remaining": t.DAYS_TIME, "paused": t.DAYS_TIME, "calendar": t.ANY,
        "warned": t.ListType(of=t.STRING), "intervals": t.ListType(),
    }
)  # fmt: skip


def clock_scope(catalog: Catalog, object_key: str) -> t.Scope:
    """Return the scope of an expression of a clock: the record's, and `clock`."""
    return record_scope(catalog, object_key, clock=_CLOCK)


def flow_scope(catalog: Catalog, object_key: str | None) -> t.Scope:
    """Return the scope of an expression of a flow."""
    more: dict[str, t.Type] = {
        "vars": t.ContextType(open=True),
        "outcome": t.STRING,
        "requester": record_type(catalog, "user"),
        "task": t.ContextType(open=True),
        "msg": t.ContextType(open=True),
        "item": t.ANY,
        "result": t.ANY,
    }
    if object_key is not None and object_key in catalog.objects:
        return record_scope(catalog, object_key, **more)
    base = {"user": record_type(catalog, "user"), "record": t.ANY, "old": t.ANY,
            "settings": _settings_type(catalog)}  # fmt: skip
    return t.Scope({**base, **more})
