"""XPath's regular expressions → RE2's: escapes, character classes with subtraction, blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trellis.expressions.limits import MAX_PATTERN_WEIGHT, PROPERTY_WEIGHT

_RANGE_END = 0x10FFFF
Ranges = list[tuple[int, int]]

#: Unicode blocks that patterns name, `\p{IsGreek}`; others are refused rather than guessed.
_BLOCKS: dict[str, tuple[int, int]] = {
    "BasicLatin": (0x00, 0x7F), "Latin-1Supplement": (0x80, 0xFF),
    "LatinExtended-A": (0x100, 0x17F), "LatinExtended-B": (0x180, 0x24F),
    "IPAExtensions": (0x250, 0x2AF), "Greek": (0x370, 0x3FF), "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF), "Armenian": (0x530, 0x58F), "Hebrew": (0x590, 0x5FF),
    "Arabic": (0x600, 0x6FF), "Devanagari": (0x900, 0x97F), "Bengali": (0x980, 0x9FF),
    "Thai": (0xE00, 0xE7F), "HangulJamo": (0x1100, 0x11FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF), "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F), "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F), "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF), "MathematicalOperators": (0x2200, 0x22FF),
    "BoxDrawing": (0x2500, 0x257F), "GeometricShapes": (0x25A0, 0x25FF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F), "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF), "Bopomofo": (0x3100, 0x312F),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF), "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUse": (0xE000, 0xF8FF), "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}  # fmt: skip
_CATEGORIES = frozenset(
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    ]
)
_PLAIN_ESCAPES = {"n": 10, "r": 13, "t": 9} | {c: ord(c) for c in "\\|.?*+(){}-[]^$"}
#: Class escapes as the inside of an RE2 class, and negated.
_CLASSES = {
    "s": (r" \t\n\r", r"\x{0}-\x{8}\x{b}\x{c}\x{e}-\x{1f}\x{21}-\x{10ffff}"),
    "d": (r"\p{Nd}", r"\P{Nd}"),
    "w": (r"\p{L}\p{M}\p{N}\p{S}", r"\p{P}\p{Z}\p{C}"),
    "i": (r"\p{L}_:", None),
    "c": (r"\p{L}\p{M}\p{N}\-._:·", None),
}


class NotAPatternError(ValueError):
    """The text is no pattern."""


@dataclass(frozen=True)
class Translated:
    """A pattern in RE2's syntax, and what decides on which engine it may run."""

    text: str
    groups: int
    back_references: bool
    repeats: int
    nested: bool


def translate(pattern: str, flags: str) -> Translated:
    """Return the pattern for RE2; raises NotAPatternError."""
    return _Reader(_without_blanks(pattern) if "x" in flags else pattern, flags).run()


def _without_blanks(pattern: str) -> str:
    """Return the pattern without blanks outside of character classes."""
    kept, depth, escaped = [], 0, False
    for character in pattern:
        if character.isspace() and not depth:
            continue
        kept.append(character)
        if escaped:
            escaped = False
            continue
        escaped = character == "\\"
        depth += {"[": 1, "]": -1}.get(character, 0)
    return "".join(kept)


