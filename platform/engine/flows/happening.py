"""What happens to running flows by itself: timers, messages, signals, conditions, called flows.

Each public method is one step in the caller's transaction. An event for something that has gone
on meanwhile does nothing; an instance that needs a person is asked again later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from trellis.engine.flows import decide
from trellis.engine.flows.decide.cases import with_phase
from trellis.engine.flows.decide.events import event_frame
from trellis.engine.flows.decide.scopes import Tools, grown, multi_of
from trellis.engine.flows.state import (
    Case,
    FlowError,
    InstanceState,
    Phase,
    Thrown,
    Token,
)
from trellis.engine.flows.stepping import Stage, StageFacts, withdraw
from trellis.engine.flows.steps import SYSTEM_PERSON, FlowSteps, Received
from trellis.engine.flows.subscriptions import Subscription
from trellis.metadata.model.flows import Node, NodeKind

#: How long an event waits before it looks again at an instance that needs a person.
WAIT_IN_INCIDENT = timedelta(minutes=5)
#: States in which an instance takes no events: they come again later.
PAUSED = frozenset({InstanceState.INCIDENT, InstanceState.SUSPENDED})
#: Kinds of event that a service brings: its results, or its error.
SERVED, FAILED = "done", "failed"
DELIVER_JOB = "flow.deliver"


@dataclass(frozen=True)
class Happened:
    """An event at an instance: who waits for it (`owner`), where, and what it brings."""

    instance: str
    owner: str
    node: str
    kind: str
    catch: int | None = None
    payload: Mapping[str, Any] | None = None

    def as_job(self) -> dict[str, Any]:
        """Return the event as the payload of a job."""
        return {"instance": self.instance, "token": self.owner, "node": self.node,
                "kind": self.kind, "catch": self.catch, "payload": self.payload}  # fmt: skip

    @classmethod
    def of_job(cls, payload: Mapping[str, Any], kind: str) -> Happened:
        """Return the event that a job's payload says."""
        catch, brought = payload.get("catch"), payload.get("payload")
        return cls(str(payload["instance"]), str(payload["token"]), str(payload["node"]),
                   str(payload.get("kind") or kind), None if catch is None else int(catch),
                   brought if isinstance(brought, Mapping) else None)  # fmt: skip


