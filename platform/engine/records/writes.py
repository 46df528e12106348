"""The verbs: create, update, transition, delete and restore a record.

The order of a write is that of architecture.md 5: parse → rights → lifecycle → defaults and rules
→ formulas → checks → row → history → reactions. Everything happens in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.engine.errors import ConflictError, InvalidError, NotFoundError, problem
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.records import children, draft, lifecycle, storing
from trellis.engine.records.checks import check_record, is_empty, names_taken, require_rows
from trellis.engine.records.references import follow_deletion
from trellis.engine.records.values import Sent, read_sent
from trellis.engine.rows import load_links, load_row
from trellis.engine.transactions import MAX_DEPTH, Transaction
from trellis.engine.views import RecordView, context_of
from trellis.metadata.model.access import Action
from trellis.metadata.model.objects import Object, Transition


def create(
    tx: Transaction,
    object_key: str,
    raw: Mapping[str, Any],
    *,
    record_id: str | None = None,
) -> str:
    """Create a record and return its id.

    Raises InvalidError naming every field that does not fit, ForbiddenError, NotFoundError.
    """
    item = _object(tx, object_key, Action.CREATE)
    sent = read_sent(tx, item, raw, creating=True)
    identity = record_id or tx.ids.new()
    values = dict(sent.values)
    if item.lifecycle is not None:
        field = item.lifecycle.field
        values[field] = lifecycle.initial_state(tx, item, item.lifecycle, values.get(field))
    values.update(_system_values(tx, identity, values))
    draft.add_defaults(tx, item, identity, values)
    draft.add_empty(item, values)
    _apply_rules(tx, item, identity, "create", None, values, frozenset(sent.values))
    draft.add_numbers(tx, item, values)
    values.update(draft.stored_formulas(tx, item, identity, {}, values))
    view = RecordView(tx, object_key, identity, values, values)
    require_rows(tx, Action.CREATE, view)
    present = frozenset(key for key in item.fields if not is_empty(values.get(key)))
    check_record(tx, item, view, None, present)
    _refuse_taken(tx, item, view)
    storing.insert_row(tx, object_key, identity, values)
    changes = storing.change_list({}, values, present)
    storing.add_history(tx, object_key, identity, 1, "create", changes)
    children.write(tx, item, identity, sent.rows, children.Verbs(create, update, delete))
    _react(tx, RecordChanged("create", object_key, identity, None, values, present))
    return identity


def update(
    tx: Transaction,
    object_key: str,
    record_id: str,
    raw: Mapping[str, Any],
    *,
    rev: int | None = None,
) -> int:
    """Change fields of a record and return its new revision.

    Raises ConflictError `REV_CONFLICT` with both values by field when `rev` is not current.
    """
    item = _object(tx, object_key, Action.UPDATE)
    row = _lock(tx, object_key, record_id)
    view = RecordView(tx, object_key, record_id, row)
    require_rows(tx, Action.UPDATE, view)
    sent = read_sent(tx, item, raw, creating=False)
    _check_rev(row, rev, sent.values)
    if lifecycle.is_locked(item, row) and not tx.actor.is_system:
        state = row.get(item.lifecycle.field) if item.lifecycle is not None else ""
        raise ConflictError("READONLY_STATE", f"a record that is `{state}` is read-only")
    return _change(tx, item, row, sent, "update", None, None)


def transition(
    tx: Transaction,
    object_key: str,
    record_id: str,
    name: str,
    raw: Mapping[str, Any] | None = None,
    *,
    comment: str | None = None,
    rev: int | None = None,
) -> int:
    """Run a lifecycle transition and return the record's new revision."""
    item = _object(tx, object_key, Action.READ)
    machine, found = lifecycle.find_transition(item, name)
    row = _lock(tx, object_key, record_id)
    view = RecordView(tx, object_key, record_id, row)
    require_rows(tx, Action.READ, view)
    lifecycle.check_transition(tx, item, found, view)
    sent = _sent_with_transition(tx, item, found, raw or {})
    _check_rev(row, rev, sent.values)
    if found.comment == "required" and not (comment or "").strip():
        raise InvalidError([problem("comment", "REQUIRED", "say why")])
    values = dict(sent.values)
    # The guard sees the record with what the form fills in, before the transition's own effects.
    lifecycle.check_guard(tx, item, found, RecordView(tx, object_key, record_id, row, values))
    if found.target is not None:
        values[machine.field] = found.target
    planned = RecordView(tx, object_key, record_id, row, values)
    context = context_of(tx, planned, view)
    values.update(draft.set_values(tx, item, found.set, context))
    return _change(tx, item, row, Sent(values, sent.rows), "transition", found, comment)


