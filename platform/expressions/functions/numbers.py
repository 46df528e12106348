"""Functions over numbers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
)
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.functions.table import builtin, form
from trellis.expressions.limits import DIGITS, MAX_EXPONENT
from trellis.expressions.temporal_values import (
    YearsMonths,
    duration_nanos,
    make_duration,
)
from trellis.expressions.values import CONTEXT

_SMALLEST_SCALE, _LARGEST_SCALE = -6_111, 6_176
#: Rounding may need more digits than a result may have.
_WIDE = Context(prec=2 * MAX_EXPONENT + 2 * DIGITS)


def rounded(value: Decimal, scale: Decimal | None, rounding: str) -> Decimal | None:
    """Return a number rounded to `scale` decimal places."""
    places = 0 if scale is None else int(scale)
    if not _SMALLEST_SCALE <= places <= _LARGEST_SCALE:
        return None
    if -int(value.as_tuple().exponent) <= places:
        return value
    exact = value.quantize(Decimal(1).scaleb(-places, context=_WIDE), rounding, context=_WIDE)
    return CONTEXT.plus(exact)


def _rounding(rounding: str) -> Callable[..., Decimal | None]:
    def body(value: Decimal, scale: Decimal | None = None) -> Decimal | None:
        return rounded(value, scale, rounding)

    return body


def _abs(value: Any) -> Any:
    if isinstance(value, Decimal):
        return CONTEXT.abs(value)
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    return make_duration(abs(duration_nanos(value)))


def _abs_type(types: Any) -> t.Type:
    return types[0] if types and not t.is_unknown(types[0]) else t.ANY


def modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """Return what is left of the floored division; it has the divisor's sign."""
    if not divisor:
        return None
    smaller = dividend.copy_abs() < divisor.copy_abs()
    rest = dividend if smaller else _rest(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return CONTEXT.plus(rest)


def _rest(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Return what is left of the truncated division, also where the quotient is very long."""
    first, second = (_digits(value.copy_abs()) for value in (dividend, divisor))
    exponent = min(first[1], second[1])
    modulus = second[0] * 10 ** (second[1] - exponent)
    rest = first[0] * pow(10, first[1] - exponent, modulus) % modulus
    found = Decimal(rest).scaleb(exponent, _WIDE)
    return found.copy_negate() if dividend < 0 else found


def _digits(value: Decimal) -> tuple[int, int]:
    """Return the digits of a number as a whole number, and its exponent."""
    exponent = int(value.as_tuple().exponent)
    return int(value.scaleb(-exponent, _WIDE)), exponent


def _guarded(operation: Callable[[Decimal], Decimal]) -> Callable[[Decimal], Decimal | None]:
    def body(value: Decimal) -> Decimal | None:
        try:
            result = operation(value)
        except DecimalException:
            return None
        return result if result.is_finite() else None

    return body


def _is_odd(value: Decimal) -> bool:
    return abs(_WIDE.remainder(value, Decimal(2))) == 1


def _is_even(value: Decimal) -> bool:
    return not _WIDE.remainder(value, Decimal(2))


FUNCTIONS = (
    builtin("decimal", "Rounds half to even: `decimal(2.5, 0)` is 2.",
            form("n: number, scale: number", t.NUMBER, _rounding(ROUND_HALF_EVEN))),
    builtin("floor", "The largest whole number, or number of `scale` places, that is not larger.",
            form("n: number, scale?: number", t.NUMBER, _rounding(ROUND_FLOOR))),
    builtin("ceiling", "The smallest whole number, or of `scale` places, that is not smaller.",
            form("n: number, scale?: number", t.NUMBER, _rounding(ROUND_CEILING))),
    builtin("round up", "Rounds away from zero.",
            form("n: number, scale: number", t.NUMBER, _rounding(ROUND_UP))),
    builtin("round down", "Rounds towards zero.",
            form("n: number, scale: number", t.NUMBER, _rounding(ROUND_DOWN))),
    builtin("round half up", "Rounds to the nearest, halves away from zero.",
            form("n: number, scale: number", t.NUMBER, _rounding(ROUND_HALF_UP))),
    builtin("round half down", "Rounds to the nearest, halves towards zero.",
            form("n: number, scale: number", t.NUMBER, _rounding(ROUND_HALF_DOWN))),
    builtin("abs", "The value without its sign.",
            form("n: number|days|months", _abs_type, _abs)),
    builtin("modulo", "What is left of a division; it has the divisor's sign.",
            form("dividend: number, divisor: number", t.NUMBER, modulo)),
    builtin("sqrt", "The square root.", form("number: number", t.NUMBER, _guarded(CONTEXT.sqrt))),
    builtin("log", "The natural logarithm.",
            form("number: number", t.NUMBER, _guarded(CONTEXT.ln))),
    builtin("exp", "Euler's number raised to a number.",
            form("number: number", t.NUMBER, _guarded(CONTEXT.exp))),
    builtin("odd", "Whether a number is odd.", form("number: number", t.BOOLEAN, _is_odd)),
    builtin("even", "Whether a number is even.", form("number: number", t.BOOLEAN, _is_even)),
)  # fmt: skip
