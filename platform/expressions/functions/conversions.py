"""Functions between kinds of values, and over booleans."""

from __future__ import annotations

import re
from datetime import datetime, time, tzinfo
from decimal import Decimal, DecimalException
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.functions.table import builtin, form
from trellis.expressions.limits import MAX_NUMBER_TEXT
from trellis.expressions.operators import not_
from trellis.expressions.temporal_values import zone_name, zone_of
from trellis.expressions.values import CONTEXT, equal, kind, sort_key
from trellis.expressions.words import text_of

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)
_GROUPINGS = (" ", ",", ".")


def parse_number(text: str) -> Decimal | None:
    """Return the number that a text is."""
    if len(text) > MAX_NUMBER_TEXT or _NUMBER.match(text.strip()) is None:
        return None
    try:
        return CONTEXT.create_decimal(text.strip())
    except DecimalException:
        return None


def _number(value: Any) -> Decimal | None:
    return parse_number(value) if isinstance(value, str) else value


def _number_of(text: str, grouping: str | None, point: str | None) -> Decimal | None:
    if grouping is not None and grouping not in _GROUPINGS:
        return None
    if point is not None and (point not in (".", ",") or point == grouping):
        return None
    plain = text.replace(grouping, "") if grouping else text
    if point == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return parse_number(plain)


def _zone(value: Any) -> tzinfo | None:
    return value.tzinfo if isinstance(value, datetime | time) else zone_of(value)


def is_same(a: Any, b: Any) -> bool:
    """Tell whether two values are of one kind and form: equal, and with the same zone."""
    of = kind(a)
    if of != kind(b):
        return False
    if of not in ("time", "date and time"):
        return equal(a, b) is True
    if sort_key(a) != sort_key(b):
        return False
    first, second = _zone(a), _zone(b)
    if (first is None) != (second is None):
        return False
    return zone_name(first) == zone_name(second)


FUNCTIONS = (
    builtin("string", "A value as text.", form("from: any", t.STRING, text_of)),
    builtin("number", "The number that a text is.",
            form("from: string|number", t.NUMBER, _number),
            form("from: string, grouping separator~: string, decimal separator?~: string",
                 t.NUMBER, lambda text, grouping, point=None: _number_of(text, grouping, point))),
    builtin("not", "True for false, false for true.",
            form("negand~: boolean|any", t.BOOLEAN, not_)),
    builtin("is", "Whether two values are of one kind and form.",
            form("value1: any, value2: any", t.BOOLEAN, is_same)),
)  # fmt: skip
