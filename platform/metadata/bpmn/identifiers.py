"""Ids that are unique in a file, made from what they stand for."""

from __future__ import annotations

import re

from trellis.metadata.bpmn.texts import NCNAME

_OTHER = re.compile(r"[^A-Za-z0-9_.-]")


class Identifiers:
    """Gives out ids: the wanted one where it may be an id and is free, else one like it."""

    def __init__(self, *, folded: bool = False) -> None:
        self._given: set[str] = set()
        self._folded = folded
        self._next: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        """Return a new id."""
        made = wanted if NCNAME.fullmatch(wanted) else _cleaned(wanted)
        number = self._next.get(made, 1)
        found = made if number == 1 else f"{made}_{number}"
        while self._alike(found) in self._given:
            number += 1
            found = f"{made}_{number}"
        self._next[made] = number
        self._given.add(self._alike(found))
        return found

    def _alike(self, name: str) -> str:
        return name.casefold() if self._folded else name


def _cleaned(wanted: str) -> str:
    cleaned = _OTHER.sub("_", wanted)
    return cleaned if cleaned[:1].isalpha() else f"_{cleaned}"