def delete(tx: Transaction, object_key: str, record_id: str, *, rev: int | None = None) -> None:
    """Delete a record softly; what refers to it is refused, cleared or deleted with it."""
    item = _object(tx, object_key, Action.DELETE)
    row = _lock(tx, object_key, record_id)
    view = RecordView(tx, object_key, record_id, row)
    require_rows(tx, Action.DELETE, view)
    _check_rev(row, rev, {})
    follow_deletion(tx, item, record_id, delete=delete, update=update)
    storing.update_row(tx, object_key, record_id, int(row["rev"]), {"deleted_at": tx.now})
    storing.add_history(tx, object_key, record_id, int(row["rev"]) + 1, "delete", {})
    _react(tx, RecordChanged("delete", object_key, record_id, row, row, frozenset()))


def restore(tx: Transaction, object_key: str, record_id: str) -> None:
    """Bring a deleted record back."""
    item = _object(tx, object_key, Action.DELETE)
    row = load_row(tx, object_key, record_id, lock=True)
    if row is None or row.get("deleted_at") is None:
        raise NotFoundError
    view = RecordView(tx, object_key, record_id, row)
    require_rows(tx, Action.DELETE, view)
    _refuse_taken(tx, item, view)
    storing.update_row(tx, object_key, record_id, int(row["rev"]), {"deleted_at": None})
    storing.add_history(tx, object_key, record_id, int(row["rev"]) + 1, "restore", {})
    _react(tx, RecordChanged("restore", object_key, record_id, row, row, frozenset()))


def _change(
    tx: Transaction,
    item: Object,
    row: Mapping[str, Any],
    sent: Sent,
    event: str,
    moved: Transition | None,
    comment: str | None,
) -> int:
    """Store changed values, whoever asked for them."""
    identity, rev = str(row["id"]), int(row["rev"])
    values = dict(sent.values)
    old = _with_links(tx, item, identity, row, values)
    _apply_rules(tx, item, identity, event, old, values, frozenset(values), moved)
    values.update(draft.stored_formulas(tx, item, identity, row, values))
    changed = frozenset(key for key, value in values.items() if old.get(key) != value)
    view = RecordView(tx, item.key, identity, row, values)
    check_record(tx, item, view, RecordView(tx, item.key, identity, row), changed,
                 moved.require if moved is not None else ())  # fmt: skip
    if not changed and moved is None and not sent.rows:
        return rev
    _refuse_taken(tx, item, view)
    written = {key: values[key] for key in changed}
    if not storing.update_row(tx, item.key, identity, rev, written):
        raise ConflictError("REV_CONFLICT", "somebody else changed this record meanwhile")
    storing.add_history(
        tx, item.key, identity, rev + 1, event, storing.change_list(old, values, changed),
        transition=moved.key if moved is not None else None, comment=comment,
    )  # fmt: skip
    children.write(tx, item, identity, sent.rows, children.Verbs(create, update, delete))
    new = {**old, **values, "rev": rev + 1}
    name = moved.key if moved is not None else None
    _react(tx, RecordChanged(event, item.key, identity, old, new, changed, name, comment))
    return rev + 1


