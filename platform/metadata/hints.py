"""What the help of a problem says about names: the nearest one, or what there is."""

from __future__ import annotations

from collections.abc import Iterable

from trellis.problems import suggest

_SHOWN = 12


def hint(wrong: str, known: Iterable[str], none: str = "there are none yet") -> str:
    """Return a did-you-mean for `wrong`, else what is known; `none` when there is nothing."""
    names = sorted(set(known))
    found = suggest(wrong, names)
    if found is not None:
        return found
    if not names:
        return none
    first = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return f"known are {first} and {len(names) - _SHOWN} more"
