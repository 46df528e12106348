"""How wide words are on a drawing, and how they break into lines; no font is asked."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: Units per character at the drawing's size of letters (12).
_WIDE, _CAPITAL, _NARROW, _OTHER = 12.0, 8.2, 3.6, 6.6
LINE = 14.0


@lru_cache(maxsize=4096)
def width_of(text: str) -> float:
    """Return about how wide a text is."""
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    if unicodedata.combining(letter):
        return 0
    if letter.isupper() or letter in "mwMW@%":
        return _CAPITAL
    return _NARROW if letter in "ijlftr.,:;'|!()[] " else _OTHER


def wrapped(text: str, width: float, lines: int) -> tuple[str, ...]:
    """Return a text in lines that fit; what does not fit into so many ends with `…`."""
    found: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and width_of(line + piece.rstrip()) > width:
            found.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while width_of(line.rstrip()) > width and len(line) > 1:
            cut = _fitting(line, width)
            found.append(line[:cut])
            line = line[cut:]
        if len(found) > lines:
            break
    if line.strip():
        found.append(line.rstrip())
    if len(found) <= lines:
        return tuple(found)
    last = found[lines - 1]
    return (*found[: lines - 1], last[: max(_fitting(last + "…", width) - 1, 1)] + "…")


def _pieces(text: str) -> list[str]:
    """Return words with the blank behind them; between wide letters a line may break."""
    found = [""]
    for letter in " ".join(text.split()):
        wide = unicodedata.east_asian_width(letter) in "WF"
        if found[-1] and (found[-1][-1] == " " or wide):
            found.append("")
        found[-1] += letter
    return found


def _fitting(text: str, width: float) -> int:
    """Return how many letters fit, at least one."""
    total = 0.0
    for count, letter in enumerate(text):
        total += _width(letter)
        if total > width:
            return max(count, 1)
    return len(text)
