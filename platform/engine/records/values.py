"""What was sent, turned into values by field; unknown and forbidden keys are named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.engine.errors import InvalidError, problem
from trellis.engine.parsing import ValueRefusedError, parser_of
from trellis.engine.transactions import Transaction
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import suggest

#: System fields that a person with the right may set.
SETTABLE = frozenset({"owner", "owner_department"})


@dataclass(frozen=True)
class Sent:
    """Parsed values by field, and rows of children as they came."""

    values: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Accepted:
    """What an actor may send: how each field's value is read, and the fields that hold rows."""

    readers: Mapping[str, Callable[[Any], Any]]
    rows: frozenset[str]


def read_sent(tx: Transaction, item: Object, raw: Mapping[str, Any], *, creating: bool) -> Sent:
    """Return what was sent; raise InvalidError that names every key that is refused."""
    actor = tx.actor
    accepted = tx.compiled.keep(
        ("accepted", item.key, creating, actor.is_system, actor.principal.roles),
        lambda: _accepted(tx, item, creating=creating),
    )
    readers = accepted.readers
    problems: list[dict[str, Any]] = []
    values: dict[str, Any] = {}
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for key, value in raw.items():
        reader = readers.get(key)
        if reader is not None:
            try:
                values[key] = reader(value)
            except ValueRefusedError as error:
                problems.append(problem(key, "TYPE", str(error)))
        elif key in accepted.rows:
            rows[key] = _rows(key, value, problems)
        else:
            problems += _refusals(tx, item, key, creating=creating)
    if problems:
        raise InvalidError(problems)
    return Sent(values, rows)


_SYSTEM_REFERENCE = Field("owner", FieldType.USER, location=None, to="user")  # type: ignore[arg-type]


def _accepted(tx: Transaction, item: Object, *, creating: bool) -> _Accepted:
    keys = [key for key in dict.fromkeys((*item.fields, *sorted(SETTABLE)))
            if not _refusals(tx, item, key, creating=creating)]  # fmt: skip
    rows = frozenset(key for key in keys if key in item.fields
                     and item.fields[key].type is FieldType.ROWS)  # fmt: skip
    readers = {key: _reader(tx, item.fields.get(key, _SYSTEM_REFERENCE))
               for key in keys if key not in rows}  # fmt: skip
    return _Accepted(readers, rows)


def _reader(tx: Transaction, definition: Field) -> Callable[[Any], Any]:
    """Return what parses a value of a field and raises ValueRefusedError."""
    parse = parser_of(definition)
    if definition.options is None:
        return parse
    options = tx.compiled.catalog.options[definition.options].options
    one = definition.type is FieldType.CHOICE

    def read(value: Any) -> Any:
        if one and type(value) is str and value in options:
            return value
        parsed = parse(value)
        _check_among(options, parsed)
        return parsed

    return read


def _refusals(tx: Transaction, item: Object, key: str, *, creating: bool) -> list[dict[str, Any]]:
    """Return why a key may not be sent; nothing when it may."""
    rights, definition = tx.rights(item.key), item.fields.get(key)
    if (definition is None and key not in SETTABLE) or key in rights.masked:
        return [_unknown(item, key, rights.masked)]
    # These hold for the platform too: what flows and rules do is no way around them.
    if definition is not None and definition.computed and not _may_number(tx, definition, creating):
        return [problem(key, "COMPUTED", "is kept by the platform")]
    if item.lifecycle is not None and key == item.lifecycle.field and not creating:
        return [problem(key, "TRANSITION_ONLY", "changes through transitions only")]
    if tx.actor.is_system:
        return []
    if rights.writable is not None and key not in rights.writable:
        return [problem(key, "NOT_WRITABLE", "may not be written by your role")]
    if definition is not None and definition.readonly is True:
        return [problem(key, "READONLY", "is read-only")]
    return []


def _unknown(item: Object, key: str, masked: frozenset[str]) -> dict[str, Any]:
    """Refuse an unknown field; a hidden one gets the same answer."""
    known = [name for name in item.fields if name not in masked]
    return problem(key, "UNKNOWN_FIELD", f"`{item.key}` has no field `{key}`"
                   + _hint(suggest(key, known)))  # fmt: skip


def _may_number(tx: Transaction, definition: Field, creating: bool) -> bool:
    """Tell whether an automatic number may be given: to records from elsewhere."""
    return creating and tx.actor.is_system and definition.type is FieldType.AUTO


def _hint(text: str | None) -> str:
    return f" ({text})" if text else ""


def _rows(key: str, value: Any, problems: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        return value
    problems.append(problem(key, "TYPE", "must be a list of rows"))
    return []


def check_options(tx: Transaction, definition: Field, value: Any) -> None:
    """Raise ValueRefusedError when a choice is none of the field's options."""
    if definition.options is None:
        return
    _check_among(tx.compiled.catalog.options[definition.options].options, value)


def _check_among(options: Mapping[str, Any], value: Any) -> None:
    if value is None:
        return
    for item in value if isinstance(value, list) else [value]:
        if item not in options:
            known = suggest(str(item), options)
            raise ValueRefusedError(f"`{item}` is none of the options" + _hint(known))


def literal_or_value(
    tx: Transaction, object_key: str, value: Any, context: Mapping[str, Any]
) -> Any:
    """Return a definition's literal, or its expression evaluated."""
    if isinstance(value, ExpressionText):
        return tx.compiled.expression(value.text, object_key)(context)
    return value
