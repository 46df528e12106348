"""Names of several words (`date and time`, `Full Name`, `rate-card`), and how texts match them.

FEEL's names with blanks or operator characters are names only where they are declared, and the
longest declared name wins. A set of known names answers that at one position of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

WORD = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"\w+|\S")
_SIMPLE = re.compile(r"[^\W\d]\w*\Z")


def is_simple(name: str) -> bool:
    """Tell whether a name is one word, so that nothing need be declared to read it."""
    return _SIMPLE.match(name) is not None


def normal(name: str) -> str:
    """Return a name with each run of blanks as one space."""
    return " ".join(name.split())


class KnownNames:
    """A set of names that are not one word, found by their first word."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[str, dict[str, str]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Declare one more name."""
        first = WORD.match(name)
        if first is None or is_simple(name):
            return
        parts = _PART.findall(name)
        forms = self._by_first.setdefault(first[0], {})
        forms[normal(name)] = r"\s*".join(map(re.escape, parts)) if _tight(name) else _loose(parts)
        self._patterns.pop(first[0], None)

    def copy(self) -> KnownNames:
        """Return a set that can grow without changing this one."""
        other = KnownNames(())
        other._by_first = {first: dict(forms) for first, forms in self._by_first.items()}
        other._patterns = dict(self._patterns)
        return other

    def match(self, text: str, position: int, first: str) -> tuple[str, int] | None:
        """Return the longest known name that begins with the word `first` here, and its end."""
        forms = self._by_first.get(first)
        if forms is None:
            return None
        pattern = self._patterns.get(first)
        if pattern is None:
            longest_first = sorted(forms.values(), key=len, reverse=True)
            pattern = re.compile("(?:" + "|".join(longest_first) + r")(?!\w)")
            self._patterns[first] = pattern
        found = pattern.match(text, position)
        if found is None:
            return None
        compact = "".join(found[0].split())
        name = next((name for name in forms if name.replace(" ", "") == compact), found[0])
        return name, found.end()


def _tight(name: str) -> bool:
    return " " not in name


def _loose(parts: list[str]) -> str:
    """Return a pattern that wants blanks between words and allows them around other characters."""
    pattern = re.escape(parts[0])
    for before, part in pairwise(parts):
        both_words = WORD.match(before[-1]) is not None or before[-1].isdigit()
        glue = r"\s+" if both_words and (part[0].isalnum() or part[0] == "_") else r"\s*"
        pattern += glue + re.escape(part)
    return pattern


@lru_cache(maxsize=512)
def known_names(names: frozenset[str]) -> KnownNames:
    """Return the set for `names`, kept for the next text with the same names."""
    return KnownNames(names)
