"""Values of a flow as JSON, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

#: Marks a record in what is kept of an item: its object and id.
RECORD = "$record"
#: Whole numbers beyond this many digits are no integers that somebody counts with.
_LONGEST = 30


def kept(value: Any) -> Any:
    """Return an item or its result as JSON: records by object and id, to be found again."""
    identity, item = getattr(value, "id", None), getattr(value, "object", None)
    if isinstance(value, Mapping) and isinstance(identity, str) and item is not None:
        return {RECORD: [item.key, identity]}
    if isinstance(value, Mapping):
        return {str(key): kept(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [kept(one) for one in value]
    return plain(value)


def revived(value: Any, view: Callable[[str, str], Any]) -> Any:
    """Return what `kept` wrote, with `view` finding the records again."""
    if isinstance(value, dict):
        if set(value) == {RECORD}:
            return view(*value[RECORD])
        return {key: revived(one, view) for key, one in value.items()}
    return [revived(one, view) for one in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """Return a value of a flow's variables as JSON: records by id, numbers as numbers."""
    identity = getattr(value, "id", None)
    if isinstance(value, Mapping) and isinstance(identity, str):
        return identity
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return _json_number(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _json_number(value: Decimal) -> int | float | str:
    """Return a number that reads back the same; as text where JSON would lose digits."""
    if value == value.to_integral_value() and value.adjusted() <= _LONGEST:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)
