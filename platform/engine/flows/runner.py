"""What people do to running flows: each public method is one step in the caller's transaction.

Order of a step: lock the instance, check, decide, perform, save (`steps`). What cannot go on
because of its definition or data becomes an incident; a person's answer that is refused changes
nothing. What happens to flows by itself is in `happening`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trellis.engine.approvals.work import OPEN, Answer, Task
from trellis.engine.errors import ConflictError
from trellis.engine.events.entries import EventKind
from trellis.engine.flows import answers, decide
from trellis.engine.flows.approving import acting, steering
from trellis.engine.flows.approving.outlook import Outlook, outlook
from trellis.engine.flows.approving.returning import resume
from trellis.engine.flows.decide.scopes import Tools
from trellis.engine.flows.people import people_at_start
from trellis.engine.flows.plan import FlowPlan
from trellis.engine.flows.state import Case, InstanceState
from trellis.engine.flows.stepping import Stage, StageFacts, end_now, entry
from trellis.engine.flows.steps import SYSTEM_PERSON, FlowSteps, Person, Plans, Received
from trellis.metadata.model.flows import Node

__all__ = ["SYSTEM_PERSON", "Beginning", "FlowRunner", "Person", "Plans"]


@dataclass(frozen=True)
class Beginning:
    """How an instance begins: on which record, with which variables, called by whom, where.

    `start` is the start node, None the flow's usual one; `plan` the version, None the newest;
    `previous` the withdrawn instance of which this is the next try.
    """

    object: str | None = None
    record_id: str | None = None
    variables: Mapping[str, Any] | None = None
    start: Node | None = None
    parent: tuple[str, str] | None = None
    plan: FlowPlan | None = None
    previous: str | None = None


@dataclass(frozen=True)
class FlowRunner(FlowSteps):
    """Runs flows of one transaction."""

    def start(
        self,
        flow: str,
        person: Person,
        *,
        object_key: str | None = None,
        record_id: str | None = None,
        variables: Mapping[str, Any] | None = None,
        previous: str | None = None,
    ) -> Case:
        """Start an instance and run it to its first wait; return it as saved.

        `previous` is the withdrawn instance of which this is the next try.
        """
        beginning = Beginning(object_key, record_id, variables, previous=previous)
        return self.begin(flow, person, beginning)

    def begin(self, flow: str, person: Person, beginning: Beginning) -> Case:
        """Start an instance as `beginning` says and run it to its first wait."""
        plan = beginning.plan or self.plans.current(flow)
        stage = self.stage_of(plan, person)
        start = beginning.start or plan.start_node()
        parent, parent_token = beginning.parent or (None, None)
        case = Case(
            id=self.ids.new(),
            flow=flow,
            version=plan.version,
            object=beginning.object,
            record_id=beginning.record_id,
            starter=None if person is SYSTEM_PERSON else person.id,
            state=InstanceState.RUNNING,
            vars=dict(beginning.variables or {}),
            started_at=self.now,
            parent=parent,
            parent_token=parent_token,
            previous=beginning.previous,
        )
        # The row comes first: tasks refer to it.
        self.store.save(None, case)
        kept = decide.with_vars(case, people_at_start(stage, case))
        begun = decide.begin(plan.graph, kept, start.id, self.now, self.ids)
        names = {"msg": case.vars.get("msg")}
        received = Received(start, None, names) if start.outputs else None
        return self.run(stage, case, begun, received)

    def act(self, task_id: str, person: Person, answer: Answer) -> Case:
        """Complete a task or decide a seat. The same request again gets the first result."""
        task = self.store.task(task_id)
        case = self.store.lock(task.instance_id)
        task = self.store.task(task_id)
        stage = self._stage_at(case, task, person)
        if acting.answered_before(stage, case, task, answer):
            return case
        acting.check(stage, task, person.roles, answer)
        if answer.action not in acting.ALWAYS:
            self.check_running(case)
        done = acting.act(stage, case, task, answer)
        return self.run(stage, case, resume(stage, done, task.token_id))

    def steer(self, instance_id: str, person: Person, answer: Answer, *, admin: bool) -> Case:
        """Do what who asked, or an administrator (`admin`), does to a whole instance."""
        case = self.store.lock(instance_id)
        stage = self.stage_of(self.plans.at(case.flow, case.version), person)
        if steering.done_before(stage, case, answer):
            return case
        return self.run(stage, case, steering.steer(stage, case, answer, admin=admin))

    def resubmit(self, instance_id: str, person: Person, answer: Answer) -> Case:
        """Send what was returned on its way again, or what was withdrawn as a new instance."""
        case = self.store.lock(instance_id)
        stage = self.stage_of(self.plans.at(case.flow, case.version), person)
        task = steering.start_task(stage, self.store.work_of(case.id))
        if task is not None:
            return self.act(task.id, person, replace(answer, rev=None))
        again = steering.next_try(stage, case, answer)
        if again is not None:
            return self.store.lock(again)
        return self.start(case.flow, person, object_key=case.object, record_id=case.record_id,
                          previous=case.id)  # fmt: skip

    def outlook(self, task_id: str, person: Person) -> Outlook:
        """Return what lies behind and ahead of a piece of work; nothing is changed."""
        task = self.store.task(task_id)
        case = self.store.read(task.instance_id)
        return outlook(self.stage_of(self.plans.at(case.flow, case.version), person), case, task)

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

    def overdue(self, instance_id: str, token_id: str, node: str) -> None:
        """Tell who holds work, or may claim it, that it should be done by now."""
        case = self.store.lock(instance_id)
        stage = self.stage(case, SYSTEM_PERSON)
        late = [task for task in self.store.tasks_of(case.id, [token_id])
                if task.state == OPEN and task.node == node]  # fmt: skip
        if late:
            self.world.log(entry(stage, case, EventKind.DUE, node, late[0].opened_at))
            label = stage.plan.graph.nodes[node].label
            self.world.notify_work(late, label, overdue=True)

    def cancel(self, instance_id: str, person: Person, *, undo: bool = False) -> Case:
        """End a running instance and withdraw all its work; with `undo` what was done first."""
        case = self.store.lock(instance_id)
        if case.state is not InstanceState.INCIDENT:
            self.check_running(case)
        stage = self.stage(case, person)
        self.store.jobs.resolve(case.id)
        running = replace(case, state=InstanceState.RUNNING, incident=None)
        if undo and case.undo:
            tools = Tools(stage.plan.graph, self.now, self.ids, StageFacts(stage))
            undoing = decide.undone_first(tools, running, InstanceState.CANCELLED)
            return self.run(stage, case, undoing)
        return self.save(stage, case, end_now(stage, running, InstanceState.CANCELLED))

    def retry(self, instance_id: str, person: Person) -> Case:
        """Run an instance on after an incident."""
        case = self.store.lock(instance_id)
        if case.state is not InstanceState.INCIDENT:
            raise ConflictError("NO_INCIDENT", "the instance has no incident")
        self.store.jobs.resolve(case.id)
        running = replace(case, state=InstanceState.RUNNING, incident=None)
        return self.run(self.stage(case, person), case, running)

    def _work(self, task_id: str, person: Person) -> tuple[Stage, Case, Task]:
        task = self.store.task(task_id)
        case = self.store.lock(task.instance_id)
        task = self.store.task(task_id)
        return self._stage_at(case, task, person), case, task

    def _stage_at(self, case: Case, task: Task, person: Person) -> Stage:
        """Return the stage of somebody's work: its role, and the scope of its token."""
        frame = next((t.frame for t in case.tokens if t.id == task.token_id), None)
        return replace(self.stage(case, person), role=task.role_of(person.roles), frame=frame)
