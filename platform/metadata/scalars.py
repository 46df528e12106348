"""Plain scalars by the YAML 1.2 core schema: `no` and `12:30:45` are texts, `0o7` is seven."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_INTEGER = re.compile(r"[-+]?[0-9]+")
_HEX_OCTAL = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONSTANTS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MAX_DIGITS = 400
#: What a number is that no number can hold: an infinity, or thousands of digits.
NOT_A_NUMBER = object()


def core_scalar(text: str) -> Any:
    """Return the value of a plain scalar: nothing, a truth, a number, NOT_A_NUMBER or the text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    first = text[0]
    if not (first.isdigit() or first in "+-."):
        return text
    if len(text) > _MAX_DIGITS and (_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text)):
        return NOT_A_NUMBER
    if _INTEGER.fullmatch(text):
        return int(text)
    if _HEX_OCTAL.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return NOT_A_NUMBER if number in (float("inf"), float("-inf")) else number
    return NOT_A_NUMBER if _SPECIAL_FLOAT.fullmatch(text) else text
