"""What a token sends elsewhere: a flow that it calls, a message or signal that it throws."""

from __future__ import annotations

from typing import Any

from trellis.engine.events.entries import EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.keeping import keep
from trellis.engine.flows.listening import arm_catches
from trellis.engine.flows.ports import Called
from trellis.engine.flows.state import Case, Command, Token
from trellis.engine.flows.stepping import Stage, entry
from trellis.engine.flows.values import kept
from trellis.metadata.model.texts import ExpressionText

MESSAGE_JOB = "flow.message"
SIGNAL_JOB = "flow.signal"


def call(stage: Stage, case: Case, token: Token) -> Case:
    """Start the called flow; the token waits until the job tells that it is over."""
    node = stage.node(token)
    context = stage.context(case)
    record = node.settings.get("record")
    if isinstance(record, ExpressionText):
        found = stage.plan.value(record, context)
        record_id = getattr(found, "id", found)
    else:
        record_id = case.record_id
    pin = node.settings.get("pin", "deployment")
    called = Called(token.id, str(node.action), pin if isinstance(pin, int) else str(pin),
                    record_id if isinstance(record_id, str) else None,
                    stage.plan.values(node.inputs, context))  # fmt: skip
    stage.world.call(case, called)
    stage.world.log(entry(stage, case, EventKind.ENTER, node.id))
    arm_catches(stage, case, token)
    return decide.waiting(case, token)


def returned(stage: Stage, case: Case, token: Token, results: dict[str, Any]) -> Case:
    """Return the case after the called flow came to its end: its variables are the results."""
    return keep(stage, case, stage.node(token).outputs, results)


def throw(stage: Stage, case: Case, token: Token) -> Case:
    """Leave a message or signal to a job, which tells it to others once this step is saved."""
    node = stage.node(token)
    context = stage.context(case)
    payload = kept(stage.plan.values(node.inputs, context))
    if node.trigger == "signal":
        sent = {"name": str(node.settings.get("signal")), "payload": payload}
        stage.store.jobs.leave(SIGNAL_JOB, sent)
    else:
        dedupe = node.settings.get("dedupe")
        known = stage.plan.value(dedupe, context) if dedupe is not None else None
        sent = {"name": str(node.settings.get("message")), "payload": payload,
                "dedupe": None if known is None else str(known),
                "ttl": node.settings.get("ttl")}  # fmt: skip
        stage.store.jobs.leave(MESSAGE_JOB, sent)
    return decide.performed(case, token, Command.THROW)
