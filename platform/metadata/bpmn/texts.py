"""Texts on their way into XML and out of it: names by locale, expressions, times, identifiers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from trellis.metadata.model.texts import Label

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHORT = re.compile(r"([1-9]\d{0,5}|0)(m|h|d)")
_ISO = re.compile(r"P(?:([1-9]\d{0,3})W|([1-9]\d{0,5})D|T([1-9]\d{0,5})([HM]))")
#: Names that every reader of XML takes, older rules included; the standard allows more.
_LETTERS = ("A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0391-\u03a1\u03a3-\u03ce\u0410-\u044f"
            "\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3")  # fmt: skip
NCNAME = re.compile(f"[{_LETTERS}][{_LETTERS}.0-9-]*")


def writable(text: str) -> str:
    """Return a text as XML gives it back: line ends alike, what XML cannot hold replaced."""
    alike = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub("\ufffd", alike)


def json_text(value: object) -> str:
    """Return JSON that XML can hold as it is."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def label_text(label: object, locale: str) -> str:
    """Return the words of a label or help in a locale, "" where it has none."""
    if isinstance(label, str):
        return writable(label)
    if isinstance(label, Mapping):
        texts = {key: text for key, text in label.items() if isinstance(text, str)}
        return writable(Label(texts).text(locale))
    return ""


def relabelled(label: object, locale: str, text: str) -> object:
    """Return a label with other words in a locale."""
    if isinstance(label, Mapping):
        return {**label, locale: text}
    return text


def plain(value: Any) -> str:
    """Return a scalar as a text: a condition may be `true`, a time a number."""
    return writable(value if isinstance(value, str) else json_text(value))


def time_of(value: Any) -> tuple[str, str]:
    """Return the form and text of a timer's time: `30m` is a duration, `= …` a moment."""
    text = plain(value).strip()
    short = _SHORT.fullmatch(text)
    if short is not None:
        number, unit = short.groups()
        return "duration", f"P{number}D" if unit == "d" else f"PT{number}{unit.upper()}"
    if text.startswith("R"):
        return "cycle", text
    return ("date" if text.startswith("=") or text[:4].isdigit() else "duration"), text


def timer_value(form: str, text: str) -> str:
    """Return what a flow says for a time of BPMN; what is no short duration becomes a moment."""
    text = text.strip()
    iso = _ISO.fullmatch(text)
    if iso is not None:
        weeks, days, hours, unit = iso.groups()
        if weeks or days:
            return f"{int(weeks) * 7 if weeks else days}d"
        return f"{hours}{unit.lower()}"
    if form == "duration" and text.startswith("P"):
        return f'= now() + duration("{text}")'
    if form == "date" and text[:4].isdigit() and '"' not in text:
        return f'= date and time("{text}")'
    return text


def cycle_of(cycle: str) -> tuple[str, str]:
    """Return the text and form of how often a flow starts: `30m`, or a text of cron."""
    text = writable(cycle).strip()
    form, iso = time_of(text)
    return (
        f"R/{iso}" if iso.startswith("P") and form == "duration" else text
    ), "cycle" if text else ""


def cycle_value(text: str) -> str:
    """Return what a flow says for a cycle of BPMN."""
    endless, _, span = text.partition("/")
    return timer_value("duration", span) if endless == "R" and _ISO.fullmatch(span) else text
