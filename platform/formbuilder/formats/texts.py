"""Texts as HTML: plain, long, rich, code, and those that link somewhere."""

from __future__ import annotations

import json
import re
from datetime import datetime
from urllib.parse import urlsplit

import nh3
from trellis.formbuilder.formats.common import NOTHING, Subject
from trellis.formbuilder.values import Format, attribute, text_of

_SHORT = 120
_TAGS = re.compile(r"<[^>]*>")


def plain(_subject: Subject) -> Format:
    return lambda value, _now: attribute(text_of(value))


def short_text(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        text = text_of(value)
        line = " ".join(text[: _SHORT + 1].split())
        return attribute(line if len(text) <= _SHORT else line[:_SHORT] + "…")

    return show


def long_text(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        return f'<div class="lines">{attribute(text_of(value))}</div>' if value else NOTHING

    return show


def rich(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        return f'<div class="prose">{nh3.clean(text_of(value))}</div>' if value else NOTHING

    return show


def short_rich(subject: Subject) -> Format:
    short = short_text(subject)

    def show(value: object, now: datetime) -> str:
        return short(_TAGS.sub(" ", nh3.clean(text_of(value))), now) if value else NOTHING

    return show


def code(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        if value is None:
            return NOTHING
        text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
        return f'<pre class="code">{attribute(text)}</pre>'

    return show


def short_code(subject: Subject) -> Format:
    short = short_text(subject)
    return lambda value, now: (
        NOTHING if value is None else short(json.dumps(value, ensure_ascii=False, default=str), now)
    )


def email(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        text = attribute(text_of(value))
        return f'<a href="mailto:{text}">{text}</a>' if text else NOTHING

    return show


def phone(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        text = text_of(value)
        digits = "".join(
            sign for sign in text if sign.isascii() and (sign.isdigit() or sign == "+")
        )
        # A masked number (***1234) is shown, not offered for dialling.
        if not digits or "*" in text:
            return attribute(text)
        return f'<a href="tel:{digits}">{attribute(text)}</a>'

    return show


def url(_subject: Subject) -> Format:
    def show(value: object, _now: datetime) -> str:
        text = text_of(value)
        shown = attribute(text)
        if not _is_web_address(text):
            return shown
        return f'<a href="{shown}" rel="noopener noreferrer nofollow" target="_blank">{shown}</a>'

    return show


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
