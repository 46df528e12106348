"""Where a value of a definition stands, for problems found after it was built."""

from __future__ import annotations

from typing import Protocol

from trellis.metadata.source import Place
from trellis.problems import Location


class Definition(Protocol):
    """A definition that knows where it was written; some are made by the platform itself."""

    @property
    def location(self) -> Location:
        """Return where its key stands."""
        ...

    @property
    def place(self) -> Place | None:
        """Return where its value stands."""
        ...


def at(definition: Definition, *keys: str | int) -> Location:
    """Return where a value of the definition stands; of an absent one, the definition's key."""
    if definition.place is None:
        return definition.location
    found = definition.place.at(*keys)
    return definition.location if found == definition.place.at() else found


def at_key(definition: Definition, *keys: str | int) -> Location:
    """Return where a key of the definition stands."""
    return definition.location if definition.place is None else definition.place.at_key(*keys)


def item_at(definition: Definition, key: str, name: str) -> Location:
    """Return where `name` stands in a list of texts, or as the single text."""
    written = definition.place.value if definition.place is not None else None
    listed = written.get(key) if isinstance(written, dict) else None
    if isinstance(listed, list) and name in listed:
        return at(definition, key, listed.index(name))
    return at(definition, key)
