"""Which rows of a decision table can match: bit masks by value, so that large tables stay fast.

A cell that lists constants, or is a range between constants, is settled by a look-up; any other is
computed, for the rows that the look-ups leave over.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from trellis.expressions import nodes as n
from trellis.expressions.compiled import Expression
from trellis.expressions.values import kind, number, record_id, sort_key

#: Distinct ends of ranges in a column; beyond, its ranges are computed.
_MOST_ENDS = 400
_ORDERED_KINDS = frozenset(("number", "date"))


@dataclass(frozen=True)
class Interval:
    """The values between two constants; None is open-ended."""

    kind: str
    low: Any
    high: Any
    low_closed: bool
    high_closed: bool


#: What a cell accepts, where that is known without its input: values and intervals.
Accepted = list[Hashable | Interval]


def cell_values(test: Expression | None) -> Accepted | None:
    """Return what a cell accepts, None when that must be computed. No test accepts everything."""
    tree = None if test is None else test.node
    if not isinstance(tree, n.UnaryTests) or tree.negated or not tree.tests:
        return None
    found: Accepted = []
    for part in tree.tests:
        accepted = _accepted(part)
        if accepted is None:
            return None
        found.append(accepted)
    return found


def _accepted(part: n.Node) -> Hashable | Interval | None:
    if isinstance(part, n.Test):
        return _of_test(part)
    if isinstance(part, n.RangeNode):
        low, high = _constant(part.low), _constant(part.high)
        if low is None or high is None or kind(low) != kind(high) or _unordered(low):
            return None
        if sort_key(low) > sort_key(high):
            return None
        return Interval(kind(low), sort_key(low), sort_key(high), part.low_closed, part.high_closed)
    value = _constant(part)
    return None if value is None else key_of(value)


def _of_test(part: n.Test) -> Hashable | Interval | None:
    value = _constant(part.operand)
    if value is None:
        return None
    if part.operator == "=":
        return key_of(value)
    if part.operator == "!=" or _unordered(value):
        return None
    edge, closed = sort_key(value), part.operator in ("<=", ">=")
    if part.operator[0] == "<":
        return Interval(kind(value), None, edge, False, closed)
    return Interval(kind(value), edge, None, closed, False)


def _unordered(value: Any) -> bool:
    return kind(value) not in _ORDERED_KINDS


def _constant(node: n.Node) -> Any:
    if isinstance(node, n.Literal | n.AtLiteral):
        return node.value if kind(node.value) in ("string", "number", "boolean", "date") else None
    if isinstance(node, n.Negate) and isinstance(node.operand, n.Literal):
        return -node.operand.value if isinstance(node.operand.value, Decimal) else None
    return None


def key_of(value: Any) -> Hashable | None:
    """Return a value as a key of the look-up, None for values that have none."""
    of = kind(value)
    if of == "context":
        identity = record_id(value)
        return None if identity is None else ("string", identity)
    if of == "number":
        return ("number", number(value))
    return (of, sort_key(value) if of == "date" else value) if of in (
        "string", "boolean", "date") else None  # fmt: skip


@dataclass
class Column:
    """The look-ups of one column. A mask has a bit for each row that may match."""

    everything: int = 0
    computed: int = 0
    by_value: dict[Hashable, int] = field(default_factory=dict)
    #: For each kind: the ends in order and a mask for each end and each gap between two.
    ends: dict[str, list[Any]] = field(default_factory=dict)
    spans: dict[str, list[int]] = field(default_factory=dict)

    def mask(self, value: Any) -> int:
        """Return the rows whose cell accepts a value or must be computed for it."""
        always = self.everything | self.computed
        key = key_of(value)
        if key is None:
            return always
        found = always | self.by_value.get(key, 0)
        of = kind(value)
        ends = self.ends.get(of)
        return found if ends is None else found | self.spans[of][_slot(ends, sort_key(value))]


def _slot(ends: Sequence[Any], edge: Any) -> int:
    """Return 2 * i + 1 for the i-th end, and the even numbers for the gaps around the ends."""
    position = bisect_left(ends, edge)
    at_end = position < len(ends) and ends[position] == edge
    return 2 * position + at_end


@dataclass(frozen=True)
class TableIndex:
    """The columns of a table, and for each row the columns whose cells must be computed."""

    columns: tuple[Column, ...]
    left: tuple[tuple[int, ...], ...]

    def candidates(self, values: Sequence[Any]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield the rows that may match, in order, with the columns that are still to be tried."""
        odd = tuple(
            column for column, value in enumerate(values)
            if value is not None and key_of(value) is None
        )  # fmt: skip
        mask = (1 << len(self.left)) - 1
        for number_, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            if number_ not in odd:
                mask &= column.mask(value)
        every = tuple(range(len(self.columns)))
        for row in _bits(mask):
            yield row, every if odd else self.left[row]


def _bits(mask: int) -> Iterator[int]:
    """Yield the positions of a mask's bits from the lowest; long empty stretches cost little."""
    base = 0
    while mask:
        word = mask & 0xFFFF_FFFF_FFFF_FFFF
        while word:
            low = word & -word
            yield base + low.bit_length() - 1
            word ^= low
        mask >>= 64
        base += 64


def make_index(tests: Sequence[Sequence[Expression | None]], width: int) -> TableIndex:
    """Return the index of a table's rows."""
    accepted = [[cell_values(test) for test in row] for row in tests]
    columns = [
        _column([row[at] for row in tests], [row[at] for row in accepted]) for at in range(width)
    ]
    left = tuple(
        tuple(
            at
            for at, test in enumerate(row)
            if test is not None and _is_computed(columns[at], number_)
        )
        for number_, row in enumerate(tests)
    )
    return TableIndex(tuple(columns), left)


def _is_computed(column: Column, row: int) -> bool:
    return bool(column.computed >> row & 1)


def _column(tests: Sequence[Expression | None], accepted: Sequence[Accepted | None]) -> Column:
    column = Column()
    intervals: list[tuple[int, Interval]] = []
    for row, (test, values) in enumerate(zip(tests, accepted, strict=True)):
        bit = 1 << row
        if test is None:
            column.everything |= bit
        elif values is None:
            column.computed |= bit
        else:
            for value in values:
                if isinstance(value, Interval):
                    intervals.append((row, value))
                else:
                    column.by_value[value] = column.by_value.get(value, 0) | bit
    _add_intervals(column, intervals)
    return column


def _add_intervals(column: Column, intervals: Sequence[tuple[int, Interval]]) -> None:
    for of in {interval.kind for _, interval in intervals}:
        mine = [(row, interval) for row, interval in intervals if interval.kind == of]
        ends = sorted({end for _, interval in mine for end in (interval.low, interval.high)
                       if end is not None})  # fmt: skip
        if len(ends) > _MOST_ENDS:
            for row, _ in mine:
                column.computed |= 1 << row
            continue
        spans = [0] * (2 * len(ends) + 1)
        for row, interval in mine:
            first, last = _slots(ends, interval)
            for slot in range(first, last + 1):
                spans[slot] |= 1 << row
        column.ends[of], column.spans[of] = ends, spans


def _slots(ends: Sequence[Any], interval: Interval) -> tuple[int, int]:
    """Return the first and last slot that an interval covers."""
    first, last = 0, 2 * len(ends)
    if interval.low is not None:
        first = _slot(ends, interval.low) + (not interval.low_closed)
    if interval.high is not None:
        last = _slot(ends, interval.high) - (not interval.high_closed)
    return first, last
