"""Texts in several languages, short durations, and expressions that are not compiled yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from trellis.problems import Location

#: How durations may be written: 30m, 4h, 2d, and 8bh of working time.
SHORT_DURATION = re.compile(r"(\d{1,6})(m|h|d|bm|bh|bd)")
LOCALES = ("en", "zh-CN", "zh-TW")
FALLBACKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"en": ("en",), "zh-CN": ("zh-CN", "en"), "zh-TW": ("zh-TW", "zh-CN", "en")}
)


@dataclass(frozen=True)
class Label:
    """A text for people, by locale."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, locale: str, default: str = "") -> str:
        """Return the text for `locale`, or the nearest that exists, or `default`."""
        for candidate in FALLBACKS.get(locale, ("en",)):
            if candidate in self.texts:
                return self.texts[candidate]
        return next(iter(self.texts.values()), default)

    def __bool__(self) -> bool:
        return bool(self.texts)


EMPTY_LABEL = Label()


@dataclass(frozen=True)
class ExpressionText:
    """FEEL as its author wrote it; `checks` compiles it against the names in scope."""

    text: str
    location: Location


#: A key that takes a literal or, when it starts with `=`, an expression.
Literal: TypeAlias = str | int | bool | float | list[object] | dict[str, object] | None
ValueOrExpression: TypeAlias = Literal | ExpressionText
#: A flag that may also be a condition (`required`, `readonly`).
FlagOrCondition: TypeAlias = bool | ExpressionText
