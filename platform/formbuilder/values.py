"""What pages receive beside plain values: references with their titles, stored files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape


@dataclass(frozen=True)
class Reference:
    """A record that another one names: enough to show and to link it."""

    id: str
    title: str


@dataclass(frozen=True)
class StoredFile:
    """A stored file: enough to show and to link it."""

    id: str
    name: str
    size: int = 0
    media_type: str = ""


@dataclass(frozen=True)
class Deadline:
    """Until when a clock runs; `left` is working time, below zero when it is late.

    `state` is running, paused, met or breached; `share` is what is left of the target, 0 to 1.
    """

    due: datetime | None
    left: timedelta | None
    state: str
    share: float = 1.0
    is_open: bool = True


#: Most texts hold nothing to escape; to see that costs less than to escape.
_MARKUP = re.compile("[&<>\"']").search
#: A value and the present moment → safe HTML.
Format = Callable[[object, datetime], str]


def text_of(value: object) -> str:
    """Return a value as text for an attribute or an input; None is empty."""
    return "" if value is None else str(value)


def attribute(text: str) -> str:
    """Return `text` escaped for a double-quoted attribute or for content."""
    return escape(text, quote=True) if _MARKUP(text) else text
