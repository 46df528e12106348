"""Regular expressions of XPath 3.1, as FEEL has them, on engines that cannot run away.

A pattern is translated to RE2, whose time is linear. What RE2 lacks (back-references) runs on
Python's engine, but only with few, unnested repeats and on short texts; beyond that it is null.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2
from trellis.expressions.limits import (
    MAX_BACKTRACK_REPEATS,
    MAX_BACKTRACK_TEXT,
    MAX_LIST,
    MAX_PATTERN,
    MAX_PATTERN_WORK,
    MAX_STRING,
)
from trellis.expressions.pattern_syntax import NotAPatternError, Translated, translate

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 8 << 20


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; its methods never raise, what cannot be said is null."""

    engine: Any
    groups: int
    most: int
    literal: bool

    def occurs(self, text: str) -> bool | None:
        """Tell whether the pattern occurs in the text."""
        if len(text) > self.most:
            return None
        return self.engine.search(text) is not None

    def replaced(self, text: str, replacement: str) -> str | None:
        """Return the text with every occurrence replaced; a pattern that matches "" is null."""
        if len(text) > self.most or self.engine.search("") is not None:
            return None
        expand = self._expander(replacement)
        if expand is None:
            return None
        parts, position, length = [], 0, 0
        for found in self.engine.finditer(text):
            parts += [text[position : found.start()], expand(found)]
            length += len(parts[-1]) + len(parts[-2])
            position = found.end()
            if length > MAX_STRING:
                return None
        return "".join(parts) + text[position:]

    def split(self, text: str) -> list[str] | None:
        """Return what stands between the occurrences."""
        if len(text) > self.most or self.engine.search("") is not None:
            return None
        parts, position = [], 0
        for found in self.engine.finditer(text):
            parts.append(text[position : found.start()])
            position = found.end()
            if len(parts) > MAX_LIST:
                return None
        return [*parts, text[position:]]

    def _expander(self, replacement: str) -> Callable[[Any], str] | None:
        """Return what writes a replacement for a match: `$1` is a group, `\\$` a dollar."""
        if self.literal:
            return lambda _found: replacement
        pieces = _pieces(replacement, self.groups)
        if pieces is None:
            return None
        return lambda found: "".join(
            piece if isinstance(piece, str) else (found.group(piece) or "") for piece in pieces
        )


def _pieces(replacement: str, groups: int) -> list[str | int] | None:
    pieces: list[str | int] = []
    position = 0
    for found in re.finditer(r"\\(.?)|\$(\d*)", replacement, re.DOTALL):
        pieces.append(replacement[position : found.start()])
        position = found.end()
        if found[0][0] == "\\":
            if found[1] not in ("\\", "$") or not found[1]:
                return None
            pieces.append(found[1])
            continue
        digits = found[2]
        if not digits:
            return None
        # `$12` is group 12 where there is one, else group 1 and the digit 2.
        while len(digits) > 1 and int(digits) > groups:
            digits = digits[:-1]
        if int(digits) <= groups:
            pieces.append(int(digits))
        pieces.append(found[2][len(digits) :])
    return [*pieces, replacement[position:]]


@lru_cache(maxsize=1_024)
def compile_pattern(pattern: str, flags: str) -> Pattern | None:
    """Return the compiled pattern, None when it or the flags are none of XPath's."""
    if len(pattern) > MAX_PATTERN or set(flags) - set("smixq"):
        return None
    try:
        if "q" in flags:
            prefix = "(?i)" if "i" in flags else ""
            return _linear(prefix + re2.escape(pattern), 0, literal=True)
        translated = translate(pattern, flags)
        return _compiled(translated, flags)
    except (NotAPatternError, re2.error, re.error, OverflowError):
        return None


def _compiled(translated: Translated, flags: str) -> Pattern | None:
    prefix = "".join(flag for flag in "im" if flag in flags)
    text = (f"(?{prefix})" if prefix else "") + translated.text
    if not translated.back_references:
        return _linear(text, translated.groups, literal=False)
    if translated.repeats > MAX_BACKTRACK_REPEATS or translated.nested:
        return None
    return Pattern(re.compile(_for_python(text)), translated.groups, MAX_BACKTRACK_TEXT, False)


def _linear(text: str, groups: int, *, literal: bool) -> Pattern:
    """Return a pattern on RE2; the larger its program, the shorter the texts that it takes."""
    engine = re2.compile(text, _OPTIONS)
    most = min(MAX_STRING, MAX_PATTERN_WORK // max(1, engine.programsize))
    return Pattern(engine, groups, most, literal)


def _for_python(text: str) -> str:
    """Return a pattern of RE2 as Python's engine writes it, which knows no properties but `Nd`."""
    plain = text.replace(r"\z", r"\Z").replace(r"\p{Nd}", r"\d").replace(r"\P{Nd}", r"\D")
    if r"\p{" in plain or r"\P{" in plain:
        raise NotAPatternError(text)
    return re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: f"\\U{found[1]:0>8}", plain)
