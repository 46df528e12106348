"""What every format shares: the field where it stands, badges, people, names of colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.values import Format, attribute
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import Field
from trellis.metadata.model.objects import Object

#: What a cell shows for nothing: quiet, and silent for screen readers.
NOTHING = ""
COLORS = frozenset(
    [
        "gray",
        "red",
        "orange",
        "amber",
        "yellow",
        "lime",
        "green",
        "teal",
        "cyan",
        "blue",
        "azure",
        "indigo",
        "purple",
        "pink",
    ]
)


@dataclass(frozen=True)
class Subject:
    """A field where it stands: its object and catalog, and who reads."""

    catalog: Catalog
    model: Object
    field: Field
    audience: Audience


Maker = Callable[[Subject], Format]


def badge(label: str, color: str | None) -> str:
    """Return a status badge; an unknown colour is gray."""
    shade = color if color in COLORS else "gray"
    return f'<span class="badge c-{shade}">{attribute(label)}</span>'


def initials(name: str) -> str:
    """Return one or two signs that stand for a person: 王芳 is 芳, Anna Schmidt is AS."""
    words = name.split()
    if not words:
        return "?"
    # Chinese names stand first when both spellings are given; the given name is what people say.
    if words[0][0] >= "\u3400":
        return words[0][-1]
    if len(words) == 1:
        return words[0][:1].upper()
    return (words[0][:1] + words[-1][:1]).upper()


def person(name: str) -> str:
    """Return a person: initials in a disc, then the name."""
    # The disc's colour only helps the eye; it is a fixed function of the name.
    shade = sum(map(ord, name)) % 8
    return (
        f'<span class="person"><span class="avatar a{shade}" aria-hidden="true">'
        f"{attribute(initials(name))}</span>{attribute(name)}</span>"
    )
