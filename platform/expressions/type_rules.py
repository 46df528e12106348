"""Which types the operators take and what they give: the tables of FEEL's arithmetic and order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from trellis.expressions import types as t
from trellis.expressions.nodes import TypeNode

_N, _S, _D, _T, _DT = t.NUMBER, t.STRING, t.DATE, t.TIME, t.DATETIME
_DAYS, _MONTHS = t.DAYS_TIME, t.YEARS_MONTHS

_SHIFTS = [(_D, _DAYS, _D), (_D, _MONTHS, _D), (_DT, _DAYS, _DT), (_DT, _MONTHS, _DT),
           (_T, _DAYS, _T), (_DAYS, _DAYS, _DAYS), (_MONTHS, _MONTHS, _MONTHS)]  # fmt: skip
_TABLE: dict[str, list[tuple[t.Type, t.Type, t.Type]]] = {
    "+": [(_N, _N, _N), (_S, _S, _S), *_SHIFTS, *((b, a, of) for a, b, of in _SHIFTS)],
    "-": [(_N, _N, _N), (_D, _D, _DAYS), (_DT, _DT, _DAYS), (_D, _DT, _DAYS), (_DT, _D, _DAYS),
          (_T, _T, _DAYS), *_SHIFTS],
    "*": [(_N, _N, _N), (_DAYS, _N, _DAYS), (_N, _DAYS, _DAYS), (_MONTHS, _N, _MONTHS),
          (_N, _MONTHS, _MONTHS)],
    "/": [(_N, _N, _N), (_DAYS, _N, _DAYS), (_MONTHS, _N, _MONTHS), (_DAYS, _DAYS, _N),
          (_MONTHS, _MONTHS, _N)],
    "**": [(_N, _N, _N)],
}  # fmt: skip
ARITHMETIC: Mapping[tuple[str, str, str], t.Type] = MappingProxyType(
    {(operator, a.name, b.name): of for operator, rows in _TABLE.items() for a, b, of in rows}
)
ORDERED = frozenset(of.name for of in (_N, _S, _D, _T, _DT, _DAYS, _MONTHS))
NEGATABLE = frozenset(of.name for of in (_N, _DAYS, _MONTHS))


def arithmetic_type(operator: str, a: t.Type, b: t.Type) -> t.Type | None:
    """Return the type of `a operator b`, None when the operator does not take the types."""
    if t.is_unknown(a) or t.is_unknown(b):
        return _half_known(operator, a, b)
    return ARITHMETIC.get((operator, a.name, b.name))


def _half_known(operator: str, a: t.Type, b: t.Type) -> t.Type | None:
    found = {
        of
        for (known, left, right), of in ARITHMETIC.items()
        if known == operator
        and (t.is_unknown(a) or left == a.name)
        and (t.is_unknown(b) or right == b.name)
    }
    if not found:
        return None
    return found.pop() if len(found) == 1 else t.ANY


def fits(of: t.Type, expected: t.Type) -> bool:
    """Tell whether a value of one type may stand where another is expected."""
    if t.is_unknown(of) or t.is_unknown(expected):
        return True
    if isinstance(expected, t.ListType):
        inner = of.of if isinstance(of, t.ListType) else of
        return fits(inner, expected.of)
    if isinstance(of, t.ListType):
        return False
    if isinstance(of, t.RecordType) and isinstance(expected, t.RecordType):
        return of.key == expected.key
    if {of.name, expected.name} == {"record", "string"}:
        return True
    return of.name == expected.name or (of.name, expected.name) == ("date", "date and time")


def show(of: t.Type) -> str:
    """Return how a type is called in a message."""
    if isinstance(of, t.RecordType):
        return f"a record of `{of.key}`"
    if isinstance(of, t.ListType):
        return "a list" if t.is_unknown(of.of) else f"a list of {_plural(of.of)}"
    if of.name == "null":
        return "null"
    if of.name == "any":
        return "something unknown"
    return f"a {of.name.lower()}"


def _plural(of: t.Type) -> str:
    if isinstance(of, t.RecordType):
        return f"records of `{of.key}`"
    return f"{of.name}s" if of.name != "date and time" else "dates and times"


def either(types: Sequence[t.Type]) -> str:
    """Return the types of a choice in words."""
    shown = [show(of) for of in types]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1]


def written_type(node: TypeNode, known: Mapping[str, t.Type]) -> t.Type | TypeNode:
    """Return the type that an expression writes out, or the part that names one there is not.

    `known` are the types that may be named beside FEEL's own. A part with `shape_problem` is none.
    """
    if shape_problem(node) is not None:
        return node
    if node.name == "function":
        return _function_type(node, known)
    if node.name == "context":
        return _context_type(node, known)
    inner: t.Type | TypeNode = written_type(node.arguments[0], known) if node.arguments else t.ANY
    if isinstance(inner, TypeNode):
        return inner
    if node.name == "list":
        return t.ListType(of=inner)
    if node.name == "range":
        return t.RangeType(of=inner)
    return t.SIMPLE_TYPES.get(node.name, known.get(node.name)) or node


def shape_problem(node: TypeNode) -> tuple[str, str] | None:
    """Return what is wrong inside a type's `<…>` and how to mend it; None for nothing."""
    if node.name == "function" or not node.arguments:
        return None
    if node.name == "context":
        if len(node.keys) == len(node.arguments):
            return None
        return "the types inside a context have names", "write `context<a: number, b: string>`"
    if node.name in ("list", "range"):
        if len(node.arguments) == 1 and not node.keys:
            return None
        return f"a {node.name} is of one type without a name", f"write `{node.name}<number>`"
    return f"nothing stands in `<…>` behind `{node.name}`", f"write `{node.name}`"


def _function_type(node: TypeNode, known: Mapping[str, t.Type]) -> t.Type | TypeNode:
    parameters = [written_type(argument, known) for argument in node.arguments]
    result: t.Type | TypeNode = t.ANY if node.result is None else written_type(node.result, known)
    for of in (*parameters, result):
        if isinstance(of, TypeNode):
            return of
    types = tuple(of for of in parameters if isinstance(of, t.Type))
    return t.FunctionType(parameters=types, result=result if isinstance(result, t.Type) else t.ANY)


def _context_type(node: TypeNode, known: Mapping[str, t.Type]) -> t.Type | TypeNode:
    entries: dict[str, t.Type] = {}
    for key, argument in zip(node.keys, node.arguments, strict=True):
        of = written_type(argument, known)
        if isinstance(of, TypeNode):
            return of
        entries[key] = of
    return t.ContextType(entries=entries)
