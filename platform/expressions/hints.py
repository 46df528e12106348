"""How wrong names and kinds of values are mended: what the helps of problems say."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trellis.expressions import nodes as n
from trellis.expressions.date_hints import rewritten
from trellis.expressions.functions import BUILTINS
from trellis.expressions.values import kind
from trellis.expressions.words import number_text
from trellis.problems import suggest

_IF_NULL = "`if x != null then x else y`"
_PICK = "`list[condition]`"
#: Functions of other languages, and what is written here.
_FOREIGN: Mapping[str, str] = {
    "len": "`count(…)` for lists, `string length(…)` for texts",
    "length": "`count(…)` for lists, `string length(…)` for texts",
    "size": "`count(…)`", "upper": "`upper case(…)`", "lower": "`lower case(…)`",
    "touppercase": "`upper case(…)`", "tolowercase": "`lower case(…)`", "proper": "`upper case(…)`",
    "includes": "`contains(…)` for texts, `list contains(…)` for lists",
    "avg": "`mean(…)`", "average": "`mean(…)`", "concat": "`+` or `string join(…)`",
    "concatenate": "`+` or `string join(…)`", "textjoin": "`string join(list, delimiter)`",
    "join": "`string join(list, delimiter)`", "round": "`round half up(…, 0)` or `decimal(…, 0)`",
    "rounddown": "`round down(…, 0)`", "roundup": "`round up(…, 0)`", "int": "`floor(…)`",
    "trunc": "`round down(…, 0)`", "ceil": "`ceiling(…)`", "mod": "`modulo(a, b)`",
    "power": "`a ** b`", "pow": "`a ** b`", "coalesce": _IF_NULL, "ifnull": _IF_NULL,
    "nvl": _IF_NULL, "iferror": f"{_IF_NULL}; what cannot be computed is null",
    "isnull": "`x = null`", "isblank": '`x = null or x = ""`', "isempty": '`x = null or x = ""`',
    "isnumber": "`x instance of number`", "istext": "`x instance of string`",
    "if": "`if a then b else c`", "iif": "`if a then b else c`", "ifs": "`if … then … else if …`",
    "switch": "`if … then … else if …`, or a decision table", "and": "`a and b`", "or": "`a or b`",
    "xor": "`a != b`", "datediff": "`b - a`, a duration; `days(…)` counts its days",
    "dateadd": '`x + duration("P1D")`', "date_add": '`x + duration("P1D")`',
    "edate": '`x + duration("P1M")`', "datevalue": "`date(…)`", "year": "`x.year`",
    "month": "`x.month`", "day": "`x.day`", "hour": "`x.hour`", "minute": "`x.minute`",
    "second": "`x.second`", "weekday": "`x.weekday`, 1 is Monday", "getdate": "`now()`",
    "sysdate": "`now()`", "current_date": "`today()`", "current_timestamp": "`now()`",
    "str": "`string(…)`", "text": "`string(…)`", "tostring": "`string(…)`", "cast": "`number(…)`",
    "value": "`number(…)`", "float": "`number(…)`", "parseint": "`number(…)`",
    "parsefloat": "`number(…)`", "tonumber": "`number(…)`",
    "map": "`for x in list return …`", "filter": _PICK, "find": _PICK + ", `[1]` for the first",
    "countif": "`count(list[condition])`", "countifs": "`count(list[condition])`",
    "sumif": "`sum(list[condition].name)`", "sumifs": "`sum(list[condition].name)`",
    "averageif": "`mean(list[condition].name)`", "counta": "`count(…)`",
    "vlookup": _PICK + ", or a decision table", "lookup": _PICK + ", or a decision table",
    "unique": "`distinct values(…)`", "distinct": "`distinct values(…)`",
    "set": "`distinct values(…)`",
    "left": "`substring(text, 1, length)`", "right": "`substring(text, -length)`",
    "mid": "`substring(text, start, length)`", "substr": "`substring(text, start, length)`",
    "trim": r'`replace(text, "^\s+|\s+$", "")`', "strip": r'`replace(text, "^\s+|\s+$", "")`',
    "substitute": "`replace(text, pattern, replacement)`", "instr": "`contains(text, part)`",
    "search": "`contains(text, part)`", "indexof": "`index of(list, element)`",
    "range": "`[1..n]`", "foreach": "`for x in list return …`", "push": "`append(list, element)`",
    "between": "`x between a and b`", "in": "`x in (a, b)`",
}  # fmt: skip
#: Names of other languages for values that FEEL writes as words.
_VALUES: Mapping[str, str] = {
    "true": "true", "false": "false", "yes": "true", "no": "false", "null": "null", "none": "null",
    "nil": "null", "undefined": "null", "nan": "null", "nothing": "null", "empty": "null",
    "ja": "true", "nein": "false", "是": "true", "否": "false", "空": "null",
    "current_date": "today()", "current_timestamp": "now()", "sysdate": "now()",
}  # fmt: skip
#: What looks like a value's word, whatever names are near.
LIKE_VALUES = frozenset(_VALUES)
_SELVES = ("this", "self", "me", "it", "row", "current")


def _squeezed(name: str) -> str:
    return "".join(re.findall(r"\w+", name)).replace("_", "").lower()


_SQUEEZED: Mapping[str, str] = {_squeezed(name): name for name in BUILTINS}


def function_hint(name: str) -> str | None:
    """Return what to write instead of a function that there is not."""
    own = _SQUEEZED.get(_squeezed(name))
    if own is not None:
        return f"write `{own}(…)`" if BUILTINS[own].forms[0].parameters else f"write `{own}()`"
    foreign = _FOREIGN.get(name.lower())
    if foreign is not None:
        return f"write {foreign}"
    return suggest(name, BUILTINS) or "the reference lists every function"


def is_function_in_parts(left: str, right: str) -> str | None:
    """Return the function that two names with a sign between them mean: `string-length`."""
    return _SQUEEZED.get(_squeezed(left + right))


def name_hint(name: str, inner: list[str]) -> str:
    """Return what an unknown name may be; `inner` are the names of the loops around it."""
    value = _VALUES.get(name.lower())
    if value is not None:
        return f"write `{value}`"
    if name.lower() in _SELVES:
        return "write `record`"
    if inner:
        shown = ", ".join(f"`{one}`" for one in inner)
        return f"known here are {shown}, and the scope's names"
    return f'if it is a text, write `"{name}"`'


def property_hint(of: str, name: str) -> str | None:
    """Return what to write instead of a property that a kind of value has not."""
    small = _squeezed(name)
    if small in ("length", "size", "count"):
        return {"string": "write `string length(…)`", "list": "write `count(…)`"}.get(of)
    if of == "boolean":
        return "true and false have no properties; write the name alone"
    if of in ("string", "number"):
        own = _SQUEEZED.get(small) or {"touppercase": "upper case", "tolowercase": "lower case",
                                       "includes": "contains", "startswith": "starts with",
                                       "endswith": "ends with"}.get(small)  # fmt: skip
        what = "a text" if of == "string" else "a number"
        return f"write `{own}(…)`" if own else f"{what} has no properties; write the name alone"
    if of in ("date", "date and time") and small.startswith("get"):
        return "write `.year`, `.month`, `.day` or `.weekday`"
    return None


def arithmetic_hint(node: n.Arithmetic, a: str, b: str) -> str | None:
    """Return how two kinds are combined that an operator does not take."""
    operator, kinds = node.operator, {a, b}
    if operator in "+-" and "number" in kinds and kinds & _MOMENTS:
        return _shift_hint(node)
    if operator == "+" and a == b and a in _MOMENTS:
        return "`-` gives the time between two of them; a duration can be added to one"
    if "string" in kinds:
        return _text_hint(operator, kinds)
    if operator in "*/" and kinds & _LENGTHS:
        return "a duration is multiplied with a number, and divided by a number or its like"
    return next((_NOT_NUMBERS[of] for of in ("boolean", "list", "record") if of in kinds), None)


_NOT_NUMBERS = {
    "boolean": "write `if … then 1 else 0` for a number",
    "list": "write `concatenate(…)` for lists, `sum(…)` for their numbers",
    "record": "write `.` and one of its fields",
}


def _text_hint(operator: str, kinds: set[str]) -> str:
    if operator == "+":
        return "write `string(…)` around what is no text"
    if operator == "*" and "number" in kinds:
        return 'write `string join(for i in 1..3 return "a")` to repeat a text'
    if operator == "-" and kinds == {"string"}:
        return 'write `replace(a, b, "")` to take a part out of a text'
    return "write `number(…)` around the text"


def _shift_hint(node: n.Arithmetic) -> str:
    for side in (node.left, node.right):
        if isinstance(side, n.Literal) and kind(side.value) == "number":
            amount = number_text(side.value)
            if amount.isdigit():
                return (f'write `duration("P{amount}D")` for days, `duration("PT{amount}H")` for '
                        "hours")  # fmt: skip
    return 'write `duration("P1D")` for a day, `duration("PT1H")` for an hour'


def negation_hint(of: str) -> str | None:
    """Return how a kind is negated that `-` does not take."""
    return {"boolean": "write `not(…)`", "string": "write `number(…)` around the text"}.get(of)


_MOMENTS = {"date", "date and time", "time", "days and time duration"}
_LENGTHS = {"days and time duration", "years and months duration"}
_MAKERS = {
    "date": "date", "date and time": "date and time", "time": "time",
    "days and time duration": "duration", "years and months duration": "duration",
}  # fmt: skip
_CONDITIONS = {
    "number": "compare it, for example `… != 0`", "string": 'compare it, for example `… != ""`',
    "list": "write `count(…) > 0`, or `some x in … satisfies …`", "record": "write `… != null`",
    "date": "compare it, for example `… <= today()`",
    "date and time": "compare it, for example `… <= now()`",
}  # fmt: skip


def condition_hint(of: str) -> str | None:
    """Return how a value becomes a condition."""
    return _CONDITIONS.get(of, "compare it with something")


def comparison_hint(
    left: tuple[n.Node, str], right: tuple[n.Node, str], operator: str = "="
) -> str | None:
    """Return how two kinds are compared that have nothing in common; each is (node, kind)."""
    kinds = {left[1], right[1]}
    if "boolean" in kinds and _is_chained(left[0]):
        return "write `a < b and b < c`, or `b between a and c`"
    if not (isinstance(left[0], n.Literal) and isinstance(right[0], n.Literal)):
        for (_, of), (node, other) in ((left, right), (right, left)):
            literal = _literal_hint(of, node, other)
            if literal is not None:
                return literal
    if "list" in kinds:
        return _list_hint(left, right, operator)
    return _kinds_hint(kinds)


def _kinds_hint(kinds: set[str]) -> str | None:
    for pair, hint in _PAIRS:
        if pair <= kinds:
            return hint
    if "string" in kinds:
        maker = next((_MAKERS[of] for of in kinds if of in _MAKERS), None)
        return None if maker is None else f"write `{maker}(…)` around the text"
    return None


_OF_DAY = 'write `.year`, `.month` or `.day` behind the date, or `@"2026-03-02"` for a day'
_PAIRS = (
    ({"date", "date and time"}, "write `date(…)` around the date and time"),
    ({"number", "string"}, "write `number(…)` or `string(…)` around one side"),
    ({"number", "days and time duration"},
     'write `duration("PT1H")` for an hour, or `hours(…)` around the duration'),
    ({"number", "date"}, _OF_DAY), ({"number", "date and time"}, _OF_DAY),
    ({"record"}, "compare one of the record's fields"), ({"boolean"}, "write `true` or `false`"),
)  # fmt: skip


def _is_chained(node: n.Node) -> bool:
    return isinstance(node, n.Compare) and node.operator not in ("=", "!=")


def _literal_hint(of: str, node: n.Node, other: str) -> str | None:
    """Return how a value written out is written as the other side's kind."""
    day = _looks_like_date(node) if of in ("date", "date and time") else None
    if day is not None:
        return f'write `@"{day}"`'
    if not isinstance(node, n.Literal):
        return None
    if of == "string":
        return f'write `"{number_text(node.value)}"`' if other == "number" else None
    text = node.value if isinstance(node.value, str) else ""
    if of == "boolean":
        word = _VALUES.get(text.lower())
        return f"write `{word}`" if word else None
    if of == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f"write `{text}` without quotes"
    if of in _MAKERS and re.search(r"\d", text):
        return f'write `{_MAKERS[of]}("{rewritten(text, _MAKERS[of]) or text}")`'
    return None


