"""What blocks nothing: comments, questions to a person, copies to be read (flows.md 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from trellis.engine.approvals.board import changed
from trellis.engine.approvals.work import DONE, OPEN, Answer, Task, TaskKind
from trellis.engine.errors import ConflictError, InvalidError, problem
from trellis.engine.flows.approving.seating import record
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage
from trellis.metadata.model.texts import Label

_ASKED = Label({"en": "A question about: {}", "zh-CN": "有人就“{}”向您提问"})
_ANSWERED = Label({"en": "An answer about: {}", "zh-CN": "关于“{}”的答复"})
_COPIED = Label({"en": "For your information: {}", "zh-CN": "抄送给您：{}"})
MAX_COPIES = 50


def comment(stage: Stage, case: Case, task: Task, answer: Answer) -> Case:
    """Say something in the thread of the instance."""
    _needs_words(answer)
    record(stage, case, "comment", answer, seat=task)
    return case


def ask(stage: Stage, case: Case, task: Task, answer: Answer) -> Case:
    """Ask somebody; they get an item to reply to, and nothing waits for it."""
    _needs_words(answer)
    people = people_named(stage, answer)
    record(stage, case, "ask", answer, seat=task, details={"people": list(people)})
    asked = [
        replace(_item(stage, case, task.node, user, TaskKind.ASK),
                parent_id=task.id, comment=answer.comment)
        for user in people
    ]  # fmt: skip
    stage.store.add_tasks(asked)
    for one in asked:
        _tell(stage, one, _ASKED)
    return case


def reply(stage: Stage, case: Case, task: Task, answer: Answer) -> Case:
    """Answer a question; who asked hears of it."""
    _needs_words(answer)
    done = changed(task, state=DONE, outcome="reply", decided_at=stage.now,
                   decided_by=stage.actor, request_id=answer.request_id)  # fmt: skip
    stage.store.change_task(task, done)
    record(stage, case, "reply", answer, seat=task)
    if task.added_by is not None:
        _tell(stage, replace(task, holder=task.added_by), _ANSWERED)
    return case


def copy(stage: Stage, case: Case, task: Task, answer: Answer) -> Case:
    """Give people a copy to read."""
    people = people_named(stage, answer)
    record(stage, case, "cc", answer, seat=task, details={"people": list(people)})
    hand_out(stage, case, task.node, people)
    return case


def hand_out(stage: Stage, case: Case, node: str, people: Sequence[str]) -> None:
    """Give each of `people` a copy, once in an instance and to nobody who decides it now."""
    work = stage.store.work_of(case.id)
    busy = {
        one.holder
        for one in work
        if one.kind is TaskKind.COPY or (one.state == OPEN and one.kind is TaskKind.SEAT)
    }
    copies = [_item(stage, case, node, user, TaskKind.COPY) for user in people if user not in busy]
    if not copies:
        return
    stage.store.add_tasks(copies)
    for one in copies:
        _tell(stage, one, _COPIED)


def mark_read(stage: Stage, case: Case, task: Task, answer: Answer) -> Case:
    """Put a copy aside."""
    read = changed(task, state=DONE, outcome="read", decided_at=stage.now, decided_by=stage.actor,
                   request_id=answer.request_id)  # fmt: skip
    stage.store.change_task(task, read)
    return case


def _item(stage: Stage, case: Case, node: str, user: str, kind: TaskKind) -> Task:
    return Task(
        id=stage.ids.new(), kind=kind, instance_id=case.id, token_id=f"{kind}:{user}",
        flow=case.flow, node=node, state=OPEN, opened_at=stage.now, object=case.object,
        record_id=case.record_id, holder=user, principal=user, via=str(kind),
        round=case.rounds.get(node, 1), added_by=stage.actor,
    )  # fmt: skip


def _tell(stage: Stage, task: Task, words: Label) -> None:
    node = stage.plan.graph.nodes.get(task.node)
    stage.world.approvals.tell(task, words, node.label if node is not None else Label())


def people_named(stage: Stage, answer: Answer) -> tuple[str, ...]:
    """Return the people of an answer, all of whom may sign in."""
    people = tuple(dict.fromkeys(answer.people))
    if not people:
        raise InvalidError([problem("people", "REQUIRED", "name at least one person")])
    if len(people) > MAX_COPIES:
        raise ConflictError("TOO_MANY", f"name at most {MAX_COPIES} people at once")
    active = stage.world.organisation.active(people)
    if len(active) != len(people):
        raise InvalidError([problem("people", "INACTIVE", "this person cannot sign in")])
    return people


def _needs_words(answer: Answer) -> None:
    if not (answer.comment or "").strip():
        raise InvalidError([problem("comment", "REQUIRED", "say something")])
