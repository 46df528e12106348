"""Tasks as pages show them: an item of a list, and what can be done in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats.times import moment
from trellis.formbuilder.layout import object_label
from trellis.web.pages.addresses import record_path
from trellis.web.pages.ports import Work
from trellis.web.pages.seats import MORE
from trellis.web.pages.shades import shade_of, sign_of
from trellis.web.pages.views import NO_MARKUP, OpenTask, TaskAction
from trellis.web.pages.visit import Visit, site

ACTION_WORDS: Mapping[str, str] = {
    "claim": "Take over",
    "give_back": "Give back",
    "complete": "Complete",
    "approve": "Approve",
    "reject": "Reject",
    "abstain": "Abstain",
    "return": "Return",
    "transfer": "Hand over",
    "assist": "Ask for an opinion",
    "add_before": "Add people before me",
    "add_after": "Approve and add people after me",
    "add_parallel": "Add people beside me",
    "remove_added": "Take added people away",
    "cc": "Give a copy",
    "ask": "Ask a question",
    "reply": "Answer",
    "read": "Put aside",
    "resubmit": "Submit again",
    "take_back": "Take back",
}
#: What is done at once; everything else asks for a comment or a form first.
_DIRECT = frozenset({"claim", "give_back", "read"})
_PRIMARY = frozenset({"claim", "complete", "approve", "reply", "resubmit"})
_DANGER = frozenset({"reject"})
_SOON = timedelta(hours=4)


@dataclass(frozen=True)
class TaskItem:
    """A task in a list."""

    url: str
    label: str
    record: str
    record_url: str
    flow: str
    due: Markup
    late: bool
    soon: bool
    letter: str
    shade: str
    rev: int
    actions: tuple[TaskAction, ...]
    id: str = ""
    #: Whether it may be approved with others: nothing has to be filled in.
    simple: bool = False
    behalf: str = ""


def task_item(at: Visit, work: Work) -> TaskItem:
    """Return a task as a list shows it."""
    model = at.catalog.objects.get(work.object)
    label = object_label(model, at.audience) if model is not None else work.label
    due = _time(at, work.due)
    left = work.due - at.now if work.due and work.state == "open" else None
    return TaskItem(
        url=f"/inbox/{work.id}",
        label=work.label,
        record=work.record.title if work.record else "",
        record_url=record_path(work.object, work.record.id) if work.record else "",
        flow=work.flow,
        due=due,
        late=left is not None and left < timedelta(0),
        soon=left is not None and timedelta(0) <= left < _SOON,
        letter=sign_of(model, label),
        shade=shade_of(work.object or work.kind),
        rev=work.rev,
        actions=actions_of(at, work),
        id=work.id,
        simple="approve" in work.actions and not work.form and not work.fields,
        behalf=work.behalf,
    )


def open_task(at: Visit, work: Work) -> OpenTask:
    """Return a task as the page of its record names it: who has it, since when, what to do."""
    item = task_item(at, work)
    return OpenTask(
        work.label,
        item.url if item.actions else "",
        item.due,
        item.late,
        work.holder or " / ".join(work.offered),
        _time(at, work.since),
        work.rev,
        item.actions,
    )


def _time(at: Visit, value: datetime | None) -> Markup:
    return Markup(moment(value, at.now, at.audience)) if value else NO_MARKUP  # noqa: S704


def action_label(at: Visit, work: Work, key: str) -> str:
    """Return what an answer is called; flows may name answers of their own."""
    if key in work.action_labels:
        return work.action_labels[key]
    return at.audience.words(ACTION_WORDS[key]) if key in ACTION_WORDS else humanise(key)


def actions_of(at: Visit, work: Work) -> tuple[TaskAction, ...]:
    """Return the buttons of a task, those that decide first."""
    return tuple(
        TaskAction(
            key,
            action_label(at, work, key),
            f"/inbox/{work.id}/{key}",
            key in _DIRECT,
            key in _PRIMARY or (place == 0 and key not in _DANGER),
            key in _DANGER,
            site().new_id(),
            more=key in MORE,
        )
        for place, key in enumerate(work.actions)
    )
