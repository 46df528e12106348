"""How mistakes that come from other languages are mended: what the helps of problems say."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.expressions.functions import BUILTINS
from trellis.problems import suggest

#: Functions of other languages, and what is written here.
_FOREIGN: Mapping[str, str] = {
    "len": "`count(…)` for lists, `string length(…)` for texts",
    "length": "`count(…)` for lists, `string length(…)` for texts",
    "size": "`count(…)`", "upper": "`upper case(…)`", "lower": "`lower case(…)`",
    "startswith": "`starts with(…)`", "endswith": "`ends with(…)`", "includes": "`contains(…)`",
    "avg": "`mean(…)`", "average": "`mean(…)`", "concat": "`+` or `string join(…)`",
    "round": "`round half up(…, 0)` or `decimal(…, 0)`", "ceil": "`ceiling(…)`",
    "coalesce": "`if x != null then x else y`", "ifnull": "`if x != null then x else y`",
    "isnull": "`x = null`", "isempty": "`x = null` or `count(x) = 0`", "datediff": "`a - b`",
    "year": "`x.year`", "month": "`x.month`", "day": "`x.day`", "str": "`string(…)`",
    "int": "`number(…)`", "float": "`number(…)`", "map": "`for x in … return …`",
    "filter": "`list[condition]`", "unique": "`distinct values(…)`",
}  # fmt: skip


def function_hint(name: str) -> str | None:
    """Return what to write instead of a function that there is not."""
    foreign = _FOREIGN.get(name.lower())
    return f"write {foreign}" if foreign is not None else suggest(name, BUILTINS)


def property_hint(of: str, name: str) -> str | None:
    """Return what to write instead of a property that a kind of value has not."""
    if name in ("length", "size", "count"):
        if of == "string":
            return "write `string length(…)`"
        if of == "list":
            return "write `count(…)`"
    return None


def arithmetic_hint(operator: str, kinds: set[str]) -> str | None:
    """Return how two kinds are combined that an operator does not take."""
    if operator == "+" and "string" in kinds:
        return "write `string(…)` around what is no text"
    if operator in "+-" and "number" in kinds and kinds & _MOMENTS:
        return 'write `duration("P1D")` for a day, `duration("PT1H")` for an hour'
    return None


_MOMENTS = {"date", "date and time", "time", "days and time duration"}
_AROUND = {
    "date": "write `date(…)` around the text",
    "date and time": "write `date and time(…)` around the text",
    "time": "write `time(…)` around the text",
    "days and time duration": "write `duration(…)` around the text",
}


def comparison_hint(kinds: set[str]) -> str | None:
    """Return how two kinds are compared that have nothing in common."""
    if kinds == {"date", "date and time"}:
        return "write `date(…)` around the date and time"
    if "list" in kinds:
        return "write `some … in … satisfies …` or `list contains(…)`"
    if kinds == {"number", "string"}:
        return "write `number(…)` or `string(…)` around one side"
    if kinds == {"number", "days and time duration"}:
        return 'write `duration("PT1H")` for an hour, or `hours(…)` around the duration'
    if "string" in kinds:
        return next((_AROUND[of] for of in kinds if of in _AROUND), None)
    return "write `true` or `false`" if "boolean" in kinds else None
