"""What who asked may do while it runs: withdraw, urge, give copies (flows.md 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from trellis.access.principal import SYSTEM_ID
from trellis.engine.approvals.history import Entry
from trellis.engine.approvals.rules import WithdrawRule
from trellis.engine.approvals.voting import UNDECIDED
from trellis.engine.approvals.work import OPEN, Answer, Task, TaskKind
from trellis.engine.errors import ConflictError, ForbiddenError
from trellis.engine.flows.approving.seating import record
from trellis.engine.flows.approving.telling import hand_out, people_named
from trellis.engine.flows.state import Case, FlowError, InstanceState
from trellis.engine.flows.stepping import Stage, end_now
from trellis.metadata.model.flows import NodeKind
from trellis.metadata.model.texts import Label

URGE_AGAIN = timedelta(hours=1)
URGES_A_DAY = 3
_URGED = Label({"en": "Please see to it: {}", "zh-CN": "请尽快处理：{}"})
#: The order of strictness, the most lenient first.
_WHEN = ("any_time", "before_first", "never")
_WORK = frozenset({TaskKind.TASK, TaskKind.SEAT})


def withdraw(stage: Stage, case: Case, answer: Answer) -> Case:
    """End the instance because who asked thought better of it; the record may be a draft again."""
    check_requester(stage, case)
    work = stage.store.work_of(case.id)
    rule = _withdraw_rule(stage, case)
    if not _has_it_back(stage, work) and rule.when != "any_time":
        if rule.when == "never":
            raise ForbiddenError("NOT_ALLOWED", "this cannot be withdrawn")
        if any(_was_decided(task) for task in work):
            raise ConflictError("TOO_LATE", "somebody has decided already")
    record(stage, case, "withdraw", answer, details={"to": rule.to})
    ended = end_now(stage, case, InstanceState.CANCELLED)
    first = stage.world.approvals.first_state(case) if rule.to == "draft" else None
    if first is not None:
        try:
            stage.world.move_record(case, first, stage.actor)
        except FlowError as error:
            raise ConflictError(
                "NO_WAY_BACK", error.message, hint="the flow may say `withdraw: {to: cancel}`"
            ) from error
    return ended


def urge(stage: Stage, case: Case, answer: Answer) -> Case:
    """Remind who has open work: once an hour and three times a day each."""
    open_work = [task for task in stage.store.work_of(case.id)
                 if task.state == OPEN and task.kind in _WORK and task.holder]  # fmt: skip
    if not open_work:
        raise ConflictError("NOTHING_OPEN", "nobody has anything to do here now")
    before = [one for one in stage.store.history(case.id) if one.action == "urge"]
    urged = [task for task in open_work if _may_urge(stage, before, task)]
    if not urged:
        raise ConflictError("TOO_OFTEN", "everybody was urged already",
                            hint=f"once an hour, and {URGES_A_DAY} times a day")  # fmt: skip
    for task in urged:
        record(stage, case, "urge", answer, seat=task)
        node = stage.plan.graph.nodes.get(task.node)
        stage.world.approvals.tell(task, _URGED, node.label if node is not None else Label())
    return case


def copy(stage: Stage, case: Case, answer: Answer) -> Case:
    """Give people a copy to read."""
    people = people_named(stage, answer)
    node = case.tokens[0].node if case.tokens else stage.plan.start_node().id
    record(stage, case, "cc", answer, node=node, details={"people": list(people)})
    hand_out(stage, case, node, people)
    return case


def start_task(stage: Stage, work: Sequence[Task]) -> Task | None:
    """Return the open task that gives the flow back to who asked, when it is the actor's."""
    start = stage.plan.start_node().id
    for task in work:
        if task.node == start and task.state == OPEN and task.holder == stage.actor:
            return task
    return None


def check_requester(stage: Stage, case: Case) -> None:
    """Raise unless who acts is who started the instance."""
    if case.starter != stage.actor:
        raise ForbiddenError("NOT_YOURS", "only who asked for it does this")


def _withdraw_rule(stage: Stage, case: Case) -> WithdrawRule:
    """Return the strictest of the rules of the start and of the approvals that are open."""
    default = stage.world.approvals.defaults(stage.plan.flow.app).get("withdraw")
    start = stage.plan.start_node().settings.get("withdraw", default)
    rules = [WithdrawRule.of(start)]
    for approval in stage.store.approvals_of(case.id):
        if approval.state == OPEN and approval.rule.get("withdraw") is not None:
            rules.append(WithdrawRule.of(approval.rule["withdraw"]))
    return max(rules, key=lambda rule: _WHEN.index(rule.when))


def _has_it_back(stage: Stage, work: Sequence[Task]) -> bool:
    found = start_task(stage, work)
    return found is not None and stage.plan.graph.nodes[found.node].kind is NodeKind.START


def _was_decided(task: Task) -> bool:
    decided = task.kind is TaskKind.SEAT and task.state not in UNDECIDED
    return decided and task.decided_by is not None and task.decided_by != SYSTEM_ID


def _may_urge(stage: Stage, before: Sequence[Entry], task: Task) -> bool:
    times = [one.at for one in before if one.seat_id == task.id]
    today = [at for at in times if stage.now - at < timedelta(days=1)]
    recent = any(stage.now - at < URGE_AGAIN for at in times)
    return not recent and len(today) < URGES_A_DAY
