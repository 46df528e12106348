"""Whether a literal of a definition (a default, what a rule sets) is a value of its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, DecimalException

from trellis.expressions.temporal import parse_duration
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import (
    EXACT_TYPES,
    FILE_TYPES,
    INVERSE_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
)
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import Location, Problem

_HOURS = re.compile(r"\d{1,5}:[0-5]\d(:[0-5]\d)?")


def literal_problems(
    catalog: Catalog, field: Field, value: object, at: Location
) -> Iterator[Problem]:
    """Yield a problem when a literal cannot be a value of the field; expressions are not judged."""
    if value is None or isinstance(value, ExpressionText):
        return
    kind = field.value_type
    if field.options is not None:
        yield from _option_problems(catalog, field, value, at)
        return
    if kind is FieldType.ROLE and value not in catalog.roles:
        yield Problem(at, "META123", f"there is no role `{value}`",
                      hint(str(value), catalog.roles))  # fmt: skip
        return
    if kind in _NO_LITERAL:
        yield Problem(at, "META036", f"a field of type `{kind}` has no value that can be written "
                      "out", "write an expression: `'= …'`")  # fmt: skip
        return
    fits, example = _LITERALS.get(kind, (_is_text, "a text; put numbers in quotes"))
    if not fits(value):
        shown = str(value)[:40]
        yield Problem(at, "META036", f"`{shown}` is not a value of a field of type `{kind}`",
                      f"write {example}, or an expression: `'= …'`")  # fmt: skip


def _option_problems(
    catalog: Catalog, field: Field, value: object, at: Location
) -> Iterator[Problem]:
    known = catalog.options.get(field.options or "")
    if known is None:
        return
    for item in value if isinstance(value, list) else [value]:
        if item not in known.options and not isinstance(item, ExpressionText):
            yield Problem(at, "META112", f"`{item}` is not an option of `{field.options}`",
                          hint(str(item), known.options))  # fmt: skip


_NO_LITERAL = (TO_ONE_TYPES | TO_MANY_TYPES | FILE_TYPES | INVERSE_TYPES
               | {FieldType.FILES})  # fmt: skip


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return type(value) is int


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return Decimal(str(value)).is_finite()
    except DecimalException:
        return False


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _parses(parse: Callable[[str], object]) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        try:
            return isinstance(value, str) and parse(value) is not None
        except ValueError:
            return False

    return fits


def _duration(text: str) -> object:
    return parse_duration(text) or _HOURS.fullmatch(text)


def _is_json(_value: object) -> bool:
    return True


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping)


_LITERALS: Mapping[FieldType, tuple[Callable[[object], bool], str]] = {
    FieldType.INTEGER: (_is_whole, "a whole number"),
    **dict.fromkeys(EXACT_TYPES, (_is_number, "a number such as 10 or 0.5")),
    FieldType.BOOLEAN: (_is_boolean, "true or false"),
    FieldType.DATE: (_parses(date.fromisoformat), "a date such as 2026-03-31"),
    FieldType.DATETIME: (_parses(datetime.fromisoformat), "a moment such as 2026-03-31T14:00:00Z"),
    FieldType.TIME: (_parses(time.fromisoformat), 'a time such as "14:30"'),
    FieldType.DURATION: (_parses(_duration), "a duration such as PT1H30M"),
    FieldType.JSON: (_is_json, "anything"),
    FieldType.ADDRESS: (_is_map, "a map such as {city: Bonn}"),
    FieldType.GEO: (_is_map, "a map such as {lat: 31.23, lng: 121.47}"),
}
