"""Every expression of a catalog against the names and types it sees."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.model.catalog import Catalog
from trellis.problems import Problem


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every expression."""
    yield from ()
