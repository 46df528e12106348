"""Paths that a query names, as what is selected for them; rights decide what may be named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from trellis.engine.errors import InvalidError, problem
from trellis.engine.subject import Root, Subject, target_of
from trellis.engine.transactions import Transaction
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import Field
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import suggest

MOST_SORTS = 4
MAX_STEPS = 4


@dataclass(frozen=True)
class Column:
    """What is selected for a path: its value, or for what has no column the id of its owner.

    The second element of a reference is the title of what it names.
    """

    path: str
    elements: tuple[ColumnElement[Any], ...]
    field: Field | None
    target: str | None
    owner: Object
    direct: bool
    show: ExpressionText | None = None


@dataclass(frozen=True)
class SortKey:
    """A value that rows are sorted by; nulls stand last whatever the direction."""

    element: ColumnElement[Any]
    descending: bool
    nullable: bool
    #: It is a column of the object's own table, so that an index may have its order.
    own: bool


def column_of(tx: Transaction, root: Root, path: str) -> Column:
    """Return what is selected for a path; InvalidError when the actor knows no such field."""
    steps = path.split(".")
    if len(steps) > MAX_STEPS:
        raise InvalidError(
            [problem("fields", "DEPTH", f"`{path}` has more than {MAX_STEPS} steps")]
        )
    subject = _followed(tx, root.subject(), steps[:-1], path)
    name = steps[-1]
    _refuse_unknown(tx, subject.object, name, path)
    show = tx.rights(subject.object.key).shown.get(name)
    definition = subject.object.fields.get(name)
    target = target_of(subject.object, name)
    value = subject.column(name)
    elements: tuple[ColumnElement[Any], ...] = (
        (value.element,) if value is not None else (subject.identity,)
    )
    if target is not None and value is not None:
        elements = (value.element, _title(tx, subject, name, target))
    return Column(path, elements, definition, target, subject.object, value is not None, show)


def _followed(tx: Transaction, subject: Subject, steps: Sequence[str], path: str) -> Subject:
    for step in steps:
        _refuse_unknown(tx, subject.object, step, path)
        following = subject.reference(step)
        if not isinstance(following, Subject):
            raise InvalidError([problem("fields", "NO_PATH", f"`{step}` leads to no record")])
        if not tx.rights(following.object.key).may(Action.READ):
            raise _unknown(tx, subject.object, step, path)
        subject = following
    return subject


def _refuse_unknown(tx: Transaction, item: Object, name: str, path: str) -> None:
    known = name in item.fields or name in SYSTEM_FIELDS
    if not known or name in tx.rights(item.key).hidden:
        raise _unknown(tx, item, name, path)


def _unknown(tx: Transaction, item: Object, name: str, path: str) -> InvalidError:
    seen = set(item.fields) - tx.rights(item.key).hidden
    return InvalidError([problem(path, "UNKNOWN_FIELD", f"`{item.key}` has no field `{name}`")],
                        hint=suggest(name, seen))  # fmt: skip


def _title(tx: Transaction, subject: Subject, name: str, target: str) -> ColumnElement[Any]:
    """Return the title of a reference, null where the actor may not see such records."""
    item = tx.compiled.catalog.objects.get(target)
    rights = tx.rights(target)
    if item is None or not isinstance(item.title, str) or item.title in rights.masked \
            or not rights.may(Action.READ):  # fmt: skip
        return sa.null()
    following = subject.reference(name)
    title = following.column(item.title) if following is not None else None
    return sa.null() if title is None else title.element


def sort_keys(tx: Transaction, root: Root, sort: tuple[str, ...]) -> list[SortKey]:
    """Return what a page is sorted by: what was asked for, then the id."""
    keys: list[SortKey] = []
    for text in sort[:MOST_SORTS]:
        path = text.lstrip("-+")
        column = column_of(tx, root, path)
        if column.show is not None or not column.direct:
            raise InvalidError([problem("sort", "UNKNOWN_FIELD", f"`{path}` cannot be sorted by")])
        element = column.elements[1] if column.target is not None else column.elements[0]
        own = getattr(element, "table", None) is root.table
        nullable = not own or bool(getattr(element, "nullable", True))
        keys.append(SortKey(element, text.startswith("-"), nullable, own))
    if not keys:
        keys.append(SortKey(root.table.c.created_at, descending=True, nullable=False, own=True))
    last = keys[-1].descending
    return [*keys, SortKey(root.table.c.id, descending=last, nullable=False, own=True)]
