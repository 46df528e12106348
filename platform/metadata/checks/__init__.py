"""What a schema cannot say: names, references and reachability across the whole catalog.

Read `naming` (reserved words), `objects`, `access`, `pages`, `rules`, `flows`; expressions are
checked in `typing` once all names hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.checks import access, expressions, flows, naming, objects, pages, rules
from trellis.metadata.model.catalog import Catalog
from trellis.problems import Problem


def catalog_problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield every problem of names; only when there is none, those of expressions."""
    found = list(_name_problems(catalog))
    yield from found
    if not found:
        yield from expressions.problems(catalog)


def _name_problems(catalog: Catalog) -> Iterator[Problem]:
    for check in (naming, objects, access, pages, rules, flows):
        yield from check.problems(catalog)
