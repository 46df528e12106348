"""Colours and signs that stand for objects: the same ones on every page and every day."""

from __future__ import annotations

import re
from functools import lru_cache

from trellis.formbuilder.formats.common import COLORS
from trellis.metadata.model.objects import Object
from trellis.web.rendering import STATIC

_SHADES = tuple(sorted(COLORS - {"gray"}))


def shade_of(key: str) -> str:
    """Return the colour of an object, a fixed function of its key."""
    return _SHADES[sum(place * ord(sign) for place, sign in enumerate(key, 1)) % len(_SHADES)]


def sign_of(model: Object | None, label: str) -> str:
    """Return `#icon` for an object whose icon we have, else the first letter of its label."""
    if model is not None and model.icon in known_icons():
        return f"#{model.icon}"
    return label[:1].upper() or "·"


@lru_cache(maxsize=1)
def known_icons() -> frozenset[str]:
    """Return the names of the icons in our sprite."""
    sprite = (STATIC / "icons.svg").read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite))
