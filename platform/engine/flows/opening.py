"""Scopes opened and closed for a token: subs, the items of a multi, what they collected."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.engine.events.entries import EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.decide.scopes import multi_of, results
from trellis.engine.flows.keeping import write
from trellis.engine.flows.listening import arm_catches
from trellis.engine.flows.state import Case, Command, Token
from trellis.engine.flows.stepping import Stage, StageFacts, entry
from trellis.engine.flows.subscriptions import Subscription


def open_scope(stage: Stage, case: Case, token: Token) -> Case:
    """Find the items of a multi, or begin the nodes inside a sub; the token waits for their end."""
    node = stage.node(token)
    multi = multi_of(node)
    items = list(StageFacts(stage).items(node, case, token)) if multi else []
    stage.world.log(entry(stage, case, EventKind.ENTER, node.id))
    arm_catches(stage, case, token)
    if not multi:
        return decide.opened(stage.plan.graph, case, token, stage.now, stage.ids)
    if multi.get("grow") is True and case.record_id is not None:
        grows = Subscription(stage.ids.new(), case.id, token.id, node.id, "conditional",
                             case.object or "", None, "", case.record_id)  # fmt: skip
        stage.store.subscribe([grows])
    return decide.opened_items(stage.plan.graph, case, token, items, stage.now, stage.ids)


def collect(stage: Stage, case: Case, token: Token) -> Case:
    """Write what the items of a multi had as results, in the order of the items."""
    target = multi_of(stage.node(token)).get("collect")
    found = results(case, token)
    done = decide.performed(case, token, Command.COLLECT)
    if isinstance(target, Mapping):
        return write(stage, done, {key: [one[key] for one in found] for key in target})
    return write(stage, done, {str(target): found})