@dataclass(frozen=True)
class FlowEvents(FlowSteps):
    """Lets events reach the instances that wait for them."""

    #: What of this kind of event comes later instead, by the kind of its job.
    later: Mapping[str, str] = field(default_factory=lambda: {"timer": "flow.timer"})

    def happen(self, event: Happened) -> bool:
        """Let an event reach who waits for it; tell whether anybody still did."""
        case = self.store.lock(event.instance)
        if case.state in PAUSED:
            self._again(event)
            return True
        if case.state is not InstanceState.RUNNING:
            return False
        return self._reach(self.stage(case, SYSTEM_PERSON), case, event)

    def matches(self, case: Case, subscription: Subscription, payload: Mapping[str, Any]) -> bool:
        """Tell whether a message is the one that a subscription of the instance means."""
        stage = self.stage(case, SYSTEM_PERSON)
        node = stage.plan.graph.nodes[subscription.node]
        if subscription.catch is None:
            text: object = node.settings.get("match")
        else:
            text = node.catches[subscription.catch].match
        if text is None:
            return True
        frame = _frame_of(case, subscription.owner)
        return stage.plan.value(text, stage.inside(frame).context(case, msg=payload)) is True

    def conditions(self, instance_id: str, waiting: tuple[Subscription, ...]) -> list[str]:
        """Ask every condition that an instance waits for; return the subscriptions that held."""
        met: list[str] = []
        for one in waiting:
            case = self.store.lock(instance_id)
            if case.state is not InstanceState.RUNNING:
                return met
            stage = self.stage(case, SYSTEM_PERSON)
            node = stage.plan.graph.nodes[one.node]
            token = next((t for t in case.tokens if t.id == one.owner), None)
            if token is not None and one.catch is None and multi_of(node):
                tools = Tools(stage.plan.graph, self.now, self.ids, StageFacts(stage))
                more = grown(tools, case, token)
                if more != case:
                    self.run(stage, case, more)
                continue
            text = node.settings.get("conditional") if one.catch is None else (
                node.catches[one.catch].value)  # fmt: skip
            context = stage.inside(_frame_of(case, one.owner)).context(case)
            if stage.plan.value(text, context) is True:
                event = Happened(instance_id, one.owner, one.node, "conditional", one.catch)
                self._reach(stage, case, event)
                met.append(one.id)
        return met

    def returned(self, instance_id: str, token_id: str, called: Case) -> bool:
        """Tell a token that the flow which it called is over; False when it must be asked later."""
        case = self.store.lock(instance_id)
        if case.state in PAUSED:
            return False
        token = _waiting(case, token_id)
        if token is None or case.state is not InstanceState.RUNNING:
            return True
        stage = self.stage(case, SYSTEM_PERSON).inside(token.frame)
        if called.state in (InstanceState.FAILED, InstanceState.CANCELLED):
            self.fail(stage, case, token, _error_of(called))
            return True
        outcome = "done" if called.state is InstanceState.DONE else str(called.state)
        results = {**called.vars, "outcome": outcome}
        answered = decide.answered(case, token.id, outcome)
        self.run(stage, case, answered, Received(stage.node(token), token.frame, results))
        return True

    def fail(self, stage: Stage, case: Case, token: Token, error: Thrown) -> Case:
        """Let an error reach whoever catches it; without one the instance needs a person."""
        graph = stage.plan.graph
        caught = decide.thrown(graph, case, token.id, error, self.now, self.ids)
        if caught is not None:
            return self.run(stage, case, caught)
        # Run on after its incident, the node does its work anew.
        withdraw(stage, case, (), [token.id])
        again = with_phase(case, token.id, Phase.WORK)
        return self.stop(stage, case, again, FlowError(token.node, error.message))

    def _reach(self, stage: Stage, case: Case, event: Happened) -> bool:
        graph = stage.plan.graph
        node = graph.nodes[event.node]
        token = _waiting(case, event.owner)
        brought = dict(event.payload) if event.payload is not None else None
        if token is None:
            return self._begin_event(stage, case, event, node, brought)
        if event.kind == FAILED and brought is not None:
            error = Thrown("error", str(brought["code"]), str(brought["message"]))
            self.fail(stage, case, token, error)
            return True
        if event.kind == SERVED and brought is not None:
            answered = decide.answered(case, token.id, event.kind)
            self.run(stage, case, answered, Received(node, token.frame, brought))
            return True
        if brought is not None:
            case_in = decide.with_vars(case, {"msg": brought}, token.frame)
        else:
            case_in = case
        if event.catch is not None:
            if token.node != event.node:
                return False
            if node.catches[event.catch].keep:
                moved = decide.forked(graph, case_in, token.id, event.catch, self.now, self.ids)
            else:
                moved = decide.diverted(graph, case_in, token.id, event.catch, self.now)
            self.run(stage, case, moved)
            return True
        if token.node == event.node:
            moved = decide.answered(case_in, token.id, event.kind)
        elif event.node in graph.nodes[token.node].next:
            moved = decide.chosen(case_in, token.id, event.node, self.now)
        else:
            return False
        self.run(stage, case, moved, Received(node, token.frame, {"msg": brought}))
        return True

    def _begin_event(
        self, stage: Stage, case: Case, event: Happened, start: Node,
        brought: Mapping[str, Any] | None,
    ) -> bool:  # fmt: skip
        """Begin an event sub-flow of the instance or of a frame that is still there."""
        frames = {frame.id for frame in case.frames}
        if start.kind is not NodeKind.START or event.owner not in (*frames, case.id):
            return False
        parent = None if event.owner == case.id else event.owner
        sub = stage.plan.graph.scope_of.get(start.id)
        names = {} if brought is None else {"msg": brought}
        place = event_frame(str(sub), parent, self.ids, names)
        begun = decide.begin_event(case, start, place, self.now, self.ids)
        self.run(stage, case, begun, Received(start, place.id, names))
        return True

    def _again(self, event: Happened) -> None:
        kind = self.later.get(event.kind, DELIVER_JOB)
        self.store.jobs.leave(kind, event.as_job(), after=WAIT_IN_INCIDENT,
                              key=f"{event.owner}:{event.node}:{event.catch}:again")  # fmt: skip


def _waiting(case: Case, token_id: str) -> Token | None:
    return next((t for t in case.tokens if t.id == token_id and t.phase is Phase.WAIT), None)


def _frame_of(case: Case, owner: str) -> str | None:
    """Return the scope in which an owner (a token, a frame, the instance) stands."""
    for token in case.tokens:
        if token.id == owner:
            return token.frame
    return owner if any(frame.id == owner for frame in case.frames) else None


def _error_of(called: Case) -> Thrown:
    if called.state is InstanceState.CANCELLED:
        return Thrown("error", "CANCELLED", f"the called flow `{called.flow}` was cancelled")
    told = called.vars.get("error")
    found = told if isinstance(told, Mapping) else {}
    return Thrown("error", str(found.get("code", "FAILED")), str(found.get("message", "")))
