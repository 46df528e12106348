"""Functions over texts; patterns run on RE2, which never backtracks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import re2

from trellis.expressions.functions.table import Builtin
from trellis.expressions.limits import MAX_STRING
from trellis.expressions.temporal import duration_text, zone_text
from trellis.expressions.types import ANY, BOOLEAN, NUMBER, STRING, ListType
from trellis.expressions.values import is_number, number


def as_text(value: Any) -> str | None:
    """Return the text that FEEL's `string()` gives."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return number_text(number(value))
    if isinstance(value, datetime):
        name = getattr(value.tzinfo, "key", None)
        zone = zone_text(value.tzinfo, None if name == "UTC" else name, value)
        return value.replace(tzinfo=None).isoformat() + zone
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, list):
        return "[" + ", ".join(_inner(item) for item in value) + "]"
    return str(value)


def _inner(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else as_text(value) or "null"


def number_text(value: Decimal) -> str:
    """Return a number without exponent or needless zeros."""
    if value == 0:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _texts(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Return a body that gives null unless every argument is a text."""

    def body(*values: Any) -> Any:
        if not all(isinstance(value, str) for value in values):
            return None
        return operation(*values)

    return body


def _substring(text: Any, start: Any, length: Any = None) -> Any:
    if not isinstance(text, str) or not is_number(start) or not start:
        return None
    begin = int(start) - 1 if start > 0 else len(text) + int(start)
    if begin < 0 or begin > len(text):
        return None
    if length is None:
        return text[begin:]
    if not is_number(length) or length < 1:
        return None
    return text[begin : begin + int(length)]


def _before(text: str, match: str) -> str:
    return text.partition(match)[0] if match in text else ""


def _after(text: str, match: str) -> str:
    return text.partition(match)[2] if match in text else ""


@lru_cache(maxsize=512)
def _pattern(pattern: str, flags: str) -> Any:
    if set(flags) - set("smixq"):
        return None
    if "q" in flags:
        pattern = re2.escape(pattern)
    if "x" in flags:
        pattern = "".join(pattern.split())
    lead = "".join(flag for flag in "sim" if flag in flags)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 22
    try:
        return re2.compile(f"(?{lead}){pattern}" if lead else pattern, options=options)
    except re2.error:
        return None


def _matches(text: Any, pattern: Any, flags: Any = "") -> Any:
    if not all(isinstance(value, str) for value in (text, pattern, flags or "")):
        return None
    compiled = _pattern(pattern, flags or "")
    return None if compiled is None else compiled.search(text) is not None


def _replace(text: Any, pattern: Any, replacement: Any, flags: Any = "") -> Any:
    if not all(isinstance(value, str) for value in (text, pattern, replacement, flags or "")):
        return None
    compiled = _pattern(pattern, flags or "")
    if compiled is None or compiled.search("") is not None:
        return None
    literal = "q" in (flags or "")

    def fill(match: Any) -> str:
        return replacement if literal else _filled(replacement, match)

    result = compiled.sub(fill, text)
    return result if len(result) <= MAX_STRING else None


def _filled(replacement: str, match: Any) -> str:
    parts: list[str] = []
    position = 0
    groups = len(match.groups())
    while position < len(replacement):
        character = replacement[position]
        following = replacement[position + 1 : position + 2]
        if character == "\\" and following in ("\\", "$"):
            parts.append(following)
            position += 2
        elif character == "$" and following.isdigit():
            group = int(following)
            parts.append((match.group(group) or "") if group <= groups else "")
            position += 2
        else:
            parts.append(character)
            position += 1
    return "".join(parts)


def _split(text: Any, delimiter: Any) -> Any:
    if not isinstance(text, str) or not isinstance(delimiter, str):
        return None
    compiled = _pattern(delimiter, "")
    if compiled is None or not delimiter:
        return None
    return [part or "" for part in compiled.split(text)]


def _join(values: Any, delimiter: Any = "", prefix: Any = None, suffix: Any = None) -> Any:
    items = values if isinstance(values, list) else [values]
    if not all(item is None or isinstance(item, str) for item in items):
        return None
    joined = (delimiter or "").join(item for item in items if item is not None)
    return (prefix or "") + joined + (suffix or "")


FUNCTIONS = (
    Builtin("string", ("from",), as_text, STRING, doc="The text of a value."),
    Builtin("string length", ("string",), _texts(lambda text: Decimal(len(text))), NUMBER,
            takes=(STRING,), doc="How many characters a text has."),
    Builtin("substring", ("string", "start position", "length"), _substring, STRING, 2,
            takes=(STRING, NUMBER, NUMBER), doc="Part of a text; positions count from 1, "
            "negative ones from the end."),
    Builtin("substring before", ("string", "match"), _texts(_before), STRING,
            takes=(STRING, STRING), doc="What stands before a part."),
    Builtin("substring after", ("string", "match"), _texts(_after), STRING,
            takes=(STRING, STRING), doc="What stands after a part."),
    Builtin("upper case", ("string",), _texts(str.upper), STRING, takes=(STRING,),
            doc="In capital letters."),
    Builtin("lower case", ("string",), _texts(str.lower), STRING, takes=(STRING,),
            doc="In small letters."),
    Builtin("contains", ("string", "match"), _texts(lambda text, part: part in text), BOOLEAN,
            takes=(STRING, STRING), doc="Whether a text contains another."),
    Builtin("starts with", ("string", "match"), _texts(str.startswith), BOOLEAN,
            takes=(STRING, STRING), doc="Whether a text begins with another."),
    Builtin("ends with", ("string", "match"), _texts(str.endswith), BOOLEAN,
            takes=(STRING, STRING), doc="Whether a text ends with another."),
    Builtin("matches", ("input", "pattern", "flags"), _matches, BOOLEAN, 2,
            takes=(STRING, STRING, STRING), doc="Whether a pattern is found in a text."),
    Builtin("replace", ("input", "pattern", "replacement", "flags"), _replace, STRING, 3,
            takes=(STRING, STRING, STRING, STRING), doc="Every match of a pattern replaced."),
    Builtin("split", ("string", "delimiter"), _split, ListType(STRING),
            takes=(STRING, STRING), doc="The parts between matches of a pattern."),
    Builtin("string join", ("list", "delimiter", "prefix", "suffix"), _join, STRING, 1,
            takes=(ANY, STRING, STRING, STRING), doc="Texts of a list joined."),
    Builtin("trim", ("string",), _texts(str.strip), STRING, takes=(STRING,),
            doc="Without blanks at both ends."),
)  # fmt: skip
