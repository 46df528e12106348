"""The values that the script of a form needs, in the form they travel in; only what may be read.

Fields were checked when the form's logic was written. Here each record is: one that the person may
not read is told as unknown, and the script leaves what depends on it to the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trellis.engine.preload import preload
from trellis.engine.query.pages import may_read, title_of
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, Settings, view_of
from trellis.expressions import encode
from trellis.formbuilder.logic.needs import Behind, Needs, Paths, grouped

Wire = dict[str, Any]
_UNKNOWN: Wire = {"t": "unknown"}


def known_values(
    tx: Transaction, needs: Needs, record: RecordView, held: Mapping[str, Iterable[str]]
) -> Wire:
    """Return what the script of a form is told at first.

    `record` is what the form begins with; `held` are the records that its inputs name, by the name
    of the input, whatever row it stands in.
    """
    told: Wire = {
        "id": record.id,
        "now": int(tx.now.timestamp() * 1000),
        "stored": {name: _wire(tx, record.get(name), paths)
                   for name, paths in sorted(needs.stored.items())},
        "behind": {name: behind_values(tx, needs.behind[name], ids)
                   for name, ids in held.items()},
    }  # fmt: skip
    if needs.user is not None:
        person = view_of(tx, "user", tx.actor.principal.id)
        told["user"] = _record(tx, person, needs.user) if person is not None else {"t": "null"}
    if needs.settings:
        settings = Settings(tx)
        told["settings"] = {name: _wire(tx, settings[name], paths)
                            for name, paths in grouped(needs.settings).items()}  # fmt: skip
    return told


def behind_values(tx: Transaction, behind: Behind, ids: Iterable[str]) -> Wire:
    """Return what is read of the records that a reference names, by id."""
    target = tx.compiled.catalog.objects[behind.object].fields[behind.field].to or ""
    views = preload(tx, target, list(dict.fromkeys(ids)), behind.paths)
    return {view.id: _wire(tx, view, behind.paths) for view in views}


def _wire(tx: Transaction, value: Any, paths: Paths) -> Wire:
    if isinstance(value, list):
        return {"t": "list", "v": [_wire(tx, one, paths) for one in value]}
    if not isinstance(value, RecordView):
        try:
            return encode(value)
        except ValueError:
            return _UNKNOWN
    if not any(paths):
        return {"t": "record", "id": value.id, "v": {}, **_titled(tx, value)}
    return _record(tx, value, paths) if may_read(tx, value) else _UNKNOWN


def _record(tx: Transaction, view: RecordView, paths: Paths) -> Wire:
    found = {name: _wire(tx, view.get(name), below) for name, below in grouped(paths).items()}
    return {"t": "record", "id": view.id, "v": found, **_titled(tx, view)}


def _titled(tx: Transaction, view: RecordView) -> Wire:
    """Return how a record is called, for an input that is filled with it."""
    if not may_read(tx, view):
        return {}
    return {"title": title_of(tx, view.object.key, view.id) or ""}
