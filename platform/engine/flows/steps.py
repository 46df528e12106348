"""One step of an instance: decide, perform, decide again, save once; mistakes become incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from trellis.engine.errors import ConflictError, EngineError, LoopError
from trellis.engine.flows import decide
from trellis.engine.flows.keeping import keep
from trellis.engine.flows.perform import perform
from trellis.engine.flows.plan import FlowPlan
from trellis.engine.flows.ports import FlowStore, World
from trellis.engine.flows.state import (
    BusinessError,
    Case,
    Command,
    EndError,
    FlowError,
    InstanceState,
    Request,
    Thrown,
)
from trellis.engine.flows.stepping import Stage, end_now, next_step
from trellis.expressions import ExpressionLimitError
from trellis.ids import IdSource
from trellis.metadata.model.flows import Node

#: The job that tells a caller that the flow which it called is over.
RETURN_JOB = "flow.returned"
#: The job that asks again whether what an instance waits for holds.
CONDITIONS_JOB = "flow.conditions"
#: Commands whose refusal a flow may catch as an error.
_CATCHABLE = frozenset({Command.ACTION, Command.CALL, Command.THROW, Command.COLLECT})
ALIVE = frozenset({InstanceState.RUNNING, InstanceState.INCIDENT, InstanceState.SUSPENDED})


class Plans(Protocol):
    """The published flows, by the catalog version an instance started with."""

    def current(self, flow: str) -> FlowPlan:
        """Return the newest version of a flow."""
        ...

    def at(self, flow: str, version: int) -> FlowPlan:
        """Return the version that a running instance keeps."""
        ...


@dataclass(frozen=True)
class Person:
    """Who acts: user id and roles, or the platform (`system`)."""

    id: str
    roles: frozenset[str] = frozenset()


SYSTEM_PERSON = Person("system")


@dataclass(frozen=True)
class Received:
    """What came with an event: where it arrived, in which scope, and what it brought."""

    node: Node
    frame: str | None
    names: Mapping[str, Any]


@dataclass(frozen=True)
class FlowSteps:
    """Runs steps of instances in one transaction."""

    plans: Plans
    store: FlowStore
    world: World
    ids: IdSource
    now: datetime

    def stage(self, case: Case, person: Person) -> Stage:
        """Return what a step of an instance works with."""
        return self.stage_of(self.plans.at(case.flow, case.version), person)

    def stage_of(self, plan: FlowPlan, person: Person) -> Stage:
        """Return what a step of a plan's instance works with."""
        role = min(person.roles, default=None)
        return Stage(plan, self.store, self.world, self.ids, self.now, person.id, role)

    def run(self, stage: Stage, before: Case, case: Case, received: Received | None = None) -> Case:
        """Step until every token waits; a flow that cannot go on stops as an incident.

        What the failing node did is undone; the nodes before it are done and stay so.
        """
        try:
            if received is not None:
                with self.store.attempt():
                    case = self._take(stage, case, received)
            step = next_step(stage, case)
            # A guard on the way from a person's answer is theirs to mend, not an incident.
            listening = True
            while step.request is not None:
                case = self._tried(stage, step.case, step.request, listening=listening)
                listening = listening and step.request.command is Command.TRANSITION
                step = next_step(stage, case)
            case = step.case
        except EndError as error:
            case = self._failed(stage, case, error)
        except FlowError as error:
            case = self._stopped(case, error)
        return self.save(stage, before, case)

    def _take(self, stage: Stage, case: Case, received: Received) -> Case:
        inside = stage.inside(received.frame)
        return keep(inside, case, received.node.outputs, received.names)

    def _tried(self, stage: Stage, case: Case, request: Request, *, listening: bool) -> Case:
        """Do what a node asks; an error that something catches goes there."""
        try:
            with self.store.attempt():
                return self._perform(stage, case, request, listening=listening)
        except BusinessError as error:
            thrown = Thrown("error", error.code, error.message)
            graph = stage.plan.graph
            caught = decide.thrown(graph, case, request.token.id, thrown, self.now, self.ids)
            if caught is None:
                raise
            return caught

    def _perform(self, stage: Stage, case: Case, request: Request, *, listening: bool) -> Case:
        try:
            return perform(stage, case, request)
        except LoopError:
            raise
        except BusinessError as error:
            raise BusinessError(request.token.node, error.message, error.code) from error
        except FlowError as error:
            raise FlowError(request.token.node, error.message) from error
        except ExpressionLimitError as error:
            raise FlowError(request.token.node, str(error)) from error
        except EngineError as error:
            if listening and request.command is Command.TRANSITION and stage.actor != "system":
                raise
            if request.command in _CATCHABLE:
                raise BusinessError(request.token.node, error.message, error.code) from error
            raise FlowError(request.token.node, str(error)) from error

    def stop(self, stage: Stage, before: Case, case: Case, error: FlowError) -> Case:
        """Let an instance need a person, and save it."""
        return self.save(stage, before, self._stopped(case, error))

    def _stopped(self, case: Case, error: FlowError) -> Case:
        case = replace(case, state=InstanceState.INCIDENT, incident=str(error))
        self.store.jobs.report(case)
        return case

    def _failed(self, stage: Stage, case: Case, error: EndError) -> Case:
        """End a called flow with its error; without a caller somebody must see it."""
        if case.parent is None:
            return self._stopped(case, error)
        told = {"error": {"code": error.code, "message": error.message, "node": error.node}}
        return end_now(stage, decide.with_vars(case, told), InstanceState.FAILED)

    def save(self, stage: Stage, before: Case, after: Case) -> Case:
        """Write a step; a caller, and what waits for a condition, is told by a job."""
        saved = replace(after, rev=before.rev + 1, passed={}, cancelled=(), closed=())
        self.store.save(before, saved)
        if saved.parent is not None and saved.state not in ALIVE and before.state in ALIVE:
            over = {"instance": saved.parent, "token": saved.parent_token, "called": saved.id}
            self.store.jobs.leave(RETURN_JOB, over)
        if stage.plan.graph.conditions and before.vars != saved.vars and saved.state in ALIVE:
            again = {"instance": saved.id}
            self.store.jobs.leave(CONDITIONS_JOB, again, key=f"{saved.id}:conditions:vars")
        return saved

    def check_running(self, case: Case) -> None:
        """Raise when an instance is over or needs a person."""
        if case.state is not InstanceState.RUNNING:
            raise ConflictError("INSTANCE_NOT_RUNNING", f"the instance is {case.state}")
