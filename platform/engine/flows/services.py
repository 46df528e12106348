"""Services that leave the database: left to a job by a token that waits for the answer."""

from __future__ import annotations

from trellis.engine.events.entries import EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.listening import arm_catches
from trellis.engine.flows.state import Case, Token
from trellis.engine.flows.stepping import Stage, entry
from trellis.engine.flows.values import kept
from trellis.metadata.model.cycles import Retry, retry_of

SERVICE_JOB = "flow.service"
#: Actions that leave the database.
OUTSIDE = frozenset({"http.call"})


def ask_outside(stage: Stage, case: Case, token: Token) -> Case:
    """Leave a service to a job; every attempt has the same arguments and the same key."""
    node = stage.node(token)
    context = stage.context(case)
    retry = retry_of(node.settings.get("retry")) or Retry()
    key = stage.plan.value(node.settings.get("idempotency"), context)
    payload = {
        "instance": case.id, "token": token.id, "node": node.id, "action": node.action,
        "arguments": kept(stage.plan.values(node.inputs, context)),
        "key": str(key) if key is not None else f"{token.id}-{case.rounds.get(node.id, 1)}",
        "retry": {"first": retry.first.total_seconds(), "factor": retry.factor,
                  "longest": retry.longest.total_seconds()},
    }  # fmt: skip
    stage.store.jobs.leave(SERVICE_JOB, payload, key=f"{token.id}:{node.id}:service",
                           times=retry.times)  # fmt: skip
    stage.world.log(entry(stage, case, EventKind.ENTER, node.id))
    arm_catches(stage, case, token)
    return decide.waiting(case, token)
