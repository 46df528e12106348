"""What a token asks of the world, done: transitions, actions, tasks, approvals, timers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from trellis.engine.approvals.voting import SeatState, rule_problem, seats_to_open
from trellis.engine.assignment.people import Asker, People, TooManyPeopleError, resolve
from trellis.engine.clocks.durations import parse_short
from trellis.engine.clocks.working_time import NoWorkingTimeError
from trellis.engine.events.entries import EventKind
from trellis.engine.flows import decide
from trellis.engine.flows.plan import voting_rule
from trellis.engine.flows.state import Case, Command, FlowError, Request, Token
from trellis.engine.flows.stepping import Stage, entry
from trellis.engine.flows.work import OPEN, WAITING, Approval, Task, TaskKind
from trellis.metadata.model.flows import Node, NodeKind, Resolver
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression

#: Who gets work that nobody was found for: never a silent approval (flows.md 2.2).
FALLBACK_ROLE = "flow_admin"


def perform(stage: Stage, case: Case, request: Request) -> Case:
    """Do what `request` asks for and return the case that goes on or waits."""
    return _PERFORMERS[request.command](stage, case, request.token)


def _transition(stage: Stage, case: Case, token: Token) -> Case:
    state = stage.node(token).set_state
    if state is not None:
        stage.world.move_record(case, state, stage.actor)
    return decide.performed(case, token, Command.TRANSITION)


def _action(stage: Stage, case: Case, token: Token) -> Case:
    node = stage.node(token)
    return decide.performed(_ACTIONS[node.kind](stage, case, node), token, Command.ACTION)


def _service(stage: Stage, case: Case, node: Node) -> Case:
    if node.action is None:
        raise FlowError(node.id, "a service node names no action")
    arguments = stage.plan.values(node.inputs, stage.context(case))
    results = stage.world.act(case, node.action, arguments)
    return _keep(stage, case, node.outputs, results)


def _rule(stage: Stage, case: Case, node: Node) -> Case:
    arguments = stage.plan.values(node.inputs, stage.context(case))
    results = stage.world.act(case, "decide", {"decision": node.action, "inputs": arguments})
    return _keep(stage, case, node.outputs, results)


def _script(stage: Stage, case: Case, node: Node) -> Case:
    return _keep(stage, case, node.assignments, {})


def _send(stage: Stage, case: Case, node: Node) -> Case:
    people = _people(stage, case, node, pooled=False)
    stage.world.notify(case, node.action or "", people.users)
    return case


def _keep(
    stage: Stage,
    case: Case,
    targets: Mapping[str, ValueOrExpression],
    results: Mapping[str, Any],
) -> Case:
    """Write values to `record.<field>` in one update, and to variables."""
    fields: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    context = stage.context(case, **results)
    for target, value in targets.items():
        root, _, name = target.partition(".")
        place = fields if root == "record" and name else variables
        place[name if root in ("record", "vars") and name else target] = stage.plan.value(
            value, context
        )
    if fields:
        stage.world.set_fields(case, fields, stage.actor)
    return decide.with_vars(case, variables)


def _task(stage: Stage, case: Case, token: Token) -> Case:
    node = stage.node(token)
    people = _people(stage, case, node, pooled=True)
    if not people:
        people = People(pools=(FALLBACK_ROLE,))
    alone = len(people.users) == 1 and not people.pools
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
        holder=people.users[0] if alone else None,
        principal=people.users[0] if alone else None,
        round=case.rounds.get(node.id, 1),
        due_at=_due(stage, case, node),
        pools=people.pools,
        candidates=() if alone else people.users,
    )
    stage.store.add_tasks([task])
    _announce(stage, case, node, [task])
    _set_timers(stage, case, token, node, task.due_at)
    return decide.waiting(case, token)


def _approval(stage: Stage, case: Case, token: Token) -> Case:
    node = stage.node(token)
    users = _seat_holders(stage, case, node)
    rule = voting_rule(node)
    problem = rule_problem(rule, len(users))
    if problem is not None:
        raise FlowError(node.id, problem)
    approval = Approval(
        id=stage.ids.new(),
        instance_id=case.id,
        token_id=token.id,
        node=node.id,
        round=case.rounds.get(node.id, 1),
        state=OPEN,
        opened_at=stage.now,
        rule={"mode": str(rule.mode), "people": list(users)},
        due_at=_due(stage, case, node),
    )
    stage.store.add_approval(approval)
    opened = seats_to_open(rule, [SeatState.WAITING] * len(users))
    seats = [
        _seat(stage, case, approval, position, user, is_open=position in opened)
        for position, user in enumerate(users)
    ]
    stage.store.add_tasks(seats)
    _announce(stage, case, node, [seat for seat in seats if seat.state == OPEN])
    _set_timers(stage, case, token, node, approval.due_at)
    return decide.waiting(case, token)


def _seat(
    stage: Stage, case: Case, approval: Approval, position: int, user: str, *, is_open: bool
) -> Task:
    return Task(
        id=stage.ids.new(),
        kind=TaskKind.SEAT,
        instance_id=case.id,
        token_id=approval.token_id,
        flow=case.flow,
        node=approval.node,
        state=OPEN if is_open else WAITING,
        opened_at=stage.now,
        object=case.object,
        record_id=case.record_id,
        holder=user,
        principal=user,
        position=position,
        approval_id=approval.id,
        round=approval.round,
        due_at=approval.due_at,
    )


def _seat_holders(stage: Stage, case: Case, node: Node) -> tuple[str, ...]:
    """Return who votes: nobody approves a request of their own (flows.md 2.2, `escalate`)."""
    organisation = stage.world.organisation
    found = _people(stage, case, node, pooled=False).users
    same = node.settings.get("same")
    allow_own = isinstance(same, Mapping) and same.get("requester") == "allow"
    holders: list[str] = []
    for user in found:
        if user == case.starter and not allow_own:
            above = Resolver("manager_of", node.location, "requester")
            holders.extend(resolve([above], _asker(stage, case), organisation, pooled=False).users)
        else:
            holders.append(user)
    unique = tuple(user for user in dict.fromkeys(holders) if allow_own or user != case.starter)
    if unique:
        return unique
    fallback = organisation.members_of_role(FALLBACK_ROLE)
    others = tuple(user for user in fallback if allow_own or user != case.starter)
    if not others:
        raise FlowError(node.id, f"nobody is there to approve, not even role `{FALLBACK_ROLE}`")
    return others


def _people(stage: Stage, case: Case, node: Node, *, pooled: bool) -> People:
    try:
        return resolve(node.who, _asker(stage, case), stage.world.organisation, pooled=pooled)
    except TooManyPeopleError as error:
        raise FlowError(node.id, str(error)) from error


def _asker(stage: Stage, case: Case) -> Asker:
    context = stage.context(case)

    def ids_of(value: ValueOrExpression) -> tuple[str, ...]:
        return tuple(_ids_in(stage.plan.value(value, context)))

    return Asker(
        requester=case.starter,
        decided=stage.store.decided_by(case.id),
        ids_of=ids_of,
        user_of_login=stage.world.user_of_login,
    )


def _ids_in(value: object) -> list[str]:
    """Return the ids in a value: records, lists of them, or ids themselves."""
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [found for item in value for found in _ids_in(item)]
    identity = getattr(value, "id", None)
    return [identity] if isinstance(identity, str) else []


def _due(stage: Stage, case: Case, node: Node) -> datetime | None:
    sla = node.settings.get("sla")
    due = sla.get("due") if isinstance(sla, Mapping) else node.settings.get("due")
    return _moment(stage, case, node, due)


def _moment(stage: Stage, case: Case, node: Node, value: object) -> datetime | None:
    """Return the moment that a due or timer value means, counted from now."""
    if value is None:
        return None
    if isinstance(value, ExpressionText):
        value = stage.plan.value(value, stage.context(case))
    if isinstance(value, datetime):
        return value
    if isinstance(value, timedelta):
        return stage.now + value
    duration = parse_short(str(value))
    if duration is None:
        raise FlowError(node.id, f"`{value}` is neither a moment nor a duration")
    try:
        return duration.after(stage.now, stage.world.calendar(stage.plan.flow.calendar))
    except NoWorkingTimeError as error:
        raise FlowError(node.id, str(error)) from error


def _announce(stage: Stage, case: Case, node: Node, tasks: list[Task]) -> None:
    stage.world.log(entry(stage, case, EventKind.ENTER, node.id))
    for task in tasks:
        if task.holder is not None:
            stage.world.log(entry(stage, case, EventKind.ASSIGN, node.id, None, task.holder))
    stage.world.notify_work(tasks, node.label)


def timer_key(token_id: str, node: str, catch: int | None) -> str:
    """Return what names a timer: the token and node that wait, and which boundary event."""
    return f"{token_id}:{node}" if catch is None else f"{token_id}:{node}:{catch}"


def _set_timers(
    stage: Stage, case: Case, token: Token, node: Node, due: datetime | None = None
) -> None:
    """Schedule the timer boundary events of a node that waits, and the reminder when it is due."""
    place = {"instance": case.id, "token": token.id, "node": node.id}
    if due is not None:
        stage.store.jobs.schedule(f"{token.id}:{node.id}:due", due, place, reminds=True)
    for position, catch in enumerate(node.catches):
        if catch.kind == "timer":
            at = _moment(stage, case, node, catch.value)
            if at is not None:
                key = timer_key(token.id, node.id, position)
                stage.store.jobs.schedule(key, at, {**place, "catch": position})


def _timer(stage: Stage, case: Case, token: Token) -> Case:
    node = stage.node(token)
    due = _moment(stage, case, node, node.settings.get("timer"))
    if due is None:
        raise FlowError(node.id, "the timer has no moment")
    payload = {"instance": case.id, "token": token.id, "node": node.id}
    stage.store.jobs.schedule(timer_key(token.id, node.id, None), due, payload)
    stage.world.log(entry(stage, case, EventKind.ENTER, node.id))
    return decide.waiting(case, token)


_PERFORMERS: Mapping[Command, Callable[[Stage, Case, Token], Case]] = {
    Command.TRANSITION: _transition,
    Command.ACTION: _action,
    Command.TASK: _task,
    Command.APPROVAL: _approval,
    Command.TIMER: _timer,
}
_ACTIONS: Mapping[NodeKind, Callable[[Stage, Case, Node], Case]] = {
    NodeKind.SERVICE: _service,
    NodeKind.RULE: _rule,
    NodeKind.SCRIPT: _script,
    NodeKind.SEND: _send,
}
