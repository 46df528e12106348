"""Functions over lists and booleans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from trellis.expressions.functions.table import Builtin
from trellis.expressions.operators import add, divide
from trellis.expressions.types import ANY, BOOLEAN, NUMBER, ListType
from trellis.expressions.values import CONTEXT, as_list, equal, is_number, number, order


def _values(values: tuple[Any, ...]) -> list[Any] | None:
    """Return the list that a function got: one list, or several values."""
    if len(values) == 1:
        return None if values[0] is None else as_list(values[0])
    return list(values)


def _count(*values: Any) -> Any:
    items = _values(values)
    return None if items is None else Decimal(len(items))


def _extreme(sign: int) -> Callable[..., Any]:
    def body(*values: Any) -> Any:
        items = _values(values)
        if not items:
            return None
        best = items[0]
        for item in items[1:]:
            found = order(item, best)
            if found is None:
                return None
            best = item if found * sign > 0 else best
        return best if order(best, best) is not None else None

    return body


def _sum(*values: Any) -> Any:
    items = _values(values)
    if not items:
        return None
    total = items[0]
    if len(items) == 1:
        return add(total, Decimal(0)) if is_number(total) else total
    for item in items[1:]:
        total = add(total, item)
        if total is None:
            return None
    return total


def _mean(*values: Any) -> Any:
    items = _values(values)
    return divide(_sum(items), Decimal(len(items))) if items else None


def _numbers(values: tuple[Any, ...]) -> list[Decimal] | None:
    items = _values(values)
    if items is None or not all(is_number(item) for item in items):
        return None
    return [number(item) for item in items]


def _median(*values: Any) -> Any:
    items = _numbers(values)
    if not items:
        return None
    items.sort()
    middle = len(items) // 2
    if len(items) % 2:
        return items[middle]
    return CONTEXT.divide(CONTEXT.add(items[middle - 1], items[middle]), Decimal(2))


def _stddev(*values: Any) -> Any:
    items = _numbers(values)
    if items is None or len(items) < 2:
        return None
    mean = CONTEXT.divide(sum(items, Decimal(0)), Decimal(len(items)))
    squares = sum(((item - mean) ** 2 for item in items), Decimal(0))
    return CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(items) - 1)))


def _product(*values: Any) -> Any:
    items = _numbers(values)
    if not items:
        return None
    total = Decimal(1)
    for item in items:
        total = CONTEXT.multiply(total, item)
    return total


def _mode(*values: Any) -> Any:
    items = _numbers(values)
    if items is None:
        return None
    most = max((items.count(item) for item in items), default=0)
    return sorted({item for item in items if items.count(item) == most})


def _all(*values: Any) -> Any:
    items = _values(values)
    if items is None:
        return None
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def _any(*values: Any) -> Any:
    items = _values(values)
    if items is None:
        return None
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


def _contains(items: Any, element: Any) -> Any:
    if items is None:
        return None
    return any(equal(item, element) is True for item in as_list(items))


def _sublist(items: Any, start: Any, length: Any = None) -> Any:
    found = as_list(items)
    if not is_number(start) or not start or abs(start) > len(found):
        return None
    begin = int(start) - 1 if start > 0 else len(found) + int(start)
    if length is None:
        return found[begin:]
    if not is_number(length) or length < 1 or begin + int(length) > len(found):
        return None
    return found[begin : begin + int(length)]


def _append(items: Any, *more: Any) -> Any:
    return [*as_list(items), *more]


def _concatenate(*lists: Any) -> Any:
    return [item for part in lists for item in as_list(part)]


def _insert(items: Any, position: Any, value: Any) -> Any:
    found = list(as_list(items))
    if not is_number(position) or not position or abs(position) > len(found):
        return None
    found.insert(int(position) - 1 if position > 0 else len(found) + int(position), value)
    return found


def _remove(items: Any, position: Any) -> Any:
    found = list(as_list(items))
    if not is_number(position) or not position or abs(position) > len(found):
        return None
    del found[int(position) - 1 if position > 0 else int(position)]
    return found


def _index_of(items: Any, match: Any) -> Any:
    if items is None:
        return None
    return [Decimal(place + 1) for place, item in enumerate(as_list(items))
            if equal(item, match) is True]  # fmt: skip


def _distinct(*lists: Any) -> Any:
    kept: list[Any] = []
    for item in _concatenate(*lists):
        if not _contains(kept, item):
            kept.append(item)
    return kept


def _flatten(items: Any) -> Any:
    flat: list[Any] = []
    todo = [items]
    while todo:
        current = todo.pop()
        if isinstance(current, list):
            todo.extend(reversed(current))
        else:
            flat.append(current)
    return flat


def _not(value: Any) -> Any:
    return (not value) if isinstance(value, bool) else None


def _is(a: Any, b: Any) -> Any:
    return type(a) is type(b) and equal(a, b) is True


def _get_value(context: Any, key: Any) -> Any:
    return context.get(key) if isinstance(context, Mapping) and isinstance(key, str) else None


_LIST = ListType()
FUNCTIONS = (
    Builtin("count", ("list",), _count, NUMBER, variadic=True, doc="How many elements."),
    Builtin("min", ("list",), _extreme(-1), variadic=True, doc="The least element."),
    Builtin("max", ("list",), _extreme(1), variadic=True, doc="The greatest element."),
    Builtin("sum", ("list",), _sum, variadic=True, doc="The sum; null without elements."),
    Builtin("mean", ("list",), _mean, variadic=True, doc="The average; null without elements."),
    Builtin("median", ("list",), _median, NUMBER, variadic=True, doc="The middle element."),
    Builtin("stddev", ("list",), _stddev, NUMBER, variadic=True,
            doc="The standard deviation of a sample."),
    Builtin("product", ("list",), _product, NUMBER, variadic=True, doc="All multiplied."),
    Builtin("mode", ("list",), _mode, _LIST, variadic=True, doc="The most frequent numbers."),
    Builtin("all", ("list",), _all, BOOLEAN, variadic=True, doc="Whether all are true."),
    Builtin("any", ("list",), _any, BOOLEAN, variadic=True, doc="Whether one is true."),
    Builtin("list contains", ("list", "element"), _contains, BOOLEAN,
            doc="Whether a list has an element."),
    Builtin("sublist", ("list", "start position", "length"), _sublist, _LIST, 2,
            takes=(ANY, NUMBER, NUMBER), doc="Part of a list."),
    Builtin("append", ("list",), _append, _LIST, variadic=True, doc="With elements added."),
    Builtin("concatenate", ("list",), _concatenate, _LIST, variadic=True, doc="Lists joined."),
    Builtin("insert before", ("list", "position", "newItem"), _insert, _LIST,
            takes=(ANY, NUMBER, ANY), doc="With an element put in."),
    Builtin("remove", ("list", "position"), _remove, _LIST, takes=(ANY, NUMBER),
            doc="Without the element at a position."),
    Builtin("reverse", ("list",), lambda items: as_list(items)[::-1], _LIST,
            doc="In opposite order."),
    Builtin("index of", ("list", "match"), _index_of, _LIST, doc="Where an element stands."),
    Builtin("union", ("list",), _distinct, _LIST, variadic=True, doc="Joined without doubles."),
    Builtin("distinct values", ("list",), _distinct, _LIST, doc="Without doubles."),
    Builtin("flatten", ("list",), _flatten, _LIST, doc="Nested lists as one."),
    Builtin("not", ("negand",), _not, BOOLEAN, takes=(BOOLEAN,), doc="The opposite."),
    Builtin("is", ("value1", "value2"), _is, BOOLEAN, doc="Whether two values are the same."),
    Builtin("get value", ("context", "key"), _get_value, doc="An entry of a context."),
)  # fmt: skip
