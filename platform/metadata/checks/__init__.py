"""What a schema cannot say: names, references and reachability across the whole catalog.

Read `naming` (reserved words), `objects` and `fields`, `access`, `pages`, `rules`, `flows` and
`flow_events`, `flow_scopes`, `flow_ways`, `approvals`, `people`, `effects`, `calendars`, `clocks`,
`sla`, `reports`, `apps`; `expressions` are checked once all names hold, `computed` and `stored`
once those do.
"""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.checks import (
    access,
    approvals,
    apps,
    calendars,
    clocks,
    computed,
    effects,
    expressions,
    fields,
    flow_events,
    flow_scopes,
    flow_ways,
    flows,
    naming,
    objects,
    pages,
    people,
    reports,
    rules,
    sla,
    stored,
)
from trellis.metadata.model.catalog import Catalog
from trellis.problems import Problem

_NAMES = (apps, naming, objects, fields, access, pages, rules, flows, flow_events, flow_scopes,
          flow_ways, approvals, people, effects, calendars, clocks, sla, reports)  # fmt: skip


def catalog_problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield every problem up to the first stage with a mistake: names, expressions, their needs."""
    for stage in (_name_problems, _expression_problems, computed.problems, stored.problems):
        found = list(stage(catalog))
        yield from found
        if any(problem.severity == "error" for problem in found):
            return


def _name_problems(catalog: Catalog) -> Iterator[Problem]:
    for check in _NAMES:
        yield from check.problems(catalog)


def _expression_problems(catalog: Catalog) -> Iterator[Problem]:
    yield from expressions.problems(catalog)
    yield from people.type_problems(catalog)
    yield from reports.value_problems(catalog)
