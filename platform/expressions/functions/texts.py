"""Functions over texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.functions.table import builtin, form
from trellis.expressions.limits import MAX_STRING
from trellis.expressions.patterns import compile_pattern
from trellis.expressions.values import kind


def substring(text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """Return a part of a text by position from 1, or from the end when negative."""
    first = int(start)
    if first == 0 or abs(first) > len(text) or (length is not None and int(length) < 1):
        return None
    begin = first - 1 if first > 0 else len(text) + first
    return text[begin:] if length is None else text[begin : begin + int(length)]


def _before(text: str, match: str) -> str:
    head, found, _ = text.partition(match) if match else ("", "", "")
    return head if found else ""


def _after(text: str, match: str) -> str:
    if not match:
        return text
    _, found, tail = text.partition(match)
    return tail if found else ""


def matches(text: str, pattern: str, flags: str | None = None) -> bool | None:
    """Tell whether a pattern occurs in a text; null when the pattern is none."""
    compiled = compile_pattern(pattern, flags or "")
    return None if compiled is None else compiled.occurs(text)


def replace(text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """Return the text with every occurrence of a pattern replaced."""
    compiled = compile_pattern(pattern, flags or "")
    return None if compiled is None else compiled.replaced(text, replacement)


def _split(text: str, delimiter: str) -> list[str] | None:
    compiled = compile_pattern(delimiter, "")
    return None if compiled is None else compiled.split(text)


def _join(items: list[Any], delimiter: str | None = None) -> str | None:
    present = [item for item in items if item is not None]
    if any(kind(item) != "string" for item in present):
        return None
    between = delimiter or ""
    length = sum(map(len, present)) + len(between) * max(0, len(present) - 1)
    return between.join(present) if length <= MAX_STRING else None


TEXTS = t.ListType(of=t.STRING)
FUNCTIONS = (
    builtin("substring", "A part of a text by position from 1, or from the end when negative.",
            form("string: string, start position: number, length?: number", t.STRING, substring)),
    builtin("string length", "How many characters a text has.",
            form("string: string", t.NUMBER, lambda text: Decimal(len(text)))),
    builtin("upper case", "A text in capital letters.",
            form("string: string", t.STRING, str.upper)),
    builtin("lower case", "A text in small letters.",
            form("string: string", t.STRING, str.lower)),
    builtin("substring before", "What stands before the first occurrence of another text.",
            form("string: string, match: string", t.STRING, _before)),
    builtin("substring after", "What stands behind the first occurrence of another text.",
            form("string: string, match: string", t.STRING, _after)),
    builtin("contains", "Whether a text occurs in another.",
            form("string: string, match: string", t.BOOLEAN, lambda text, part: part in text)),
    builtin("starts with", "Whether a text begins with another.",
            form("string: string, match: string", t.BOOLEAN, str.startswith)),
    builtin("ends with", "Whether a text ends with another.",
            form("string: string, match: string", t.BOOLEAN, str.endswith)),
    builtin("matches", "Whether a pattern (XPath's regular expressions) occurs in a text.",
            form("input: string, pattern: string, flags?~: string", t.BOOLEAN, matches)),
    builtin("replace", "A text with every occurrence of a pattern replaced; `$1` is a group.",
            form("input: string, pattern: string, replacement: string, flags?~: string", t.STRING,
                 replace)),
    builtin("split", "The parts of a text between the occurrences of a pattern.",
            form("string: string, delimiter: string", TEXTS, _split)),
    builtin("string join", "The texts of a list one after another; nulls are left out.",
            form("list: list, delimiter?~: string", t.STRING, _join)),
)  # fmt: skip
