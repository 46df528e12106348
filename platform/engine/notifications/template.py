"""Words with `{{ FEEL }}` placeholders: split once, filled per message."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
MAX_TEXT = 2_000


@dataclass(frozen=True)
class Template:
    """Literal pieces and expressions in turn: the first piece is literal, then one of each."""

    literals: tuple[str, ...]
    expressions: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Template:
        """Split `text` at its placeholders."""
        pieces = _PLACEHOLDER.split(text)
        return cls(tuple(pieces[::2]), tuple(piece.strip() for piece in pieces[1::2]))

    def fill(self, evaluate: Callable[[str], Any], zone: tzinfo = UTC) -> str:
        """Return the text with every expression's value; values are data and never read again."""
        parts = [self.literals[0]]
        for expression, literal in zip(self.expressions, self.literals[1:], strict=True):
            parts += [as_words(evaluate(expression), zone), literal]
        return "".join(parts)[:MAX_TEXT]


def as_words(value: Any, zone: tzinfo = UTC) -> str:
    """Return a value as a person reads it; a record is its title, nothing is empty.

    Moments are told in `zone`.
    """
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return as_words(value.get("title") or value.get("name"), zone)
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list | tuple):
        return ", ".join(as_words(item, zone) for item in value)
    return str(value)