def _looks_like_date(node: n.Node) -> str | None:
    """Return the date that `2026-03-02` without quotes means; it computes 2021."""
    if not isinstance(node, n.Arithmetic) or not isinstance(node.left, n.Arithmetic):
        return None
    parts = (node.left.left, node.left.right, node.right)
    if node.operator != "-" or node.left.operator != "-":
        return None
    numbers = [part.value for part in parts if isinstance(part, n.Literal)]
    if len(numbers) != 3 or any(kind(one) != "number" or one != int(one) for one in numbers):
        return None
    year, month, day = (int(one) for one in numbers)
    return f"{year:04}-{month:02}-{day:02}" if year > 999 and month < 13 and day < 32 else None


def _list_hint(left: tuple[n.Node, str], right: tuple[n.Node, str], operator: str) -> str:
    if "number" in (left[1], right[1]):
        return f"write `count(…) {operator} …` for how many it holds"
    return "write `list contains(…)`, or `some … in … satisfies …`"


def order_hint(of: str) -> str | None:
    """Return how values without an order are compared."""
    return {"boolean": "write `=` or `!=`, or the condition alone", "list": "compare `count(…)`",
            "record": "compare one of its fields", "context": "compare one of its entries",
            "years and months duration": "compare `.months`"}.get(of)  # fmt: skip


