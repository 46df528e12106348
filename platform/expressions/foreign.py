"""What Excel, SQL, JavaScript and Python write and FEEL does not: known by its look, with what to
write instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trellis.expressions.problems import SYNTAX, ExpressionProblem

_OPERATORS: Mapping[str, str] = {
    "===": "write `=`", "!==": "write `!=`", "==": "write `=`", "<>": "write `!=`",
    "=<": "write `<=`", "=>": "write `>=`; a function is `function(x) …`",
    "=!": "write `!=`", "&&": "write `and`", "||": "write `or`; texts are joined with `+`",
    ":=": "write `=`; nothing is assigned in an expression",
    "+=": "nothing is assigned in an expression", "-=": "nothing is assigned in an expression",
    "??": "write `if x != null then x else y`", "?.": "write `.`; a property of null is null",
    "++": "write `+ 1`",
    "::": "write `number(…)`, `string(…)` or `date(…)` around the value",
}  # fmt: skip
#: Characters that stand for one of ours, or for nothing here.
_CHARACTERS: Mapping[str, str] = {
    "&": "write `+` to join texts, `and` between conditions",
    "|": "write `or` between conditions", "!": "write `not(…)`",
    "%": "write `modulo(a, b)` for what a division leaves, `/ 100` for a percentage",
    "^": "write `**`", "~": "write `not(…)`, or `matches(…)` for patterns",
    "$": "names and numbers stand without `$`", "\\": "a backslash stands inside texts only",
    "@": 'write `@"2026-03-02"` for a date', "#": "comments begin with `//`",
    "≥": "write `>=`", "≤": "write `<=`", "≠": "write `!=`", "÷": "write `/`", "×": "write `*`",
    "−": "write `-`", "–": "write `-`", "—": "write `-`", "·": "write `*`", "√": "write `sqrt(…)`",
    "∧": "write `and`", "∨": "write `or`", "¬": "write `not(…)`", "∈": "write `in`",
    "【": "write `[`", "】": "write `]`", "《": 'texts stand in double quotes: `"…"`',
    "、": "write `,`", "。": "write `.`, or nothing at the end", "…": "write `..`",
    "“": 'write `"`', "”": 'write `"`', "„": 'write `"`',
    "'": 'texts stand in double quotes: `"…"`',
    "`": 'texts stand in double quotes: `"…"`', "’": 'texts stand in double quotes: `"…"`',
    '"': "write `\"` at the end of the text",
    ";": "write `,` between the values of a call; an expression is one value and ends without `;`",
}  # fmt: skip
_PAIRS = {"'": "'", "`": "`", "“": "”", "”": "”", "„": "“”", "‘": "’", "«": "»", "»": "«",
          "「": "」", "『": "』", "＂": "＂", "‚": "‘", "《": "》"}  # fmt: skip
_UNITS = {"second": "PT{}S", "minute": "PT{}M", "hour": "PT{}H", "day": "P{}D", "week": "P{}W",
          "month": "P{}M", "year": "P{}Y", "tag": "P{}D", "stunde": "PT{}H", "天": "P{}D",
          "小时": "PT{}H", "分钟": "PT{}M", "个月": "P{}M", "年": "P{}Y"}  # fmt: skip
_IF = "write `if … then … else …`"


@dataclass(frozen=True)
class _Phrase:
    """A way of writing: what its text looks like, what is said of it, how it is mended."""

    pattern: re.Pattern[str]
    message: str
    help: str | Callable[[re.Match[str]], str]


def _phrase(pattern: str, message: str, help_: str | Callable[[re.Match[str]], str]) -> _Phrase:
    return _Phrase(re.compile(pattern, re.IGNORECASE), message, help_)


def _iso_date(found: re.Match[str]) -> str:
    first, second, year = found[1], found[2], found[3]
    day, month = (second, first) if found[0].count("/") and int(first) <= 12 else (first, second)
    if found[0].count("/") and int(first) <= 12 and int(second) <= 12:
        return 'write `@"2026-12-31"`: year, month, day'
    return f'write `@"{year}-{int(month):02}-{int(day):02}"`'


def _point_number(found: re.Match[str]) -> str:
    whole, fraction = found[0].rsplit(",", 1)
    return f"write `{whole.replace('.', '').replace(',', '')}.{fraction}`, with a decimal point"


def _length(found: re.Match[str]) -> str:
    unit = found[2].lower()
    amount = int(found[1]) * (7 if unit.startswith("week") else 1)
    pattern = "P{}D" if unit.startswith("week") else next(
        form for name, form in _UNITS.items() if unit.startswith(name)
    )  # fmt: skip
    return f'write `duration("{pattern.format(amount)}")`'


_PHRASES = (
    _phrase(r"\{\{", "`{{` does not fit here", "write the expression alone, without `{{` and `}}`"),
    _phrase(r"\{%", "`{%` does not fit here", "write the expression alone; it is no template"),
    _phrase(r"\$\{", "`${` does not fit here", "write the expression alone, without `${` and `}`"),
    _phrase(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b", "this is no date", _iso_date),
    _phrase(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?Z?", "a date and time stands in quotes",
            lambda found: f'write `@"{_whole_moment(found[0])}"`'),
    _phrase(r"\b([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\b", "a time stands in quotes",
            lambda found: f'write `@"{int(found[1]):02}:{found[2]}:{found[3] or "00"}"`'),
    _phrase(r"\b\d{1,3}(?:\.\d{3})*,\d+\b(?!\s*,)", "a number has a decimal point", _point_number),
    _phrase(r"\b(\d+)\s*(seconds?|minutes?|hours?|days?|weeks?|months?|years?|tage?|stunden?|天|小时"
            r"|分钟|个月|年)(?!\w)", "a duration stands in quotes", _length),
    _phrase(r"\b(\d+(?:\.\d+)?)\s*%(?!\s*[\w(])", "`%` does not fit here",
            lambda found: f"write `{found[1]} / 100`"),
    _phrase(r"\bis\s+not\s+(?:null|none|empty)\b", "there is no `is not null`", "write `!= null`"),
    _phrase(r"\bis\s+(?:null|none|empty)\b", "there is no `is null`", "write `= null`"),
    _phrase(r"\bis\s+not\b", "`is` is no operator", "write `!=`"),
    _phrase(r"\bis\b(?!\s*\()", "`is` is no operator", "write `=`"),
    _phrase(r"\bnot\s+in\b", "there is no `not in`", "write `not(x in (a, b))`"),
    _phrase(r"\bnot\s+between\b", "there is no `not between`", "write `not(x between a and b)`"),
    _phrase(r"\b(?:not\s+)?i?like\b", "there is no `like`",
            "write `starts with(…)`, `ends with(…)`, `contains(…)` or `matches(…)`"),
    _phrase(r"\bcase\s+\w+|\bwhen\b", "there is no `case`", _IF),
    _phrase(r"\b(?:elif|elseif|elsif)\b", "there is no `elif`", "write `else if`"),
    _phrase(r"\bselect\b|\bwhere\b|\bhaving\b", "there is no query here",
            "write `list[condition]` to pick from a list"),
    _phrase(r"\blambda\b|\w+\s*->|\w+\s*=>(?=\s*\w+[.(])", "this is no function",
            "write `function(x) …`"),
    _phrase(r"\bnew\s+date\b", "there is no `new`", "write `now()`, `today()` or `date(…)`"),
    _phrase(r"\bdate\s*(?=\"\d{4}-)", "`date` is a function here", "write `date(\"2026-03-02\")`"),
    _phrase(r"\b(?:var|let|const)\b", "nothing is assigned in an expression",
            "write the value alone, or `{a: 1, b: a + 1}.b`"),
)  # fmt: skip
_OPERATOR = re.compile("|".join(re.escape(one) for one in sorted(_OPERATORS, key=len,
                                                                 reverse=True)))  # fmt: skip
_AROUND = 80


def _whole_moment(text: str) -> str:
    clock = text[11:].rstrip("Z")
    return f"{text[:10]}T{clock}{':00' if len(clock) == 5 else ''}"


def foreign_problem(text: str, position: int) -> ExpressionProblem | None:
    """Return what is said of a way of writing that covers a position, None when none is known."""
    low, high = max(0, position - _AROUND), min(len(text), position + _AROUND)
    for phrase in _PHRASES:
        for found in phrase.pattern.finditer(text, low, high):
            if found.start() <= position < found.end():
                help_ = phrase.help if isinstance(phrase.help, str) else phrase.help(found)
                return _problem(found.start(), found.end(), phrase.message, help_)
    for found in _OPERATOR.finditer(text, low, high):
        if found.start() <= position < found.end():
            mark = found[0]
            return _problem(found.start(), found.end(), f"`{mark}` is no operator",
                            _OPERATORS[mark])  # fmt: skip
    return None


def strange_problem(text: str, position: int, *, in_brackets: bool) -> ExpressionProblem:
    """Return what is said of a character that begins nothing in FEEL."""
    quoted = _foreign_quotes(text, position)
    if quoted is not None:
        return quoted
    known = foreign_problem(text, position)
    if known is not None:
        return known
    character = text[position]
    if character == '"':
        return _problem(position, len(text), "the text does not end", _CHARACTERS['"'])
    if character in ";；" and in_brackets:
        return _problem(position, position + 1, f"`{character}` does not fit here",
                        "write `,` between values")  # fmt: skip
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return _problem(position, position + 1, f"`{shown}` does not fit here", _hint(text, position))


def _hint(text: str, position: int) -> str | None:
    character = text[position]
    plain = unicodedata.normalize("NFKC", character)
    word = re.match(r"\w+", text[position + 1 : position + 41])
    if character in "!~" and word is not None:
        return f"write `not({word[0]})`"
    if unicodedata.category(character) == "Sc" and character != "$":
        return "numbers stand without a currency"
    if character == "$" and word is not None:
        return f"write `{word[0]}` without `$`"
    known = _CHARACTERS.get(character)
    if known is not None:
        return known
    if plain != character and plain in _CHARACTERS:
        return _CHARACTERS[plain]
    if plain != character and plain.isascii():
        return f"write the half-width `{plain}`"
    return None


def _foreign_quotes(text: str, position: int) -> ExpressionProblem | None:
    closing = _PAIRS.get(text[position])
    if closing is None:
        return None
    ends = [at for at in (text.find(one, position + 1) for one in closing) if at >= 0]
    if not ends or "\n" in text[position : min(ends)] or min(ends) - position > _AROUND:
        return None
    inside = text[position + 1 : min(ends)].replace("\\", "\\\\").replace('"', '\\"')
    what = "a text stands in double quotes"
    return _problem(position, min(ends) + 1, what, f'write `"{inside}"`')


def _problem(start: int, end: int, message: str, help_: str | None) -> ExpressionProblem:
    return ExpressionProblem(start, end, SYNTAX, message, help_)
