"""Values of the expression language in JSON that people write by hand."""

from __future__ import annotations

from decimal import Decimal

from trellis.expressions import decode


def value_of_json(given: object) -> object:
    """Return a value of JSON, or the one that a wire form in it (`{"t": …, "v": …}`) stands for."""
    if isinstance(given, dict):
        if "t" in given and set(given) <= {"t", "v"}:
            return decode(given)
        return {key: value_of_json(one) for key, one in given.items()}
    if isinstance(given, float):
        return Decimal(repr(given))
    return [value_of_json(one) for one in given] if isinstance(given, list) else given
