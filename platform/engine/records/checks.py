"""Whether a record may be stored: required fields, validations, references, row scopes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from trellis.engine.errors import ForbiddenError, InvalidError, NotFoundError, problem
from trellis.engine.records.targets import missing_targets
from trellis.engine.records.values import SETTABLE
from trellis.engine.rights import Rows
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import TO_MANY_TYPES, TO_ONE_TYPES, Field
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import FlagOrCondition
from trellis.storage.prepared import Prepared
from trellis.storage.tables import ObjectTable

_REFERENCES = TO_ONE_TYPES | TO_MANY_TYPES


def flag_holds(
    tx: Transaction, object_key: str, flag: FlagOrCondition, context: Mapping[str, Any]
) -> bool:
    """Tell whether a flag is set, or its condition true."""
    if isinstance(flag, bool):
        return flag
    return tx.compiled.expression(flag.text, object_key)(context) is True


def is_empty(value: Any) -> bool:
    """Tell whether a value counts as missing: 0 and false are answers."""
    return value is None or value == "" or value == [] or value == {}


@dataclass(frozen=True)
class Touch:
    """What a write touches: fields that change, keys that a person sent, fields that must be."""

    changed: frozenset[str]
    sent: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


def check_record(
    tx: Transaction, item: Object, view: RecordView, old: Mapping[str, Any] | None, touch: Touch
) -> None:
    """Raise InvalidError with everything that is wrong with the record about to be stored."""
    context = context_of(tx, view, old)
    problems = list(_field_problems(tx, item, view, context, touch))
    problems += _validation_problems(tx, item, context)
    problems += _reference_problems(tx, item, view, touch)
    if problems:
        raise InvalidError(problems)


def _field_problems(
    tx: Transaction,
    item: Object,
    view: RecordView,
    context: Mapping[str, Any],
    touch: Touch,
) -> Iterator[dict[str, Any]]:
    for key, definition in _checked_fields(tx, item, touch):
        must = key in touch.required or flag_holds(tx, item.key, definition.required, context)
        if must and is_empty(view.get(key)) and _is_visible(tx, item, definition, context):
            yield problem(key, "REQUIRED", "is required")
        elif key in touch.sent and key in touch.changed and not tx.actor.is_system:
            # What defaults, rules and transitions set is theirs to set.
            locked = definition.readonly
            if not isinstance(locked, bool) and flag_holds(tx, item.key, locked, context):
                yield problem(key, "READONLY", "is read-only now")
        if definition.validate is not None and not is_empty(view.get(key)):
            holds = tx.compiled.expression(definition.validate.text, item.key)
            if holds({**context, "value": view.get(key)}) is not True:
                locale = tx.actor.principal.locale
                yield problem(key, "VALIDATION",
                              definition.message.text(locale, "is not valid"))  # fmt: skip


def _checked_fields(tx: Transaction, item: Object, touch: Touch) -> Iterable[tuple[str, Field]]:
    """Return the fields that have something to check; every one when some must be filled."""

    def own() -> tuple[tuple[str, Field], ...]:
        return tuple((key, field) for key, field in item.fields.items() if not field.computed)

    def checked() -> tuple[tuple[str, Field], ...]:
        return tuple((key, field) for key, field in own() if _has_checks(field))

    return own() if touch.required else tx.compiled.keep(("checked", item.key), checked)


def _has_checks(field: Field) -> bool:
    locked = not isinstance(field.readonly, bool)
    return field.required is not False or field.validate is not None or locked


def _is_visible(
    tx: Transaction, item: Object, definition: Field, context: Mapping[str, Any]
) -> bool:
    if definition.visible is None:
        return True
    return tx.compiled.expression(definition.visible.text, item.key)(context) is True


def _validation_problems(
    tx: Transaction, item: Object, context: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    locale = tx.actor.principal.locale
    for validation in item.validations:
        if tx.compiled.expression(validation.condition.text, item.key)(context) is True:
            yield problem(validation.field, "VALIDATION", validation.message.text(locale))


def _reference_problems(
    tx: Transaction, item: Object, view: RecordView, touch: Touch
) -> Iterator[dict[str, Any]]:
    named = [(key, view[key]) for key in sorted(touch.sent.intersection(SETTABLE))
             if view.get(key) is not None]  # fmt: skip
    for key in sorted(touch.changed):
        definition = item.fields.get(key)
        if definition is None:
            continue
        if definition.type not in _REFERENCES:
            continue
        value = view.get(key)
        if definition.type in TO_ONE_TYPES and value is not None:
            named.append((key, value))
        elif definition.type in TO_MANY_TYPES:
            named += [(key, target) for target in value or []]
        if key == item.tree and value is not None and view.id in _ids_above(value):
            yield problem(key, "CIRCLE", "would make the record lie below itself")
    yield from target_problems(tx, named)


def target_problems(
    tx: Transaction, named: Sequence[tuple[str, RecordView]]
) -> Iterator[dict[str, Any]]:
    """Yield a problem for each record that a reference names and that is not there."""
    for key in missing_targets(tx, named):
        yield problem(key, "NO_RECORD", "names a record that does not exist")


def _ids_above(view: RecordView) -> set[str]:
    return set(view.ancestor_ids())


def rows_allow(tx: Transaction, rows: Rows, view: RecordView) -> bool:
    """Tell whether a record lies in the rows of a right."""
    if rows.everything:
        return True
    context = context_of(tx, view)
    return any(
        tx.compiled.expression(text, view.object.key)(context) is True for text in rows.conditions
    )


def require_rows(tx: Transaction, action: Action, view: RecordView) -> None:
    """Raise ForbiddenError when the action is not allowed on the record, 404 when it is unseen."""
    rights = tx.rights(view.object.key)
    if not rows_allow(tx, rights.may(Action.READ), view) and action is not Action.CREATE:
        raise NotFoundError
    if not rows_allow(tx, rights.may(action), view):
        raise ForbiddenError("FORBIDDEN", f"your role may not {action} this record")


def names_taken(tx: Transaction, item: Object, view: RecordView) -> str | None:
    """Return the field of the first unique group that another living record has already."""
    table = tx.compiled.table(item.key)
    groups = [(key,) for key, definition in item.fields.items() if definition.unique]
    for group in (*groups, *item.unique):
        values = [_plain(view.get(key)) for key in group]
        if any(value is None for value in values):
            continue
        statement = tx.compiled.keep(
            ("unique", item.key, group),
            partial(_prepared_names, tx, table, group),
        )
        asked = {f"field_{key}": value for key, value in zip(group, values, strict=True)}
        if statement.first(tx.connection, {"this": view.id, **asked}) is not None:
            return group[-1]
    return None


def _prepared_names(tx: Transaction, table: ObjectTable, group: Sequence[str]) -> Prepared:
    return Prepared(_same_names(table, group), tx.connection.dialect)


def _same_names(table: ObjectTable, group: Sequence[str]) -> sa.Select[Any]:
    """Select another living record that says the same in a group of fields."""
    same = [table.columns[key] == sa.bindparam(f"field_{key}") for key in group]
    identity, gone = table.columns["id"], table.columns["deleted_at"]
    return (
        sa.select(identity)
        .where(identity != sa.bindparam("this", type_=identity.type), gone.is_(None), *same)
        .limit(1)
    )


def _plain(value: Any) -> Any:
    return value.id if isinstance(value, RecordView) else value