def argument_hint(node: n.Node, of: str, wanted: frozenset[str]) -> str | None:
    """Return how an argument of a kind becomes one of the kinds that a function takes."""
    for want in sorted(wanted):
        found = _literal_hint(want, node, of)
        if found is not None:
            return found
    if "list" in wanted:
        return "write `[…]` around one value"
    if "number" in wanted and of == "string":
        return "write `number(…)` around the text"
    if "string" in wanted:
        return "write `string(…)` around it"
    if "function" in wanted:
        return "write `function(a, b) a < b`"
    if of in ("date", "date and time") and "days and time duration" in wanted:
        return "write `a - b` for the time between two"
    if of == "list":
        return "pick one value, for example with `[1]`"
    maker = next((_MAKERS[want] for want in sorted(wanted) if want in _MAKERS), None)
    return f"write `{maker}(…)` around the text" if maker and of == "string" else None


_TYPES = {"int": "number", "integer": "number", "float": "number", "decimal": "number",
          "text": "string", "str": "string", "bool": "boolean", "array": "list",
          "datetime": "date and time", "object": "context", "dict": "context"}  # fmt: skip


def type_hint(name: str, known: list[str]) -> str | None:
    """Return what a type is called here."""
    own = _TYPES.get(name.lower())
    return f"write `{own}`" if own is not None and own != name else suggest(name, known)
