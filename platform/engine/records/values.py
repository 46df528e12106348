"""What was sent, turned into values by field; unknown and forbidden keys are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.engine.errors import InvalidError, problem
from trellis.engine.parsing import ValueRefusedError, parse_value
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


def read_sent(tx: Transaction, item: Object, raw: Mapping[str, Any], *, creating: bool) -> Sent:
    """Return what was sent; raise InvalidError that names every key that is refused."""
    rights = tx.rights(item.key)
    problems: list[dict[str, Any]] = []
    values: dict[str, Any] = {}
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for key, value in raw.items():
        definition = item.fields.get(key)
        refusal = _refusal(tx, item, key, definition, rights.masked, rights.writable, creating)
        if refusal is not None:
            problems.append(refusal)
        elif definition is not None and definition.type is FieldType.ROWS:
            rows[key] = _rows(key, value, problems)
        else:
            _parse(tx, key, definition or _SYSTEM_REFERENCE, value, values, problems)
    if problems:
        raise InvalidError(problems)
    return Sent(values, rows)


_SYSTEM_REFERENCE = Field("owner", FieldType.USER, location=None, to="user")  # type: ignore[arg-type]


def _refusal(
    tx: Transaction,
    item: Object,
    key: str,
    definition: Field | None,
    masked: frozenset[str],
    writable: frozenset[str] | None,
    creating: bool,
) -> dict[str, Any] | None:
    if (definition is None and key not in SETTABLE) or key in masked:
        # An unknown field and a hidden one get the same answer.
        known = [name for name in item.fields if name not in masked]
        return problem(key, "UNKNOWN_FIELD", f"`{item.key}` has no field `{key}`"
                       + _hint(suggest(key, known)))  # fmt: skip
    # These hold for the platform too: what flows and rules do is no way around them.
    if definition is not None and definition.computed and not _may_number(tx, definition, creating):
        return problem(key, "COMPUTED", "is kept by the platform")
    if item.lifecycle is not None and key == item.lifecycle.field and not creating:
        return problem(key, "TRANSITION_ONLY", "changes through transitions only")
    if tx.actor.is_system:
        return None
    if writable is not None and key not in writable:
        return problem(key, "NOT_WRITABLE", "may not be written by your role")
    if definition is not None and definition.readonly is True:
        return problem(key, "READONLY", "is read-only")
    return None


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


def _parse(
    tx: Transaction,
    key: str,
    definition: Field,
    value: Any,
    values: dict[str, Any],
    problems: list[dict[str, Any]],
) -> None:
    try:
        parsed = parse_value(definition, value)
        check_options(tx, definition, parsed)
    except ValueRefusedError as error:
        problems.append(problem(key, "TYPE", str(error)))
    else:
        values[key] = parsed


def check_options(tx: Transaction, definition: Field, value: Any) -> None:
    """Raise ValueRefusedError when a choice is none of the field's options."""
    if definition.options is None or value is None:
        return
    options = tx.compiled.catalog.options[definition.options].options
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
