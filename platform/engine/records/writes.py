"""The verbs: create, update, transition, delete and restore a record.

The order of a write is that of architecture.md 5: parse → rights → lifecycle → defaults and rules
→ formulas → checks → row → history → reactions. Everything happens in the caller's transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trellis.engine.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    LoopError,
    NotFoundError,
    problem,
)
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.records import children, draft, lifecycle, storing
from trellis.engine.records.checks import (
    Touch,
    check_record,
    is_empty,
    names_taken,
    require_rows,
    target_problems,
)
from trellis.engine.records.references import follow_deletion, follow_restoration
from trellis.engine.records.sent import check_named, take_files
from trellis.engine.records.values import Sent, read_sent
from trellis.engine.rows import load_links, load_row
from trellis.engine.transactions import MAX_DEPTH, Transaction
from trellis.engine.views import RecordView, context_of, view_of
from trellis.ids import format_uuid7
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import TO_ONE_TYPES
from trellis.metadata.model.objects import Object, Transition


def create(
    tx: Transaction,
    object_key: str,
    raw: Mapping[str, Any],
    *,
    record_id: str | None = None,
    with_parent: bool = False,
) -> str:
    """Create a record and return its id; `with_parent` when the parent it belongs to is written.

    Raises InvalidError naming every field that does not fit, ForbiddenError, NotFoundError.
    """
    item = _object(tx, object_key, Action.CREATE)
    sent = read_sent(tx, item, raw, creating=True)
    identity = record_id or (singleton_id(item) if item.singleton else tx.ids.new())
    check_named(tx, item, identity, sent.values)
    values = dict(sent.values)
    if not with_parent:
        _refuse_locked_parent(tx, item, values)
    if item.lifecycle is not None:
        field = item.lifecycle.field
        values[field] = lifecycle.initial_state(tx, item, item.lifecycle, values.get(field))
    values.update(_system_values(tx, identity, values))
    draft.add_defaults(tx, item, identity, values)
    draft.add_empty(item, values)
    rows = children.drafts(tx, item, identity, sent.rows)
    _apply_rules(tx, item, Draft("create", object_key, identity, None, rows, frozenset()), values)
    draft.add_numbers(tx, item, values)
    values.update(draft.stored_formulas(tx, item, identity, {}, values))
    view = RecordView(tx, object_key, identity, values, {**values, **rows})
    require_rows(tx, Action.CREATE, view)
    present = frozenset(key for key in item.fields if not is_empty(values.get(key)))
    check_record(tx, item, view, None, Touch(present, frozenset(raw)))
    _refuse_taken(tx, item, view)
    entry = storing.Entry("create", storing.change_list({}, values, present))
    storing.insert_record(tx, object_key, identity, values, entry)
    take_files(tx, item, identity, sent.values)
    new = _with_children(tx, item, values, sent.rows)
    _react(tx, RecordChanged("create", object_key, identity, None, new, present))
    return identity


def update(
    tx: Transaction,
    object_key: str,
    record_id: str,
    raw: Mapping[str, Any],
    *,
    rev: int | None = None,
    with_parent: bool = False,
) -> int:
    """Change fields of a record and return its new revision.

    Raises ConflictError `REV_CONFLICT` with both values by field when `rev` is not current.
    """
    item = _object(tx, object_key, Action.UPDATE)
    row = _lock(tx, object_key, record_id)
    view = RecordView(tx, object_key, record_id, row)
    require_rows(tx, Action.UPDATE, view)
    sent = read_sent(tx, item, raw, creating=False)
    _check_rev(tx, item, row, rev, sent.values)
    check_named(tx, item, record_id, sent.values)
    _refuse_locked(tx, item, row)
    if not with_parent:
        _refuse_locked_parent(tx, item, row)
    return _change(tx, item, row, sent, "update", None, None, frozenset(raw))


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
    _check_rev(tx, item, row, rev, sent.values)
    check_named(tx, item, record_id, sent.values)
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


def delete(
    tx: Transaction,
    object_key: str,
    record_id: str,
    *,
    rev: int | None = None,
    with_parent: bool = False,
) -> None:
    """Delete a record softly; what refers to it is refused, cleared or deleted with it."""
    item = _object(tx, object_key, Action.DELETE)
    row = _lock(tx, object_key, record_id)
    view = RecordView(tx, object_key, record_id, row)
    require_rows(tx, Action.DELETE, view)
    _check_rev(tx, item, row, rev, {})
    if item.singleton:
        raise ConflictError("SINGLETON", f"`{object_key}` has one record, which stays")
    if not with_parent:
        _refuse_locked_parent(tx, item, row)
    _apply_rules(tx, item, Draft("delete", object_key, record_id, row, {}, frozenset()), {})
    follow_deletion(tx, item, record_id, delete=delete, update=update)
    storing.update_record(tx, object_key, record_id, int(row["rev"]), {"deleted_at": tx.now},
                          storing.Entry("delete"))  # fmt: skip
    _react(tx, RecordChanged("delete", object_key, record_id, row, row, frozenset()))


def restore(tx: Transaction, object_key: str, record_id: str) -> None:
    """Bring a deleted record back, with what was deleted together with it."""
    item = _object(tx, object_key, Action.DELETE)
    row = load_row(tx, object_key, record_id, lock=True)
    # Who may not delete does not learn what was deleted.
    allowed = tx.rights(object_key).may(Action.DELETE)
    if row is None or row.get("deleted_at") is None or not allowed:
        raise NotFoundError
    view = RecordView(tx, object_key, record_id, row)
    require_rows(tx, Action.DELETE, view)
    _refuse_taken(tx, item, view)
    _refuse_dead_references(tx, item, view)
    storing.update_record(tx, object_key, record_id, int(row["rev"]), {"deleted_at": None},
                          storing.Entry("restore"))  # fmt: skip
    follow_restoration(tx, item, record_id, row["deleted_at"], restore=restore)
    _react(tx, RecordChanged("restore", object_key, record_id, row, row, frozenset()))


def _change(
    tx: Transaction,
    item: Object,
    row: Mapping[str, Any],
    sent: Sent,
    event: str,
    moved: Transition | None,
    comment: str | None,
    named: frozenset[str] = frozenset(),
) -> int:
    """Store changed values, whoever asked for them; `named` are the keys that a person sent."""
    identity, rev = str(row["id"]), int(row["rev"])
    values = dict(sent.values)
    rows = children.drafts(tx, item, identity, sent.rows)
    name = moved.key if moved is not None else None
    old = _with_links(tx, item, identity, row, values)
    planned = Draft(event, item.key, identity, old, rows, frozenset(), name)
    _apply_rules(tx, item, planned, values)
    old = _with_links(tx, item, identity, old, values)
    values.update(draft.stored_formulas(tx, item, identity, row, values))
    changed = frozenset(key for key, value in values.items() if old.get(key) != value)
    view = RecordView(tx, item.key, identity, row, {**values, **rows})
    touch = Touch(changed, named, frozenset(moved.require if moved is not None else ()))
    check_record(tx, item, view, RecordView(tx, item.key, identity, row), touch)
    if not changed and moved is None and not sent.rows:
        return rev
    _refuse_taken(tx, item, view)
    written = {key: values[key] for key in changed}
    entry = storing.Entry(event, storing.change_list(old, values, changed), name, comment)
    if not storing.update_record(tx, item.key, identity, rev, written, entry):
        raise ConflictError("REV_CONFLICT", "somebody else changed this record meanwhile")
    take_files(tx, item, identity, sent.values)
    new = _with_children(tx, item, {**old, **values, "rev": rev + 1}, sent.rows)
    _react(tx, RecordChanged(event, item.key, identity, old, new, changed, name, comment))
    return rev + 1


def _object(tx: Transaction, object_key: str, action: Action) -> Object:
    item = tx.compiled.object(object_key)
    rights = tx.rights(object_key)
    if item is None or not (rights.may(Action.READ) or rights.may(action)):
        raise NotFoundError("object")
    if action is Action.CREATE and not rights.may(action):
        raise ForbiddenError("FORBIDDEN", "your role may not create such a record")
    return item


def _lock(tx: Transaction, object_key: str, record_id: str) -> Mapping[str, Any]:
    row = load_row(tx, object_key, record_id, lock=True)
    if row is None or row.get("deleted_at") is not None:
        raise NotFoundError
    return row


def _with_children(
    tx: Transaction,
    item: Object,
    new: Mapping[str, Any],
    rows: Mapping[str, list[Mapping[str, Any]]],
) -> Mapping[str, Any]:
    """Write the rows sent with a record; return its values, which may aggregate them."""
    if not rows:
        return new
    children.write(tx, item, str(new["id"]), rows, children.Verbs(create, update, delete))
    return {**new, **(load_row(tx, item.key, str(new["id"])) or {})}


def singleton_id(item: Object) -> str:
    """Return the id that the one record of a singleton has: a second one cannot be."""
    number = int.from_bytes(hashlib.sha256(item.key.encode()).digest()[:8], "big")
    return format_uuid7(0, number >> 2)


def _refuse_locked(tx: Transaction, item: Object, row: Mapping[str, Any]) -> None:
    if lifecycle.is_locked(item, row) and not tx.actor.is_system:
        state = row.get(item.lifecycle.field) if item.lifecycle is not None else ""
        raise ConflictError("READONLY_STATE", f"a record that is `{state}` is read-only")


def _refuse_locked_parent(tx: Transaction, item: Object, values: Mapping[str, Any]) -> None:
    """Raise when the record that owns this row is read-only."""
    link = item.fields.get(item.child_of or "")
    parent = values.get(link.key) if link is not None else None
    if link is None or not isinstance(parent, str) or tx.actor.is_system:
        return
    owner = view_of(tx, link.to or "", parent)
    if owner is not None:
        _refuse_locked(tx, owner.object, owner.stored)


def _refuse_dead_references(tx: Transaction, item: Object, view: RecordView) -> None:
    """Raise when a record to be restored refers to one that is deleted."""
    named = [
        (key, view[key])
        for key, field in item.fields.items()
        if field.type in TO_ONE_TYPES and view.get(key) is not None
    ]
    problems = list(target_problems(tx, named))
    if problems:
        raise InvalidError(problems, hint="restore what it refers to first")


def _check_rev(
    tx: Transaction,
    item: Object,
    row: Mapping[str, Any],
    rev: int | None,
    values: Mapping[str, Any],
) -> None:
    if rev is None or rev == row["rev"]:
        return
    row = _with_links(tx, item, str(row["id"]), row, values)
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


def _apply_rules(tx: Transaction, item: Object, planned: Draft, values: dict[str, Any]) -> None:
    """Let reactions set fields or refuse, before anything is written.

    They see the record as it will be: `planned.new` holds its rows, `values` the rest.
    """
    old = planned.old or {}
    formulas = draft.stored_formulas(tx, item, planned.record_id, old, values)
    new = {**old, **values, **formulas, **planned.new}
    wanted = replace(planned, new=new, changed=_differing(planned, old, {**values, **formulas}))
    for reaction in tx.reactions:
        found = reaction.before(tx, wanted)
        if found:
            values.update(found)
            new = {**new, **found}
            changed = _differing(planned, old, {**values, **formulas})
            wanted = replace(planned, new=new, changed=changed)


def _differing(planned: Draft, old: Mapping[str, Any], values: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields that the write changes; of a new record those that it fills."""
    if planned.old is None:
        return frozenset(key for key, value in values.items() if not is_empty(value))
    return frozenset(key for key, value in values.items() if old.get(key) != value)


def _with_links(
    tx: Transaction,
    item: Object,
    identity: str,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
) -> dict[str, Any]:
    links = tx.compiled.table(item.key).links
    found = {key: load_links(tx, item.key, key, identity) for key in links
             if key in values and key not in row}  # fmt: skip
    return {**row, **found} if found else dict(row)


def _refuse_taken(tx: Transaction, item: Object, view: RecordView) -> None:
    field = names_taken(tx, item, view)
    if field is not None:
        raise InvalidError([problem(field, "UNIQUE", storing.TAKEN)])


def _react(tx: Transaction, change: RecordChanged) -> None:
    if tx.depth >= MAX_DEPTH:
        raise LoopError(MAX_DEPTH, change.object)
    tx.views.pop((change.object, change.record_id), None)
    inner = tx.deeper()
    for reaction in tx.reactions:
        reaction.after(inner, change)
