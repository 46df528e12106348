"""Colours and letters that stand for objects: the same ones on every page and every day."""

from __future__ import annotations

from trellis.formbuilder.formats.common import COLORS

_SHADES = tuple(sorted(COLORS - {"gray"}))


def shade_of(key: str) -> str:
    """Return the colour of an object, a fixed function of its key."""
    return _SHADES[sum(place * ord(sign) for place, sign in enumerate(key, 1)) % len(_SHADES)]


def letter_of(label: str) -> str:
    """Return the first sign of a label."""
    return label[:1].upper() or "·"
