"""Functions that compare points and ranges (Allen's relations), and make ranges of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.functions.table import ORDERED, Form, builtin, form
from trellis.expressions.values import Range, in_range, order

Test = Callable[[Any, Any], bool | None]


def _low(a: Range, b: Range) -> int | None:
    """Compare where two ranges begin; a missing low end is below everything."""
    if a.low is None or b.low is None:
        return (b.low is None) - (a.low is None)
    found = order(a.low, b.low)
    return found if found != 0 else b.low_closed - a.low_closed


def _high(a: Range, b: Range) -> int | None:
    if a.high is None or b.high is None:
        return (a.high is None) - (b.high is None)
    found = order(a.high, b.high)
    return found if found != 0 else a.high_closed - b.high_closed


def _gap(a: Range, b: Range) -> int | None:
    """Compare the end of `a` with the start of `b`: -1 apart, 0 touching in one point, 1 beyond."""
    if a.high is None or b.low is None:
        return 1
    found = order(a.high, b.low)
    if found != 0:
        return found
    return 0 if a.high_closed and b.low_closed else -1


def _as_range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value)


def _before(a: Any, b: Any) -> bool | None:
    gap = _gap(_as_range(a), _as_range(b))
    return None if gap is None else gap < 0


def _after(a: Any, b: Any) -> bool | None:
    return _before(b, a)


def _meets(a: Range, b: Range) -> bool | None:
    if a.high is None or b.low is None:
        return False
    found = order(a.high, b.low)
    return None if found is None else found == 0 and a.high_closed and b.low_closed


def _overlaps(a: Range, b: Range) -> bool | None:
    first, second = _gap(a, b), _gap(b, a)
    return None if first is None or second is None else first >= 0 and second >= 0


def _overlaps_before(a: Range, b: Range) -> bool | None:
    low, high, gap = _low(a, b), _high(a, b), _gap(a, b)
    if low is None or high is None or gap is None:
        return None
    return low < 0 and high <= 0 and gap >= 0 and not (low == 0 and high == 0)


def _overlaps_after(a: Range, b: Range) -> bool | None:
    low, high, gap = _low(a, b), _high(a, b), _gap(b, a)
    if low is None or high is None or gap is None:
        return None
    return low >= 0 and high > 0 and gap >= 0


def _finishes_point(point: Any, within: Range) -> bool | None:
    if within.high is None:
        return False
    found = order(point, within.high)
    return None if found is None else found == 0 and within.high_closed


def _finishes(a: Range, b: Range) -> bool | None:
    low, high = _low(a, b), _high(a, b)
    return None if low is None or high is None else high == 0 and low >= 0


def _starts_point(point: Any, within: Range) -> bool | None:
    if within.low is None:
        return False
    found = order(point, within.low)
    return None if found is None else found == 0 and within.low_closed


def _starts(a: Range, b: Range) -> bool | None:
    low, high = _low(a, b), _high(a, b)
    return None if low is None or high is None else low == 0 and high <= 0


def _includes(a: Range, b: Any) -> bool | None:
    if not isinstance(b, Range):
        return in_range(b, a)
    low, high = _low(a, b), _high(a, b)
    return None if low is None or high is None else low <= 0 and high >= 0


def _coincides(a: Any, b: Any) -> bool | None:
    first, second = _as_range(a), _as_range(b)
    low, high = _low(first, second), _high(first, second)
    return None if low is None or high is None else low == 0 and high == 0


def _flipped(test: Test) -> Test:
    return lambda a, b: test(b, a)


_POINT = ORDERED


def _points(test: Test) -> Form:
    return form(f"point1: {_POINT}, point2: {_POINT}", t.BOOLEAN, test)


def _point_range(test: Test) -> Form:
    return form(f"point: {_POINT}, range: range", t.BOOLEAN, test)


def _range_point(test: Test) -> Form:
    return form(f"range: range, point: {_POINT}", t.BOOLEAN, test)


def _both(test: Test) -> Form:
    return form("range1: range, range2: range", t.BOOLEAN, test)


FUNCTIONS = (
    builtin("before", "Whether one point or range lies before another.",
            _points(_before), _point_range(_before), _range_point(_before), _both(_before)),
    builtin("after", "Whether one point or range lies behind another.",
            _points(_after), _point_range(_after), _range_point(_after), _both(_after)),
    builtin("meets", "Whether a range ends where another begins.", _both(_meets)),
    builtin("met by", "Whether a range begins where another ends.", _both(_flipped(_meets))),
    builtin("overlaps", "Whether two ranges have something in common.", _both(_overlaps)),
    builtin("overlaps before", "Whether a range begins before another and ends in it.",
            _both(_overlaps_before)),
    builtin("overlaps after", "Whether a range begins in another and ends behind it.",
            _both(_overlaps_after)),
    builtin("finishes", "Whether a point or range ends a range.",
            _point_range(_finishes_point), _both(_finishes)),
    builtin("finished by", "Whether a range ends with a point or range.",
            _range_point(_flipped(_finishes_point)), _both(_flipped(_finishes))),
    builtin("includes", "Whether a range holds a point or range.",
            _range_point(_includes), _both(_includes)),
    builtin("during", "Whether a point or range lies in a range.",
            _point_range(_flipped(_includes)), _both(_flipped(_includes))),
    builtin("starts", "Whether a point or range begins a range.",
            _point_range(_starts_point), _both(_starts)),
    builtin("started by", "Whether a range begins with a point or range.",
            _range_point(_flipped(_starts_point)), _both(_flipped(_starts))),
    builtin("coincides", "Whether two points or ranges are the same.",
            _points(_coincides), _both(_coincides)),
)  # fmt: skip
