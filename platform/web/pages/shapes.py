"""Compiled forms, records and lists, kept by what they depend on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.filter_bar import filter_fields, filterable
from trellis.formbuilder.form_page import FormPage, compile_form
from trellis.formbuilder.layout import Layout, form_for, layout_of
from trellis.formbuilder.list_page import ListPage, columns_of, compile_list
from trellis.formbuilder.logic.reach import Sees
from trellis.formbuilder.logic.rules import Reader, write_logic
from trellis.formbuilder.record_page import RecordPage, compile_record
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.model.pages import Form, View
from trellis.web.pages.columns import ColumnChoice, column_choices, offered_paths
from trellis.web.pages.ports import ObjectRights

Made = TypeVar("Made")
_MOST = 2000


@dataclass
class Shapes:
    """A bounded store; a new catalog version simply uses new keys."""

    _made: dict[Hashable, object] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what `make` returned for `key` before, or make it now."""
        found = self._made.get(key)
        if found is None:
            found = make()
            with self._lock:
                if len(self._made) >= _MOST:
                    self._made.clear()
                self._made[key] = found
        return cast(Made, found)


@dataclass(frozen=True)
class Shaper:
    """Shapes of one catalog for one reader with some roles."""

    shapes: Shapes
    catalog: Catalog
    audience: Audience
    roles: frozenset[str]
    sees: Sees
    device: str = "desktop"

    def _key(self, *parts: Hashable) -> Hashable:
        return (self.catalog.version, self.audience.locale, str(self.audience.zone), *parts)

    def form_of(self, model: Object) -> Form | None:
        """Return the form drawn for the person's roles and device, or None for the default one."""
        key = self._key("drawn", model.key, self.roles, self.device)
        made = self.shapes.keep(
            key, lambda: (form_for(self.catalog, model.key, self.roles, self.device),)
        )
        return made[0]

    def layout(self, model: Object, rights: ObjectRights) -> Layout:
        """Return the layout of an object's form."""
        form = self.form_of(model)
        key = self._key("layout", model.key, form.key if form else "", rights.hidden)
        return self.shapes.keep(
            key, lambda: layout_of(self.catalog, model, form, self.audience, rights.hidden)
        )

    def form(self, model: Object, rights: ObjectRights, *, new: bool = False) -> FormPage:
        """Return the compiled form of an object."""
        layout = self.layout(model, rights)
        form = self.form_of(model)
        locked = rights.locked | rights.masked
        if model.lifecycle is not None:
            locked |= {model.lifecycle.field}
        name = form.key if form else ""
        key = self._key("form", model.key, name, rights.hidden, locked, self.roles, new)
        return self.shapes.keep(key, lambda: self._compiled(layout, locked, new=new))

    def new_form(self, model: Object, rights: ObjectRights) -> FormPage:
        """Return the compiled form of a new record: what can be filled in, and what it makes."""
        state = {model.lifecycle.field} if model.lifecycle is not None else set()
        kept = {
            key
            for key, field in model.fields.items()
            if field.computed and field.type is not FieldType.FORMULA
        }
        unfit = frozenset(rights.hidden | rights.locked | rights.masked | state | kept)
        return self.form(model, replace(rights, hidden=unfit), new=True)

    def form_over(self, layout: Layout, *key: Hashable) -> FormPage:
        """Return a compiled form of a layout made for an occasion, kept under `key`."""
        return self.shapes.keep(
            self._key("over", self.roles, *key), lambda: self._compiled(layout, frozenset())
        )

    def _compiled(self, layout: Layout, locked: frozenset[str], *, new: bool = False) -> FormPage:
        reader = Reader(self.audience, self.sees, new)
        logic = write_logic(self.catalog, layout, reader, locked)
        return compile_form(self.catalog, layout, self.audience, locked, logic)

    def record(self, model: Object, rights: ObjectRights) -> RecordPage:
        """Return the compiled record page of an object."""
        layout = self.layout(model, rights)
        form = self.form_of(model)
        key = self._key("record", model.key, form.key if form else "", rights.hidden)
        return self.shapes.keep(key, lambda: compile_record(self.catalog, layout, self.audience))

    def list(self, model: Object, paths: tuple[str, ...], *, selectable: bool = True) -> ListPage:
        """Return the compiled list of an object's columns."""
        key = self._key("list", model.key, paths, selectable)

        def make() -> ListPage:
            columns = columns_of(self.catalog, model, paths, self.audience)
            return compile_list(self.catalog, model, columns, self.audience, selectable=selectable)

        return self.shapes.keep(key, make)

    def filters(
        self, model: Object, rights: ObjectRights, paths: tuple[str, ...]
    ) -> tuple[Field, ...]:
        """Return the fields offered in the filter panel of a list."""
        unfit = rights.hidden | rights.masked
        key = self._key("filters", model.key, unfit, paths)
        return self.shapes.keep(key, lambda: tuple(filterable(model, unfit, paths)))

    def blank_filters(self, model: Object, fields: tuple[Field, ...]) -> str:
        """Return the boxes of the filter panel while no filter is on."""
        key = self._key("blank filters", model.key, tuple(one.key for one in fields))
        return self.shapes.keep(
            key, lambda: filter_fields(fields, {}, self.catalog, model, self.audience, {})
        )

    def columns(
        self, model: Object, view: View | None, rights: ObjectRights, shown: tuple[str, ...]
    ) -> tuple[ColumnChoice, ...]:
        """Return the columns that a list can show, with those in `shown` ticked."""
        offered = offered_paths(model, view, rights)
        key = self._key("columns", model.key, offered, shown)
        return self.shapes.keep(
            key, lambda: column_choices(self.catalog, model, offered, shown, self.audience)
        )
