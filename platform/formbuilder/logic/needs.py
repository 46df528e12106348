"""Which values a form's script needs beside what stands in the inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trellis.expressions.free_paths import Path

Paths = frozenset[Path]


@dataclass(frozen=True)
class Behind:
    """A reference whose record is looked into: by an object's field, along some paths."""

    object: str
    field: str
    paths: Paths


@dataclass(frozen=True)
class Needs:
    """What the expressions of a form read.

    `stored` are fields of the record with the paths behind them, `behind` the references that have
    an input, by the name of the input (`payer`, `lines.item`); `user` is None when nothing asks
    who works.
    """

    object: str
    stored: Mapping[str, Paths] = field(default_factory=dict)
    behind: Mapping[str, Behind] = field(default_factory=dict)
    user: Paths | None = None
    settings: Paths = frozenset()


def grouped(paths: Iterable[Path]) -> dict[str, Paths]:
    """Return paths by their first step, each with what follows it."""
    found: dict[str, set[Path]] = {}
    for path in paths:
        if path:
            found.setdefault(path[0], set()).add(path[1:])
    return {name: frozenset(rest) for name, rest in found.items()}
