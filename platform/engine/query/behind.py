"""What lies behind rows: links, owned rows, formulas, titles; read for all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trellis.engine.derived import parts_of_text
from trellis.engine.preload import load_related, load_targets, preload
from trellis.engine.query.columns import Column
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of
from trellis.expressions import Expression
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import INVERSE_TYPES, TO_MANY_TYPES
from trellis.metadata.model.texts import ExpressionText

Values = dict[str, Any]
#: Values by the id of the record that they belong to.
Found = Mapping[str, Any]


@dataclass(frozen=True)
class Behind:
    """A path without a column: rows hold the id of its owner, which `find` gives values for."""

    path: str
    find: Callable[[Transaction, Sequence[str]], Found]

    def fill(self, tx: Transaction, rows: Sequence[Values]) -> None:
        """Put the values into the rows."""
        owners = list(dict.fromkeys(row[self.path] for row in rows if row[self.path] is not None))
        found = self.find(tx, owners) if owners else {}
        for row in rows:
            row[self.path] = found.get(row[self.path])


def behind_of(_tx: Transaction, column: Column) -> Behind:
    """Return how a path without a column is read."""
    definition = column.field
    if definition is None:
        return Behind(column.path, lambda _tx, _owners: {})
    owner = column.owner.key
    if definition.type in TO_MANY_TYPES:
        to = definition.to or ""
        return Behind(column.path, lambda tx, owners: _named_lists(
            tx, to, load_targets(tx, owner, definition.key, owners)))  # fmt: skip
    if definition.type in INVERSE_TYPES:
        of = definition.of or ""
        return Behind(column.path, lambda tx, owners: _named_lists(
            tx, of, {key: [view.id for view in views]
                     for key, views in load_related(tx, definition, owners).items()}))  # fmt: skip
    return Behind(column.path, lambda tx, owners: _formulas(tx, owner, definition.key, owners))


def _named_lists(tx: Transaction, target: str, lists: Mapping[str, Sequence[str]]) -> Found:
    every = list(dict.fromkeys(identity for ids in lists.values() for identity in ids))
    named = titles(tx, target, every)
    return {owner: [{"id": i, "title": named.get(i)} for i in ids] for owner, ids in lists.items()}


def _formulas(tx: Transaction, object_key: str, key: str, owners: Sequence[str]) -> Found:
    definition = tx.compiled.catalog.objects[object_key].fields[key]
    if definition.formula is None:
        return {}
    expression = tx.compiled.expression(definition.formula.text, object_key)
    views = preload(tx, object_key, owners, _paths(expression))
    return {view.id: _plain(view.get(key)) for view in views}


def _plain(value: Any) -> Any:
    return {"id": value.id, "title": None} if isinstance(value, RecordView) else value


def _paths(expression: Expression) -> set[tuple[str, ...]]:
    """Return the paths from the record that an expression reads."""
    return {path[1:] for path in expression.names if path[0] == "record" and len(path) > 1}


def titles(tx: Transaction, object_key: str, ids: Iterable[str]) -> dict[str, str | None]:
    """Return the titles of records as the actor may see them, by id."""
    wanted = list(dict.fromkeys(ids))
    item = tx.compiled.object(object_key)
    if not wanted or item is None or not tx.rights(object_key).may(Action.READ):
        return {}
    paths: set[tuple[str, ...]] = set()
    if isinstance(item.title, ExpressionText):
        paths = _paths(tx.compiled.expression(item.title.text, object_key))
    elif item.title is not None:
        paths = {(item.title,)}
    return {view.id: _title(tx, view) for view in preload(tx, object_key, wanted, paths)}


def title_of(tx: Transaction, object_key: str, record_id: str) -> str | None:
    """Return a record's title as the actor may see it."""
    item = tx.compiled.object(object_key)
    if item is None or not tx.rights(object_key).may(Action.READ):
        return None
    return _title(tx, RecordView(tx, object_key, record_id))


def _title(tx: Transaction, view: RecordView) -> str | None:
    title = view.object.title
    if isinstance(title, ExpressionText):
        if _is_made_of_masked(tx, view.object.key, title.text):
            return None
        found = tx.compiled.expression(title.text, view.object.key)(context_of(tx, view))
        return None if found is None else str(found)
    if title is None or title in tx.rights(view.object.key).masked:
        return None
    found = view.get(title)
    return (
        None if found is None else str(found.get("name") if isinstance(found, Mapping) else found)
    )


def _is_made_of_masked(tx: Transaction, object_key: str, text: str) -> bool:
    compiled = tx.compiled
    parts = compiled.keep(
        ("title parts", object_key), lambda: parts_of_text(compiled.catalog, object_key, text)
    )
    return any(key in tx.rights(of).masked for of, key in parts)