class _Reader:
    """One walk over one pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.flags = flags
        self.position = 0
        self.out: list[str] = []
        self.groups = 0
        self.open: list[tuple[int, bool]] = []
        self.closed: set[int] = set()
        self.back_references = False
        self.repeats = 0
        #: Whether each open group holds a repeat, and whether the part just read does.
        self.holds: list[bool] = [False]
        #: How much of a program each open group makes, and the part just read.
        self.weights: list[int] = [0]
        self.last_weight = 0
        self.last_holds = False
        self.nested = False

    def run(self) -> Translated:
        while self.position < len(self.pattern):
            self._part(self.pattern[self.position])
        if self.open:
            raise NotAPatternError(self.pattern)
        return Translated(
            "".join(self.out), self.groups, self.back_references, self.repeats, self.nested
        )

    def _part(self, character: str) -> None:
        if character == "\\":
            self._atom(self._escape())
        elif character == "[":
            self._atom(self._class())
        elif character == "(":
            self._open_group()
        elif character == ")":
            self._close_group()
        elif character in "*+?{":
            self._repeat()
        else:
            self.position += 1
            dot = "." if "s" in self.flags else r"[^\n\r]"
            if character in "]}":
                raise NotAPatternError(self.pattern)
            special = {".": f"(?s:{dot})" if dot == "." else dot, "^": "^", "|": "|",
                       "$": "$" if "m" in self.flags else r"\z"}  # fmt: skip
            self._atom(special.get(character, re.escape(character)))

    def _atom(self, text: str) -> None:
        self.out.append(text)
        self.last_holds = False
        self._weigh(PROPERTY_WEIGHT if "\\p" in text or "\\P" in text else 1)

    def _open_group(self) -> None:
        rest = self.pattern[self.position :]
        capturing = not rest.startswith("(?:")
        if rest.startswith("(?") and capturing:
            raise NotAPatternError(self.pattern)
        self.position += 1 if capturing else 3
        self.groups += capturing
        self.open.append((self.groups, capturing))
        self.holds.append(False)
        self.weights.append(0)
        self.out.append("(" if capturing else "(?:")

    def _close_group(self) -> None:
        if not self.open:
            raise NotAPatternError(self.pattern)
        self.position += 1
        number, capturing = self.open.pop()
        if capturing:
            self.closed.add(number)
        self.last_holds = self.holds.pop()
        self.holds[-1] = self.holds[-1] or self.last_holds
        self.out.append(")")
        self._weigh(self.weights.pop())

    def _weigh(self, weight: int) -> None:
        self.last_weight = weight
        self.weights[-1] += weight
        if self.weights[-1] > MAX_PATTERN_WEIGHT:
            raise NotAPatternError(self.pattern)

    def _repeat(self) -> None:
        found = re.compile(r"(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})\??").match(
            self.pattern, self.position
        )
        if found is None or not self.out or self.out[-1] in ("(", "(?:", "|"):
            raise NotAPatternError(self.pattern)
        self.position = found.end()
        if found[0][0] != "?":
            self.repeats += 1
            self.nested = self.nested or self.last_holds
            self.holds[-1] = self.last_holds = True
        counts = [int(count) for count in re.findall(r"\d+", found[0])]
        self._weigh(self.last_weight * (max([1, *counts]) - 1))
        self.out.append(found[0])

    def _escape(self) -> str:
        found = re.compile(r"\\(?:([pP])\{([^}]*)\}|(\d)|(.))", re.DOTALL).match(
            self.pattern, self.position
        )
        if found is None:
            raise NotAPatternError(self.pattern)
        self.position = found.end()
        if found[1]:
            return "[" + _property(found[1], found[2]) + "]"
        if found[3]:
            return self._back_reference(int(found[3]))
        if found[4] in _PLAIN_ESCAPES:
            return f"\\x{{{_PLAIN_ESCAPES[found[4]]:x}}}"
        return f"[{_class_escape(found[4])}]"

    def _back_reference(self, number: int) -> str:
        if number == 0 or number not in self.closed:
            raise NotAPatternError(self.pattern)
        self.back_references = True
        # A group that took no part is the empty text (XPath functions 3.1, 5.6.1).
        return f"(?({number})\\{number})"

    def _class(self) -> str:
        """Read `[…]`; the part behind `-[` is taken out of it."""
        self.position += 1
        negated = self.pattern.startswith("^", self.position)
        self.position += negated
        inside: list[str] = []
        ranges: Ranges = []
        subtracted: Ranges | None = None
        while True:
            if self.pattern.startswith("-[", self.position) and (inside or ranges):
                self.position += 1
                subtracted = self._plain_class()
            if self.position >= len(self.pattern):
                raise NotAPatternError(self.pattern)
            if self.pattern[self.position] == "]":
                break
            if subtracted is not None:
                raise NotAPatternError(self.pattern)
            self._class_part(inside, ranges)
        self.position += 1
        if not inside and not ranges:
            raise NotAPatternError(self.pattern)
        if subtracted is None:
            return f"[{'^' if negated else ''}{''.join(inside)}{_written(ranges)}]"
        if inside:
            raise NotAPatternError(self.pattern)
        base = _complement(ranges) if negated else ranges
        left = _minus(base, subtracted)
        return f"[{_written(left)}]" if left else r"[^\x{0}-\x{10ffff}]"

    def _plain_class(self) -> Ranges:
        """Read the class behind `-`, which may hold characters and ranges only."""
        self.position += 1
        negated = self.pattern.startswith("^", self.position)
        self.position += negated
        inside: list[str] = []
        ranges: Ranges = []
        while not self.pattern.startswith("]", self.position):
            if self.position >= len(self.pattern):
                raise NotAPatternError(self.pattern)
            self._class_part(inside, ranges)
        self.position += 1
        if inside or not ranges:
            raise NotAPatternError(self.pattern)
        return _complement(ranges) if negated else ranges

    def _class_part(self, inside: list[str], ranges: Ranges) -> None:
        first = self._class_character()
        if isinstance(first, str):
            inside.append(first)
            return
        last = first
        following = self.pattern[self.position : self.position + 2]
        if following[:1] == "-" and following not in ("-]", "-["):
            self.position += 1
            end = self._class_character()
            if isinstance(end, str) or end < first:
                raise NotAPatternError(self.pattern)
            last = end
        ranges.append((first, last))

    def _class_character(self) -> int | str:
        """Return a code point, or the inside of a class for an escape of several."""
        found = re.compile(r"\\(?:([pP])\{([^}]*)\}|(.))|([^\[\]\\])", re.DOTALL).match(
            self.pattern, self.position
        )
        if found is None:
            raise NotAPatternError(self.pattern)
        self.position = found.end()
        if found[4]:
            return ord(found[4])
        if found[1]:
            return _property(found[1], found[2])
        if found[3] in _PLAIN_ESCAPES:
            return _PLAIN_ESCAPES[found[3]]
        return _class_escape(found[3])


def _class_escape(letter: str) -> str:
    found = _CLASSES.get(letter.lower())
    if found is None:
        raise NotAPatternError(letter)
    text = found[0] if letter.islower() else found[1]
    if text is None:
        raise NotAPatternError(letter)
    return text


def _property(letter: str, name: str) -> str:
    if name in _CATEGORIES:
        return f"\\{letter}{{{name}}}" if name != "Cn" else _refuse(name)
    block = _BLOCKS.get(name[2:]) if name.startswith("Is") else None
    if block is None:
        raise NotAPatternError(name)
    return _written([block] if letter == "p" else _complement([block]))


def _refuse(name: str) -> str:
    raise NotAPatternError(name)


def _written(ranges: Ranges) -> str:
    return "".join(
        f"\\x{{{low:x}}}" if low == high else f"\\x{{{low:x}}}-\\x{{{high:x}}}"
        for low, high in ranges
    )


def _complement(ranges: Ranges) -> Ranges:
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return [*found, (start, _RANGE_END)] if start <= _RANGE_END else found


def _minus(base: Ranges, taken: Ranges) -> Ranges:
    """Return the code points of `base` that are not in `taken`."""
    left = []
    for free_low, free_high in _complement(taken):
        for low, high in base:
            if max(low, free_low) <= min(high, free_high):
                left.append((max(low, free_low), min(high, free_high)))
    return sorted(left)
