"""Functions over numbers, and conversion to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    DecimalException,
)
from typing import Any

from trellis.expressions.functions.table import Builtin
from trellis.expressions.temporal import YearsMonths
from trellis.expressions.types import ANY, NUMBER, STRING
from trellis.expressions.values import CONTEXT, is_number, number

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_MAX_SCALE = 6_000


def _rounded(rounding: str) -> Callable[..., Any]:
    def body(value: Any, scale: Any = Decimal(0)) -> Any:
        if not (is_number(value) and is_number(scale)) or abs(scale) > _MAX_SCALE:
            return None
        try:
            step = Decimal(1).scaleb(-int(scale))
            return number(value).quantize(step, rounding=rounding, context=_WIDE)
        except DecimalException:
            return number(value)

    return body


_WIDE = CONTEXT.copy()
_WIDE.prec = 100


def _unary(operation: Callable[[Decimal], Decimal]) -> Callable[[Any], Any]:
    def body(value: Any) -> Any:
        if not is_number(value):
            return None
        try:
            result = operation(number(value))
        except DecimalException:
            return None
        return result if result.is_finite() else None

    return body


def _abs(value: Any) -> Any:
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    if hasattr(value, "total_seconds"):
        return abs(value)
    return abs(number(value)) if is_number(value) else None


def _modulo(dividend: Any, divisor: Any) -> Any:
    if not (is_number(dividend) and is_number(divisor)) or not divisor:
        return None
    a, b = number(dividend), number(divisor)
    try:
        whole = CONTEXT.divide(a, b).to_integral_value(rounding=ROUND_FLOOR)
        return CONTEXT.subtract(a, CONTEXT.multiply(b, whole))
    except DecimalException:
        return None


def _odd(value: Any) -> Any:
    whole = is_number(value) and number(value) == number(value).to_integral_value()
    return bool(int(number(value)) % 2) if whole else None


def _even(value: Any) -> Any:
    odd = _odd(value)
    return None if odd is None else not odd


def _number(text: Any, grouping: Any = None, decimal: Any = None) -> Any:
    if is_number(text):
        return number(text)
    if not isinstance(text, str) or grouping == decimal and grouping is not None:
        return None
    if grouping not in (None, " ", ",", ".") or decimal not in (None, ",", "."):
        return None
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(decimal, ".") if decimal else plain
    if not _NUMBER.fullmatch(plain) or len(plain) > 400:
        return None
    return Decimal(plain)


FUNCTIONS = (
    Builtin("number", ("from", "grouping separator", "decimal separator"), _number, NUMBER, 1,
            takes=(ANY, STRING, STRING), doc="The number that a text writes."),
    Builtin("decimal", ("n", "scale"), _rounded(ROUND_HALF_EVEN), NUMBER, takes=(NUMBER, NUMBER),
            doc="Rounded half even to a number of decimals."),
    Builtin("floor", ("n", "scale"), _rounded(ROUND_FLOOR), NUMBER, 1, takes=(NUMBER, NUMBER),
            doc="The next number below."),
    Builtin("ceiling", ("n", "scale"), _rounded(ROUND_CEILING), NUMBER, 1, takes=(NUMBER, NUMBER),
            doc="The next number above."),
    Builtin("round up", ("n", "scale"), _rounded(ROUND_UP), NUMBER, takes=(NUMBER, NUMBER),
            doc="Rounded away from zero."),
    Builtin("round down", ("n", "scale"), _rounded(ROUND_DOWN), NUMBER, takes=(NUMBER, NUMBER),
            doc="Rounded towards zero."),
    Builtin("round half up", ("n", "scale"), _rounded(ROUND_HALF_UP), NUMBER,
            takes=(NUMBER, NUMBER), doc="Rounded, half away from zero."),
    Builtin("round half down", ("n", "scale"), _rounded(ROUND_HALF_DOWN), NUMBER,
            takes=(NUMBER, NUMBER), doc="Rounded, half towards zero."),
    Builtin("abs", ("n",), _abs, ANY, doc="Without its sign."),
    Builtin("modulo", ("dividend", "divisor"), _modulo, NUMBER, takes=(NUMBER, NUMBER),
            doc="The rest of a division, with the sign of the divisor."),
    Builtin("sqrt", ("number",), _unary(CONTEXT.sqrt), NUMBER, takes=(NUMBER,),
            doc="The square root."),
    Builtin("log", ("number",), _unary(CONTEXT.ln), NUMBER, takes=(NUMBER,),
            doc="The natural logarithm."),
    Builtin("exp", ("number",), _unary(CONTEXT.exp), NUMBER, takes=(NUMBER,),
            doc="e to the power of a number."),
    Builtin("odd", ("number",), _odd, takes=(NUMBER,), doc="Whether a whole number is odd."),
    Builtin("even", ("number",), _even, takes=(NUMBER,), doc="Whether a whole number is even."),
)  # fmt: skip