def _object(tx: Transaction, object_key: str, action: Action) -> Object:
    item = tx.compiled.object(object_key)
    rights = tx.rights(object_key)
    if item is None or not (rights.may(Action.READ) or rights.may(action)):
        raise NotFoundError("object")
    if not rights.may(action):
        # Seen, but nothing of it may be done: the record's own check would say the same.
        require_rows(tx, action, RecordView(tx, object_key, "", {}))
    return item


def _lock(tx: Transaction, object_key: str, record_id: str) -> Mapping[str, Any]:
    row = load_row(tx, object_key, record_id, lock=True)
    if row is None or row.get("deleted_at") is not None:
        raise NotFoundError
    return row


def _check_rev(row: Mapping[str, Any], rev: int | None, values: Mapping[str, Any]) -> None:
    if rev is None or rev == row["rev"]:
        return
    details = [
        {"field": key, "yours": storing.as_json(value), "theirs": storing.as_json(row.get(key))}
        for key, value in values.items()
        if key in row and row.get(key) != value
    ]
    raise ConflictError("REV_CONFLICT", "somebody else changed this record meanwhile",
                        hint=f"read it again; its revision is {row['rev']}",
                        details=[{"rev": row["rev"]}, *details])  # fmt: skip


def _system_values(tx: Transaction, identity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    who = storing.person(tx)
    return {
        "id": identity,
        "rev": 1,
        "created_at": tx.now,
        "created_by": who,
        "updated_at": tx.now,
        "updated_by": who,
        "owner": values.get("owner", who),
        "owner_department": values.get("owner_department", tx.actor.principal.department),
        "source": tx.actor.source,
        "deleted_at": None,
    }


def _sent_with_transition(
    tx: Transaction, item: Object, found: Transition, raw: Mapping[str, Any]
) -> Sent:
    """Read the fields of a transition's form; it offers its own fields, whatever else is locked."""
    offered = {*found.require, *found.fields}
    strange = [key for key in raw if key not in offered]
    if strange and not tx.actor.is_system:
        raise InvalidError(
            [problem(key, "NOT_OFFERED", f"`{found.key}` does not take this field")
             for key in strange]
        )  # fmt: skip
    masked = tx.rights(item.key).masked & set(raw)
    if masked:
        return read_sent(tx, item, raw, creating=False)
    return read_sent(tx.acting(tx.actor.as_system()), item, raw, creating=False)


def _apply_rules(
    tx: Transaction,
    item: Object,
    identity: str,
    event: str,
    old: Mapping[str, Any] | None,
    values: dict[str, Any],
    changed: frozenset[str],
    moved: Transition | None = None,
) -> None:
    """Let reactions set fields or refuse, before anything is written."""
    name = moved.key if moved is not None else None
    new = values if old is None else {**old, **values}
    for reaction in tx.reactions:
        wanted = Draft(event, item.key, identity, old, new, changed, name)
        values.update(reaction.before(tx, wanted))


def _with_links(
    tx: Transaction,
    item: Object,
    identity: str,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
) -> dict[str, Any]:
    links = tx.compiled.table(item.key).links
    found = {key: load_links(tx, item.key, key, identity) for key in links if key in values}
    return {**row, **found}


def _refuse_taken(tx: Transaction, item: Object, view: RecordView) -> None:
    field = names_taken(tx, item, view)
    if field is not None:
        raise InvalidError([problem(field, "UNIQUE", "is used by another record already")])


def _react(tx: Transaction, change: RecordChanged) -> None:
    if tx.depth >= MAX_DEPTH:
        raise InvalidError([problem(None, "TOO_DEEP", "rules of this record call each other "
                                    f"more than {MAX_DEPTH} times")])  # fmt: skip
    tx.views.pop((change.object, change.record_id), None)
    inner = tx.deeper()
    for reaction in tx.reactions:
        reaction.after(inner, change)
