"""Where tokens go: pure functions from (flow, state, facts, now) to the next step.

Read `graph` (a flow's nodes and edges), `cases` (small changes of an instance), `scopes` (frames:
subs, items, event sub-flows), `joins`, `events` (errors, escalations, boundaries), `undo`, and
`advance`, which moves tokens until one of them needs the world (a `Request`) or all wait. The
runner performs the request, calls `performed` (the token goes on) or `waiting` (it waits), and
calls `advance` again. Nothing here reads a database or a clock.
"""

from trellis.engine.flows.decide.advance import Facts, advance, begin, ways_on
from trellis.engine.flows.decide.cases import (
    answered,
    chosen,
    dropped,
    finished,
    left,
    performed,
    token_of,
    waiting,
    with_vars,
)
from trellis.engine.flows.decide.events import (
    begin_event,
    diverted,
    forked,
    thrown,
)
from trellis.engine.flows.decide.graph import Graph, boundary, targets
from trellis.engine.flows.decide.scopes import opened, opened_items
from trellis.engine.flows.decide.undo import undone_first

__all__ = [
    "Facts",
    "Graph",
    "advance",
    "answered",
    "begin",
    "begin_event",
    "boundary",
    "chosen",
    "diverted",
    "dropped",
    "finished",
    "forked",
    "left",
    "opened",
    "opened_items",
    "performed",
    "targets",
    "thrown",
    "token_of",
    "undone_first",
    "waiting",
    "ways_on",
    "with_vars",
]
