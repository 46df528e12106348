"""What a token asks of the world, done: transitions, actions, tasks, approvals, timers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trellis.engine.approvals.work import OPEN, Task, TaskKind
from trellis.engine.events.entries import EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.approving.opening import open_approval
from trellis.engine.flows.calling import call, throw
from trellis.engine.flows.keeping import keep
from trellis.engine.flows.listening import arm, arm_catches, heard_by, listen, set_timers
from trellis.engine.flows.opening import collect, open_scope
from trellis.engine.flows.people import holder_of, people_of, workers_of
from trellis.engine.flows.services import OUTSIDE, ask_outside
from trellis.engine.flows.state import Case, Command, FlowError, Request, Token
from trellis.engine.flows.stepping import Stage, entry
from trellis.engine.flows.waiting import announce, due_of
from trellis.metadata.model.flows import Node, NodeKind


def perform(stage: Stage, case: Case, request: Request) -> Case:
    """Do what `request` asks for and return the case that goes on or waits."""
    inside = stage.inside(request.token.frame)
    return _PERFORMERS[request.command](inside, case, request.token)


def _transition(stage: Stage, case: Case, token: Token) -> Case:
    state = stage.node(token).set_state
    if state is not None:
        stage.world.move_record(case, state, stage.actor)
    return decide.performed(case, token, Command.TRANSITION)


def _action(stage: Stage, case: Case, token: Token) -> Case:
    node = stage.node(token)
    if node.kind is NodeKind.SERVICE and node.action in OUTSIDE:
        return ask_outside(stage, case, token)
    return decide.performed(_ACTIONS[node.kind](stage, case, node), token, Command.ACTION)


def _service(stage: Stage, case: Case, node: Node) -> Case:
    if node.action is None:
        raise FlowError(node.id, "a service node names no action")
    arguments = stage.plan.values(node.inputs, stage.context(case))
    results = stage.world.act(case, node.action, arguments)
    return keep(stage, case, node.outputs, results)


def _rule(stage: Stage, case: Case, node: Node) -> Case:
    arguments = stage.plan.values(node.inputs, stage.context(case))
    results = stage.world.act(case, "decide", {"decision": node.action, "inputs": arguments})
    return keep(stage, case, node.outputs, results)


def _script(stage: Stage, case: Case, node: Node) -> Case:
    return keep(stage, case, node.assignments, {})


def _send(stage: Stage, case: Case, node: Node) -> Case:
    people = people_of(stage, case, node, pooled=False)
    stage.world.notify(case, node.action or "", people.users)
    return case


def _task(stage: Stage, case: Case, token: Token) -> Case:
    node = stage.node(token)
    people = workers_of(stage, case, node)
    alone = people.users[0] if len(people.users) == 1 and not people.pools else None
    holder, also = holder_of(stage, case, alone) if alone is not None else (None, None)
    task = Task(
        id=stage.ids.new(),
        kind=TaskKind.TASK,
        instance_id=case.id,
        token_id=token.id,
        flow=case.flow,
        node=node.id,
        state=OPEN,
        opened_at=stage.now,
        object=case.object,
        record_id=case.record_id,
        holder=holder,
        principal=alone,
        via="rule" if holder == alone else "delegation",
        round=case.rounds.get(node.id, 1),
        due_at=due_of(stage, case, node, holder),
        pools=people.pools,
        candidates=() if alone is not None else people.users,
        also=(also,) if also is not None else (),
    )
    stage.store.add_tasks([task])
    announce(stage, case, node, [task])
    set_timers(stage, case, token, node, task.due_at)
    return decide.waiting(case, token)


def _wait(stage: Stage, case: Case, token: Token) -> Case:
    node = stage.node(token)
    arm(stage, case, token.id, node, heard_by(node))
    arm_catches(stage, case, token)
    stage.world.log(entry(stage, case, EventKind.ENTER, node.id))
    return decide.waiting(case, token)


def _choose(stage: Stage, case: Case, token: Token) -> Case:
    """Listen to every event behind the gateway; the first one decides."""
    for target in stage.node(token).next:
        node = stage.plan.graph.nodes[target]
        arm(stage, case, token.id, node, heard_by(node))
    stage.world.log(entry(stage, case, EventKind.ENTER, token.node))
    return decide.waiting(case, token)


_PERFORMERS: Mapping[Command, Callable[[Stage, Case, Token], Case]] = {
    Command.TRANSITION: _transition,
    Command.ACTION: _action,
    Command.TASK: _task,
    Command.APPROVAL: open_approval,
    Command.TIMER: _wait,
    Command.RECEIVE: _wait,
    Command.CHOICE: _choose,
    Command.LISTEN: listen,
    Command.OPEN: open_scope,
    Command.COLLECT: collect,
    Command.CALL: call,
    Command.THROW: throw,
}
_ACTIONS: Mapping[NodeKind, Callable[[Stage, Case, Node], Case]] = {
    NodeKind.SERVICE: _service,
    NodeKind.RULE: _rule,
    NodeKind.SCRIPT: _script,
    NodeKind.SEND: _send,
}
