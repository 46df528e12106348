"""The built-in functions, in one table: names, parameters, types, and what they do.

Read `table` for the shape of an entry, then a family: `conversions`, `numbers`, `texts`, `lists`,
`moments`, `working_time`, `ranges`, `contexts`, `records`. A function that is added to a family is
known to the parser, the checker, every target and the reference page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from trellis.expressions.functions import (
    contexts,
    conversions,
    lists,
    moments,
    numbers,
    range_text,
    ranges,
    records,
    texts,
    working_time,
)
from trellis.expressions.functions.table import Builtin

FAMILY_WORDS = (
    "Conversion and booleans", "Numbers", "Texts", "Lists", "Dates, times and durations",
    "Working time", "Ranges", "Contexts", "Records and decisions",
)  # fmt: skip
_TABLES = (
    conversions.FUNCTIONS, numbers.FUNCTIONS, texts.FUNCTIONS, lists.FUNCTIONS, moments.FUNCTIONS,
    working_time.FUNCTIONS, (*range_text.FUNCTIONS, *ranges.FUNCTIONS), contexts.FUNCTIONS,
    records.FUNCTIONS,
)  # fmt: skip
FAMILIES: Mapping[str, tuple[Builtin, ...]] = MappingProxyType(
    dict(zip(FAMILY_WORDS, _TABLES, strict=True))
)
BUILTINS: Mapping[str, Builtin] = MappingProxyType(
    {
        builtin.name: replace(builtin, family=family)
        for family, builtins in FAMILIES.items()
        for builtin in builtins
    }
)
MULTI_WORD_NAMES = frozenset(name for name in BUILTINS if " " in name)
