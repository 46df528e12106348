"""Functions over lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, DecimalException
from functools import cmp_to_key
from itertools import chain, pairwise
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.functions.table import builtin, form
from trellis.expressions.limits import MAX_LIST
from trellis.expressions.operators import add, divide
from trellis.expressions.values import CONTEXT, Function, equal, equality_key, kind, number, order

_ADDABLE = frozenset({"days and time duration", "years and months duration"})


def element_type(types: Sequence[t.Type]) -> t.Type:
    """Return the type of the elements of a list, or what several values have in common."""
    if len(types) == 1:
        return types[0].of if isinstance(types[0], t.ListType) else types[0]
    found: t.Type = t.NULL
    for of in types:
        found = t.common(found, of)
    return found


def _same_list(types: Sequence[t.Type]) -> t.Type:
    return types[0] if types and isinstance(types[0], t.ListType) else t.ListType()


def _joined_list(types: Sequence[t.Type]) -> t.Type:
    found: t.Type = t.NULL
    for of in types:
        found = t.common(found, of.of if isinstance(of, t.ListType) else t.ANY)
    return t.ListType(of=found)


def _number_or_duration(types: Sequence[t.Type]) -> t.Type:
    found = element_type(types)
    if t.is_unknown(found) and (len(types) == 1 or any(t.is_unknown(of) for of in types)):
        return t.ANY
    return found if found.name in _ADDABLE else t.NUMBER


def _limited(items: list[Any]) -> list[Any] | None:
    return items if len(items) <= MAX_LIST else None


def _extreme(sign: int) -> Callable[[list[Any]], Any]:
    def body(items: list[Any]) -> Any:
        if not items or items[0] is None:
            return None
        best = items[0]
        if order(best, best) is None:
            return None
        for item in items[1:]:
            found = order(item, best)
            if found is None:
                return None
            best = item if found == sign else best
        return best

    return body


def total(items: list[Any]) -> Any:
    """Return the sum; null when there is nothing to add or something cannot be added."""
    if not items:
        return None
    if all(type(item) is Decimal for item in items):
        return _fold(CONTEXT.add, items)
    kinds = {kind(item) for item in items}
    if kinds == {"number"}:
        return _fold(CONTEXT.add, items)
    if len(kinds) != 1 or kinds.pop() not in _ADDABLE:
        return None
    found = items[0]
    for item in items[1:]:
        found = add(found, item)
    return found


def _fold(operation: Callable[[Decimal, Decimal], Decimal], items: list[Any]) -> Decimal | None:
    try:
        found = number(items[0])
        for item in items[1:]:
            found = operation(found, item if isinstance(item, Decimal) else number(item))
        return CONTEXT.plus(found)
    except DecimalException:
        return None


def _mean(items: list[Any]) -> Any:
    found = total(items)
    return None if found is None else divide(found, Decimal(len(items)))


def _product(items: list[Any]) -> Any:
    return _fold(CONTEXT.multiply, items) if _all_numbers(items) else None


def _all_numbers(items: list[Any]) -> bool:
    return bool(items) and all(kind(item) == "number" for item in items)


def _median(items: list[Any]) -> Any:
    if not _all_numbers(items):
        return None
    ordered = sorted(number(item) for item in items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return divide(add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _deviation(items: list[Any]) -> Any:
    if not _all_numbers(items) or len(items) < 2:
        return None
    mean = _mean(items)
    try:
        distances = [CONTEXT.subtract(number(item), mean) for item in items]
        squares = [CONTEXT.multiply(distance, distance) for distance in distances]
        variance = divide(_fold(CONTEXT.add, squares), Decimal(len(items) - 1))
        return None if variance is None else CONTEXT.sqrt(variance)
    except (DecimalException, TypeError):
        return None


def _mode(items: list[Any]) -> Any:
    if not items:
        return []
    if not _all_numbers(items):
        return None
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[number(item)] = counts.get(number(item), 0) + 1
    most = max(counts.values())
    return sorted(value for value, count in counts.items() if count == most)


def _all(items: list[Any]) -> bool | None:
    if any(item is not None and not isinstance(item, bool) for item in items):
        return None
    return False if False in items else (None if None in items else True)


def _any(items: list[Any]) -> bool | None:
    if any(item is not None and not isinstance(item, bool) for item in items):
        return None
    return True if True in items else (None if None in items else False)


def list_contains(items: list[Any], element: Any) -> bool:
    """Tell whether an element equal to the given one is in the list."""
    return any(equal(item, element) is True for item in items)


def _sublist(items: list[Any], start: Decimal, length: Decimal | None = None) -> Any:
    first = int(start)
    if first == 0 or abs(first) > len(items):
        return None
    begin = first - 1 if first > 0 else len(items) + first
    if length is None:
        return items[begin:]
    if int(length) < 0 or begin + int(length) > len(items):
        return None
    return items[begin : begin + int(length)]


def _append(items: list[Any], *more: Any) -> Any:
    return _limited([*items, *more])


def _concatenate(*lists: Any) -> Any:
    if sum(map(len, lists)) > MAX_LIST:
        return None
    return list(chain.from_iterable(lists))


def _position(items: list[Any], position: Decimal) -> int | None:
    index = int(position)
    if index == 0 or abs(index) > len(items):
        return None
    return index - 1 if index > 0 else len(items) + index


def _insert_before(items: list[Any], position: Decimal, new: Any) -> Any:
    index = _position(items, position)
    return None if index is None else _limited([*items[:index], new, *items[index:]])


def _remove(items: list[Any], position: Decimal) -> Any:
    index = _position(items, position)
    return None if index is None else [*items[:index], *items[index + 1 :]]


def _replace_at(items: list[Any], position: Decimal, new: Any) -> Any:
    index = _position(items, position)
    return None if index is None else [*items[:index], new, *items[index + 1 :]]


def _replace_where(items: list[Any], match: Function, new: Any) -> Any:
    if match.parameters is not None and len(match.parameters) != 2:
        return None
    results = [match.call(item, new) for item in items]
    if any(not isinstance(result, bool) for result in results):
        return None
    return [new if result else item for item, result in zip(items, results, strict=True)]


def _index_of(items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(index) for index, item in enumerate(items, 1) if equal(item, match) is True]


def distinct(items: list[Any]) -> list[Any]:
    """Return the elements without those that equal an earlier one."""
    found: dict[Any, Any] = {}
    for item in items:
        found.setdefault(equality_key(item), item)
    return list(found.values())


def _union(*lists: Any) -> Any:
    return _limited(distinct(list(chain.from_iterable(lists))))


def _flatten(items: list[Any]) -> Any:
    found: list[Any] = []
    pending: list[Any] = [items]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(reversed(item))
        else:
            found.append(item)
        if len(found) + len(pending) > MAX_LIST:
            return None
    return found


def sort(items: list[Any], precedes: Function | None = None) -> Any:
    """Return the elements in order, or in the order that a function says."""
    if precedes is None:
        if any(order(a, b) is None for a, b in pairwise(items)):
            return None
        return sorted(items, key=cmp_to_key(lambda a, b: order(a, b) or 0))
    if precedes.parameters is not None and len(precedes.parameters) != 2:
        return None

    def compare(a: Any, b: Any) -> int:
        if precedes.call(a, b) is True:
            return -1
        return 1 if precedes.call(b, a) is True else 0

    return sorted(items, key=cmp_to_key(compare))


FUNCTIONS = (
    builtin("list contains", "Whether a list holds an element.",
            form("list: list, element: any", t.BOOLEAN, list_contains)),
    builtin("list replace", "A list with the element at a position, or those a function picks, "
            "replaced.",
            form("list: list, position: number, newItem: any", _same_list, _replace_at),
            form("list: list, match: function, newItem: any", _same_list, _replace_where)),
    builtin("count", "How many elements a list has.",
            form("list: list", t.NUMBER, lambda items: Decimal(len(items)))),
    builtin("min", "The smallest element.", form("*list: list", element_type, _extreme(-1))),
    builtin("max", "The largest element.", form("*list: list", element_type, _extreme(1))),
    builtin("sum", "The sum of numbers or durations; of nothing it is null.",
            form("*list: list", _number_or_duration, total)),
    builtin("mean", "The average of numbers or durations.",
            form("*list: list", _number_or_duration, _mean)),
    builtin("product", "The product of numbers.", form("*list: list", t.NUMBER, _product)),
    builtin("median", "The middle of numbers in order.", form("*list: list", t.NUMBER, _median)),
    builtin("stddev", "The standard deviation of a sample of numbers.",
            form("*list: list", t.NUMBER, _deviation)),
    builtin("mode", "The numbers that occur most often.",
            form("*list: list", t.ListType(of=t.NUMBER), _mode)),
    builtin("all", "Whether every element is true.", form("*list: list", t.BOOLEAN, _all)),
    builtin("any", "Whether some element is true.", form("*list: list", t.BOOLEAN, _any)),
    builtin("sublist", "A part of a list by position from 1, or from the end when negative.",
            form("list: list, start position: number, length?: number", _same_list, _sublist)),
    builtin("append", "A list with more elements at its end.",
            form("list: list, item*: any", t.ListType(), _append)),
    builtin("concatenate", "The elements of several lists one after another.",
            form("list*: list", _joined_list, _concatenate)),
    builtin("insert before", "A list with an element put in before a position.",
            form("list: list, position: number, newItem: any", _same_list, _insert_before)),
    builtin("remove", "A list without the element at a position.",
            form("list: list, position: number", _same_list, _remove)),
    builtin("reverse", "A list from its end to its start.",
            form("list: list", _same_list, lambda items: items[::-1])),
    builtin("index of", "The positions of an element in a list.",
            form("list: list, match: any", t.ListType(of=t.NUMBER), _index_of)),
    builtin("union", "The elements of several lists, each once.",
            form("list*: list", _joined_list, _union)),
    builtin("distinct values", "The elements of a list, each once.",
            form("list: list", _same_list, distinct)),
    builtin("flatten", "The elements of a list and of the lists in it.",
            form("list: list", t.ListType(), _flatten)),
    builtin("sort", "The elements in order, or in the order that a function says.",
            form("list: list", _same_list, sort),
            form("list: list, precedes~: function", _same_list, sort)),
)  # fmt: skip
