"""Who reads a page: language, time zone, and how the platform's own words are translated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

Translate = Callable[[str], str]


def same_words(text: str) -> str:
    """Return the English text itself."""
    return text


@dataclass(frozen=True)
class Audience:
    """A reader; `words` translates the platform's own texts, labels bring their languages."""

    locale: str = "en"
    zone: tzinfo = UTC
    words: Translate = field(default=same_words, compare=False)

    def local(self, moment: datetime) -> datetime:
        """Return `moment` on the reader's wall clock."""
        return moment.astimezone(self.zone)


def humanise(key: str) -> str:
    """Return a readable text for a key that has no label: `due_at` becomes `Due at`."""
    text = key.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
