"""What happened to records and what was said about them, with names instead of ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from trellis.access.principal import SYSTEM_ID
from trellis.engine import query
from trellis.engine.parsing import ValueRefusedError, parse_value
from trellis.engine.query.behind import titles
from trellis.engine.query.pages import may_read, title_of
from trellis.engine.query.touched import touched_by
from trellis.engine.talk import comments
from trellis.engine.transactions import Transaction
from trellis.engine.views import view_of
from trellis.formbuilder.values import Reference, StoredFile
from trellis.ids import is_id
from trellis.metadata.model.fields import TO_MANY_TYPES, TO_ONE_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.storage.platform_tables.talk import FILE
from trellis.web.pages.ports import FieldChange, Happening, Touched

USER = "user"


def subject_field(item: Object) -> str | None:
    """Return the field that says what a record is about when its title is but a number."""
    named = item.fields.get(item.title) if isinstance(item.title, str) else None
    if named is None or named.type is not FieldType.AUTO:
        return None
    texts = (key for key, one in item.fields.items() if one.type is FieldType.TEXT)
    return next(texts, None)


class Names:
    """Titles of records by id, each asked for once a request."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._known: dict[tuple[str, str], str] = {}

    def learn(self, records: Iterable[tuple[str | None, str | None]]) -> None:
        """Ask for the titles of many records at once, a statement for each object."""
        by_object: dict[str, list[str]] = {}
        for object_key, record_id in records:
            if object_key and record_id and is_id(record_id):
                by_object.setdefault(object_key, []).append(record_id)
        for object_key, ids in by_object.items():
            found = titles(self._tx, object_key, ids)
            self._known.update(((object_key, one), found.get(one) or "") for one in ids)

    def of(self, object_key: str, record_id: str) -> str:
        """Return a record's title, or nothing when the person may not see it."""
        key = (object_key, record_id)
        if not is_id(record_id):
            return ""
        if key not in self._known:
            self._known[key] = title_of(self._tx, object_key, record_id) or ""
        return self._known[key]

    def about(self, object_key: str | None, record_id: str | None) -> str:
        """Return a record's title, or what kind of record it is when it may not be seen."""
        item = self._tx.compiled.object(object_key or "")
        if item is None:
            return object_key or ""
        title = self.of(item.key, record_id) if record_id else ""
        return title or item.label.text(self._tx.actor.principal.locale, item.key)

    def told(self, object_key: str, record_id: str) -> tuple[str, str]:
        """Return a record's title, and what it is about when the title is but a number."""
        item = self._tx.compiled.object(object_key)
        title = self.of(object_key, record_id)
        key = subject_field(item) if item is not None else None
        if key is None or not title or key in self._tx.rights(object_key).masked:
            return title, ""
        view = view_of(self._tx, object_key, record_id)
        return title, "" if view is None else str(view.stored.get(key) or "")

    def person(self, user_id: str | None) -> str:
        """Return a person's name; nothing for the platform itself and for people unseen."""
        if not user_id or user_id == SYSTEM_ID:
            return ""
        reader = self._tx.actor.principal
        return self.of(USER, user_id) or (reader.name if user_id == reader.id else "")


def happenings(tx: Transaction, item: Object, record_id: str, limit: int) -> Sequence[Happening]:
    """Return the history of a record and its comments, the newest first."""
    names = Names(tx)
    entries = query.history(tx, item.key, record_id, limit)
    names.learn((USER, entry["on_behalf_of"] or entry["actor"]) for entry in entries)
    said = comments.of_record(tx, item.key, record_id, limit)
    files = stored_files(tx, (one for comment in said for one in comment.files))
    found = [_of_history(item, entry, names) for entry in entries]
    found.extend(
        Happening(
            "comment",
            comment.at,
            names.person(comment.author),
            text=comment.text,
            files=tuple(files[one] for one in comment.files if one in files),
        )
        for comment in said
    )
    found.sort(key=lambda one: one.at, reverse=True)
    return found[:limit]


def _of_history(item: Object, entry: Mapping[str, Any], names: Names) -> Happening:
    actor = entry["actor"]
    person = entry["on_behalf_of"] if actor == SYSTEM_ID else actor
    said = str(entry["comment"] or "")
    # A flow that must give a reason says that it was the flow; that is no comment of a person.
    by_flow = entry["source"] == "flow" and said == "flow"
    changes = tuple(
        FieldChange(key, *(_value(item.fields.get(key), value, names) for value in pair))
        for key, pair in (entry["changes"] or {}).items()
        if isinstance(pair, list) and len(pair) == 2
    )
    return Happening(
        str(entry["action"]),
        entry["at"],
        names.person(person),
        what=str(entry["transition"] or ""),
        changes=changes,
        text="" if by_flow else said,
    )


def _value(definition: Field | None, value: Any, names: Names) -> object:
    """Return a value of the history as a page shows it; one that fits no more stays as it is."""
    if definition is None or value is None:
        return value
    target = definition.to or ""
    if definition.type in TO_ONE_TYPES:
        return Reference(str(value), names.of(target, str(value)) or "…")
    if definition.type in TO_MANY_TYPES and isinstance(value, list):
        return [Reference(str(one), names.of(target, str(one)) or "…") for one in value]
    if definition.computed:
        return value
    try:
        return parse_value(definition, value)
    except ValueRefusedError:
        return value


def recent(tx: Transaction, limit: int) -> Sequence[Touched]:
    """Return the records the person wrote last and may still see."""
    found: list[Touched] = []
    names = Names(tx)
    touched = touched_by(tx, tx.actor.principal.id, limit * 2)
    names.learn((one.object, one.record_id) for one in touched)
    for one in touched:
        if tx.compiled.object(one.object) is None:
            continue
        view = view_of(tx, one.object, one.record_id)
        if view is None or not may_read(tx, view):
            continue
        title, subject = names.told(one.object, one.record_id)
        found.append(Touched(one.object, Reference(one.record_id, title), one.at, subject))
    return found[:limit]


def stored_files(tx: Transaction, ids: Iterable[str]) -> dict[str, StoredFile]:
    """Return stored files by id, in one statement."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    columns = (FILE.c.id, FILE.c.name, FILE.c.size, FILE.c.media_type)
    statement = sa.select(*columns).where(FILE.c.id.in_(wanted))
    return {row[0]: StoredFile(*row) for row in tx.connection.execute(statement)}
