"""Running flows: each public method is one step in the caller's transaction.

Order of a step: lock the instance, check, decide, perform, save. What cannot go on because of
its definition or data becomes an incident; a person's answer that is refused changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from trellis.engine.approvals.work import OPEN, Answer, Task
from trellis.engine.errors import ConflictError, EngineError, LoopError
from trellis.engine.events.entries import EventKind
from trellis.engine.flows import answers, decide
from trellis.engine.flows.approving import acting
from trellis.engine.flows.approving.returning import resume
from trellis.engine.flows.people import people_at_start
from trellis.engine.flows.perform import perform
from trellis.engine.flows.plan import FlowPlan
from trellis.engine.flows.ports import FlowStore, World
from trellis.engine.flows.state import Case, FlowError, InstanceState, Phase, Request
from trellis.engine.flows.stepping import Stage, end_now, entry, next_step, withdraw
from trellis.engine.flows.waiting import timer_key
from trellis.expressions import ExpressionLimitError
from trellis.ids import IdSource


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
#: How long a timer waits before it looks again at an instance that needs a person.
WAIT_IN_INCIDENT = timedelta(minutes=5)


@dataclass(frozen=True)
class FlowRunner:
    """Runs flows of one transaction."""

    plans: Plans
    store: FlowStore
    world: World
    ids: IdSource
    now: datetime

    def start(
        self,
        flow: str,
        person: Person,
        *,
        object_key: str | None = None,
        record_id: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> Case:
        """Start an instance and run it to its first wait; return it as saved."""
        plan = self.plans.current(flow)
        stage = self._stage(plan, person)
        case = Case(
            id=self.ids.new(),
            flow=flow,
            version=plan.version,
            object=object_key,
            record_id=record_id,
            starter=None if person is SYSTEM_PERSON else person.id,
            state=InstanceState.RUNNING,
            vars=dict(variables or {}),
            started_at=self.now,
        )
        # The row comes first: tasks refer to it.
        self.store.save(None, case)
        case = decide.with_vars(case, people_at_start(stage, case))
        begun = decide.begin(plan.graph, case, plan.start_node().id, self.now, self.ids)
        return self._run(stage, case, begun)

    def act(self, task_id: str, person: Person, answer: Answer) -> Case:
        """Complete a task or decide a seat. The same request again gets the first result."""
        task = self.store.task(task_id)
        case = self.store.lock(task.instance_id)
        task = self.store.task(task_id)
        stage = self._stage(self.plans.at(case.flow, case.version), person)
        stage = replace(stage, role=task.role_of(person.roles))
        if acting.answered_before(stage, case, task, answer):
            return case
        acting.check(stage, task, person.roles, answer)
        if answer.action not in acting.ALWAYS:
            self._check_running(case)
        done = acting.act(stage, case, task, answer)
        return self._run(stage, case, resume(stage, done, task.token_id))

    def claim(self, task_id: str, person: Person, answer: Answer) -> Task:
        """Make the person the holder of pooled work."""
        stage, case, task = self._work(task_id, person)
        answers.check_may_act(task, person.id, person.roles, answer)
        return answers.claim(stage, case, task)

    def give_back(self, task_id: str, person: Person, answer: Answer) -> Task:
        """Return claimed work to its pool."""
        stage, case, task = self._work(task_id, person)
        answers.check_may_act(task, person.id, person.roles, answer)
        return answers.give_back(stage, case, task)

    def timer(self, instance_id: str, token_id: str, node: str, catch: int | None) -> None:
        """Let a timer fire; a token that has gone on meanwhile makes it a no-op.

        An instance that needs a person is asked again later: its timers are not lost.
        """
        case = self.store.lock(instance_id)
        token = next((t for t in case.tokens if t.id == token_id and t.node == node), None)
        if token is None or token.phase is not Phase.WAIT:
            return
        if case.state in (InstanceState.INCIDENT, InstanceState.SUSPENDED):
            payload = {"instance": instance_id, "token": token_id, "node": node, "catch": catch}
            key = timer_key(token_id, node, catch)
            self.store.jobs.schedule(key, self.now + WAIT_IN_INCIDENT, payload)
            return
        stage = self._stage(self.plans.at(case.flow, case.version), SYSTEM_PERSON)
        if catch is None:
            self._run(stage, case, decide.answered(case, token_id, "timer"))
            return
        boundary = stage.node(token).catches[catch]
        if boundary.keep:
            forked = decide.forked(case, token_id, boundary.to, self.now, self.ids)
            self._run(stage, case, forked)
            return
        withdraw(stage, case, (token,))
        self._run(stage, case, decide.diverted(case, token_id, boundary.to, self.now))

    def overdue(self, instance_id: str, token_id: str, node: str) -> None:
        """Tell who holds work, or may claim it, that it should be done by now."""
        case = self.store.lock(instance_id)
        stage = self._stage(self.plans.at(case.flow, case.version), SYSTEM_PERSON)
        late = [task for task in self.store.tasks_of(case.id, [token_id])
                if task.state == OPEN and task.node == node]  # fmt: skip
        if late:
            self.world.log(entry(stage, case, EventKind.DUE, node, late[0].opened_at))
            label = stage.plan.graph.nodes[node].label
            self.world.notify_work(late, label, overdue=True)

    def cancel(self, instance_id: str, person: Person) -> Case:
        """End a running instance and withdraw all its work."""
        case = self.store.lock(instance_id)
        if case.state is not InstanceState.INCIDENT:
            self._check_running(case)
        stage = self._stage(self.plans.at(case.flow, case.version), person)
        self.store.jobs.resolve(case.id)
        ended = replace(end_now(stage, case, InstanceState.CANCELLED), incident=None)
        return self._save(case, ended)

    def retry(self, instance_id: str, person: Person) -> Case:
        """Run an instance on after an incident."""
        case = self.store.lock(instance_id)
        if case.state is not InstanceState.INCIDENT:
            raise ConflictError("NO_INCIDENT", "the instance has no incident")
        self.store.jobs.resolve(case.id)
        stage = self._stage(self.plans.at(case.flow, case.version), person)
        running = replace(case, state=InstanceState.RUNNING, incident=None)
        return self._run(stage, case, running)

    def _work(self, task_id: str, person: Person) -> tuple[Stage, Case, Task]:
        task = self.store.task(task_id)
        case = self.store.lock(task.instance_id)
        stage = self._stage(self.plans.at(case.flow, case.version), person)
        return stage, case, self.store.task(task_id)

    def _run(self, stage: Stage, before: Case, case: Case) -> Case:
        """Step until every token waits; a flow that cannot go on stops as an incident.

        What the failing node did is undone; the nodes before it are done and stay so.
        """
        try:
            step = next_step(stage, case)
            while step.request is not None:
                case = step.case
                with self.store.attempt():
                    done = self._perform(stage, case, step.request)
                case = done
                step = next_step(stage, case)
            case = step.case
        except FlowError as error:
            case = replace(case, state=InstanceState.INCIDENT, incident=str(error))
            self.store.jobs.report(case)
        return self._save(before, case)

    def _perform(self, stage: Stage, case: Case, request: Request) -> Case:
        """Do what a node asks; what only its definition or data can mend is a FlowError.

        A refusal reaches the person who acts; where nobody listens it is an incident.
        """
        try:
            return perform(stage, case, request)
        except LoopError:
            raise
        except FlowError as error:
            raise FlowError(request.token.node, error.message) from error
        except (EngineError, ExpressionLimitError) as error:
            if stage.actor != SYSTEM_PERSON.id and isinstance(error, EngineError):
                raise
            raise FlowError(request.token.node, str(error)) from error

    def _save(self, before: Case, after: Case) -> Case:
        saved = replace(after, rev=before.rev + 1)
        self.store.save(before, saved)
        return saved

    def _stage(self, plan: FlowPlan, person: Person) -> Stage:
        role = min(person.roles, default=None)
        return Stage(plan, self.store, self.world, self.ids, self.now, person.id, role)

    def _check_running(self, case: Case) -> None:
        if case.state is not InstanceState.RUNNING:
            raise ConflictError("INSTANCE_NOT_RUNNING", f"the instance is {case.state}")
