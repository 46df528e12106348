"""The HTTP API (api.md): records, their transitions and trail, expressions, packages, OpenAPI.

Read `reading` (what callers send), `answers`, `idempotency`, then `records`, `bulk`, `trail`,
`files`, `tables` (import and export), `tasks`, `flows`, `flow_files` (BPMN), `events`,
`people` (tokens, roles), `substitutes` (delegations, hand-overs),
`expressions`, `packages`, and `openapi` with `docs`.
"""

from trellis.web.api import (
    bulk,
    docs,
    events,
    expressions,
    files,
    flow_files,
    flows,
    packages,
    people,
    records,
    substitutes,
    tables,
    tasks,
    trail,
)
from trellis.web.api.blueprint import api

__all__ = [
    "api",
    "bulk",
    "docs",
    "events",
    "expressions",
    "files",
    "flow_files",
    "flows",
    "packages",
    "people",
    "records",
    "substitutes",
    "tables",
    "tasks",
    "trail",
]
