"""What a node that waits listens to: timers as jobs, messages, signals, conditions as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trellis.engine.flows import decide
from trellis.engine.flows.decide.scopes import is_item
from trellis.engine.flows.matching import key_of
from trellis.engine.flows.state import Case, FlowError, Token
from trellis.engine.flows.stepping import Stage
from trellis.engine.flows.subscriptions import Subscription
from trellis.engine.flows.waiting import moment_of, set_due, timer_key
from trellis.metadata.model.flows import Node
from trellis.metadata.model.texts import ExpressionText

#: The job that looks for a message which came before anybody waited.
EARLY_JOB = "flow.early"


@dataclass(frozen=True)
class Heard:
    """An event that somebody listens to: its kind, its name, time or condition, and a match."""

    kind: str
    value: object
    match: ExpressionText | None = None


def heard_by(node: Node) -> Heard:
    """Return what a start, wait or receive listens to."""
    kind = node.trigger or "message"
    match = node.settings.get("match")
    return Heard(
        kind, node.settings.get(kind), match if isinstance(match, ExpressionText) else None
    )


def set_timers(
    stage: Stage, case: Case, token: Token, node: Node, due: datetime | None = None
) -> None:
    """Listen for the boundary events of a node that waits, and remind when it is due."""
    set_due(stage, case, token, node, due)
    arm_catches(stage, case, token)


def arm_catches(stage: Stage, case: Case, token: Token) -> None:
    """Listen for the boundary events of a node whose token waits; one item has none of its own."""
    node = stage.node(token)
    if not node.catches or is_item(case, token):
        return
    for position, catch in enumerate(node.catches):
        if catch.kind in ("timer", "message", "signal", "conditional"):
            heard = Heard(catch.kind, catch.value, catch.match)
            arm(stage, case, token.id, node, heard, position)


def arm(
    stage: Stage, case: Case, owner: str, node: Node, heard: Heard, catch: int | None = None
) -> None:
    """Let `owner` (a token, a frame or the instance) be told of an event at a node."""
    if heard.kind == "timer":
        _set_timer(stage, case, owner, node, heard, catch)
        return
    name, path, key = _address(stage, case, heard)
    made = Subscription(
        stage.ids.new(), case.id, owner, node.id, heard.kind, name, catch, path, key
    )
    stage.store.subscribe([made])
    if heard.kind == "message":
        early = {"instance": case.id, "subscription": made.id}
        if stage.store.has_waiting_message(name):
            stage.store.jobs.leave(EARLY_JOB, early, key=f"{owner}:early:{made.id}")
    if heard.kind == "conditional":
        # It may hold already: asked once more after this step has been saved.
        place = {"instance": case.id}
        stage.store.jobs.leave("flow.conditions", place, key=f"{owner}:conditions:{made.id}")


def listen(stage: Stage, case: Case, token: Token) -> Case:
    """Let the event sub-flows of the scope that begins here hear what happens."""
    graph = stage.plan.graph
    for sub in graph.event_subs.get(graph.scope_of.get(token.node), ()):
        for start in graph.starts(sub.id):
            if start.trigger in ("timer", "message", "signal", "conditional"):
                arm(stage, case, token.frame or case.id, start, heard_by(start))
    return decide.left(case, token)


def _set_timer(
    stage: Stage, case: Case, owner: str, node: Node, heard: Heard, catch: int | None
) -> None:
    due = moment_of(stage, case, node, heard.value)
    if due is None and catch is None:
        raise FlowError(node.id, "the timer has no moment")
    if due is not None:
        place = {"instance": case.id, "token": owner, "node": node.id, "catch": catch}
        stage.store.jobs.schedule(timer_key(owner, node.id, catch), due, place)


def _address(stage: Stage, case: Case, heard: Heard) -> tuple[str, str, str | None]:
    """Return the name, path and key by which an event finds its listener."""
    if heard.kind == "conditional":
        return case.object or "", "", case.record_id or case.id
    name = str(heard.value)
    if heard.kind == "signal":
        return name, "", None
    if heard.match is None:
        return name, "", key_of(case.record_id or case.id)
    match = stage.plan.matches[heard.match]
    if match.value is None:
        return name, "*", None
    # A key of null waits for nothing: `msg.x = null` is no way to say which message is meant.
    return name, match.path, key_of(match.value(stage.context(case))) or "null:"
