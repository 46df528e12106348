"""The columns of a list: those its view names, or those the reader chose in the address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.list_page import columns_of, default_columns
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.model.pages import View
from trellis.web.pages.ports import ObjectRights

#: The name of a chosen column in the address, once for each.
COLUMN = "col"
_MOST = 14
_NO_COLUMN = frozenset(
    {FieldType.ROWS, FieldType.RELATED, FieldType.JSON, FieldType.TEXT_RICH, FieldType.SIGNATURE,
     FieldType.VIDEO}
)  # fmt: skip
_SYSTEM = ("created_at", "created_by", "updated_at", "updated_by")


@dataclass(frozen=True)
class ColumnChoice:
    """A column that a list can show."""

    path: str
    label: str
    shown: bool


def column_paths(
    model: Object, view: View | None, rights: ObjectRights, asked: Sequence[str]
) -> tuple[str, ...]:
    """Return the paths a list shows: what the reader chose, else the view's, else the default."""
    usual = _usual(model, view, rights)
    chosen = set(asked)
    picked = [path for path in _offered(model, usual, rights) if path in chosen]
    return tuple(picked[:_MOST]) or usual


def column_choices(
    catalog: Catalog, model: Object, offered: tuple[str, ...], shown: Sequence[str],
    audience: Audience,
) -> tuple[ColumnChoice, ...]:  # fmt: skip
    """Return every column that could be shown, with its label."""
    now = set(shown)
    return tuple(
        ColumnChoice(column.path, column.label, column.path in now)
        for column in columns_of(catalog, model, offered, audience)
    )


def offered_paths(model: Object, view: View | None, rights: ObjectRights) -> tuple[str, ...]:
    """Return the paths that a reader may choose, the view's own first."""
    return tuple(_offered(model, _usual(model, view, rights), rights))


def _usual(model: Object, view: View | None, rights: ObjectRights) -> tuple[str, ...]:
    if view is None or not view.columns:
        return default_columns(model, rights.hidden)
    shown = tuple(path for path in view.columns if path.split(".")[0] not in rights.hidden)
    return shown or default_columns(model, rights.hidden)


def _offered(model: Object, usual: tuple[str, ...], rights: ObjectRights) -> Iterator[str]:
    yield from usual
    for field in model.fields.values():
        # A formula that is not stored costs one evaluation a row: not in a list by mere choice.
        computed_late = field.type is FieldType.FORMULA and not field.stored
        if field.type in _NO_COLUMN or computed_late or field.key in rights.hidden:
            continue
        if field.key not in usual:
            yield field.key
    yield from (key for key in _SYSTEM if key not in usual and key not in rights.hidden)
