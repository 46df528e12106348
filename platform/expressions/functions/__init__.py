"""The built-in functions, in one table: names, parameters, types, and what they do.

Read `table` for the shape of an entry, then a family: `numbers`, `texts`, `lists`, `moments`,
`records`.
"""

from __future__ import annotations

from collections.abc import Mapping

from trellis.expressions.functions import lists, moments, numbers, records, texts
from trellis.expressions.functions.table import Builtin

BUILTINS: Mapping[str, Builtin] = {
    builtin.name: builtin
    for family in (numbers, texts, lists, moments, records)
    for builtin in family.FUNCTIONS
}
MULTI_WORD_NAMES = frozenset(name for name in BUILTINS if " " in name)
