"""The inbox: tasks and approvals, done in place or on a page of their own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.engine.approvals.work import CANCELLED
from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from trellis.formbuilder.form_page import FormPage
from trellis.formbuilder.layout import Layout, Placed, Section, field_label, layout_of
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import EMPTY_LABEL
from trellis.problems import Location
from trellis.web.pages.addresses import local_path, record_path
from trellis.web.pages.blueprint import pages
from trellis.web.pages.editing import (
    Draft,
    draft_of_posted,
    draft_of_record,
    enter_refusal,
    form_body,
    store_files,
    summary,
)
from trellis.web.pages.frame import go, shaper, show, show_part, tell
from trellis.web.pages.ports import Ahead, Outlook, Row, Work, WorkAnswer
from trellis.web.pages.refusals import refusal_text
from trellis.web.pages.seats import MORE, SeatForm, seen, with_posted
from trellis.web.pages.timeline import timeline_of
from trellis.web.pages.views import FormView, TaskAction, ViewTab
from trellis.web.pages.visit import Visit, is_partial, site, visit
from trellis.web.pages.work_views import (
    TaskItem,
    action_label,
    actions_of,
    task_item,
)

COMMENT = "_comment"
_MOST_CHANGES = 50
_LONGEST = 20_000
_SIGNED = frozenset({"complete", "approve", "reject", "abstain", "add_after"})
_LIMIT = 100
_TAB_WORDS = {"mine": "For me", "pool": "To take over", "copies": "To read", "done": "Done"}
_BLANK_WORDS = {
    "mine": "Nothing waits for you",
    "pool": "Nothing to take over",
    "copies": "Nothing to read",
    "done": "Nothing done yet",
}
_NEEDS_COMMENT = frozenset({"reject", "return"})
#: Stands in for the object of a task that is about no record.
_NO_RECORD = Object("task", EMPTY_LABEL, Location(""), {})


@dataclass(frozen=True)
class InboxView:
    """The inbox page."""

    tabs: tuple[ViewTab, ...]
    tasks: tuple[TaskItem, ...]
    blank_title: str
    blank_text: str
    next_url: str = ""
    many: bool = False
    request_key: str = ""


@pages.get("/inbox")
def inbox_page() -> ResponseReturnValue:
    """Show the tasks of a person."""
    at, words = visit(), visit().audience.words
    which = request.args.get("which", "mine")
    which = which if which in _TAB_WORDS else "mine"
    tabs = tuple(
        ViewTab(words(label), f"/inbox?which={key}", key == which)
        for key, label in _TAB_WORDS.items()
    )
    tasks = tuple(task_item(at, work) for work in at.tasks.list(which, _LIMIT))
    text = words("Tasks and approvals appear here as soon as somebody needs you.")
    many = which == "mine" and sum(task.simple for task in tasks) > 1
    if not many:
        tasks = tuple(replace(task, simple=False) for task in tasks)
    view = InboxView(tabs, tasks, words(_BLANK_WORDS[which]), text if which == "mine" else "",
                     many=many, request_key=site().new_id())  # fmt: skip
    return show("inbox.html", at, words("Inbox"), active="inbox", inbox=view)


@dataclass(frozen=True)
class TaskView:
    """The page of a task."""

    url: str
    rev: int
    flow: str
    due: Markup
    late: bool
    soon: bool
    record_url: str
    body: Markup
    form: FormView | None
    decisions: tuple[TaskAction, ...]
    timeline: tuple[object, ...]
    #: What is done in place, such as taking the task over.
    actions: tuple[TaskAction, ...] = ()
    closed: str = ""
    more: tuple[TaskAction, ...] = ()
    #: The steps that would come next, and what changed since somebody approved last.
    ahead: tuple[Ahead, ...] = ()
    changed: tuple[object, ...] = ()
    question: str = ""


@dataclass(frozen=True)
class _Doing:
    """A task with the record it is about and the form it asks for."""

    at: Visit
    work: Work
    model: Object
    row: Row
    outlook: Outlook = field(default_factory=Outlook)

    def page(self, action: str) -> FormPage:
        """Return the compiled form of an action."""
        layout = self.layout(action)
        key = ("task", layout.model.key, self.work.form, self.work.fields, action,
               self.needs_comment(action))  # fmt: skip
        return shaper(self.at).form_over(layout, *key)

    def layout(self, action: str) -> Layout:
        """Return the fields the task asks for, and room for a comment."""
        words = self.at.audience.words
        needed = self.needs_comment(action)
        said = Field(COMMENT, FieldType.TEXT_LONG, Location(""), required=needed)
        comment = Section("", "", 2, (Placed(said, words("Comment"), "", 2, readonly=False),))
        people = self.small(action).layout(comment)
        if people is not None:
            return people
        fills_in = action not in (*MORE, "reject", "claim", "give_back", "reply", "read")
        asked = self._asked_sections() if fills_in else []
        return Layout(self.model, (*asked, comment))

    def needs_comment(self, action: str) -> bool:
        """Tell whether an action asks for a comment."""
        known = self.outlook.commented
        return action in (_NEEDS_COMMENT if known is None else known | {"ask", "reply"})

    def small(self, action: str) -> SeatForm:
        """Return what an action of an approval asks for besides fields of the record."""
        return SeatForm(self.at, action, self.outlook)

    def _asked_sections(self) -> list[Section]:
        at, work = self.at, self.work
        rights = at.records.rights(self.model.key) if self.row.id else None
        if rights is None:
            return []
        if work.form in at.catalog.forms:
            drawn = at.catalog.forms[work.form]
            return list(
                layout_of(at.catalog, self.model, drawn, at.audience, rights.hidden).sections
            )
        placed = tuple(
            Placed(
                self.model.fields[key],
                field_label(self.model.fields[key], at.audience),
                self.model.fields[key].help.text(at.audience.locale),
                1,
                self.model.fields[key].readonly,
            )
            for key in dict.fromkeys((*work.fields, *self.outlook.edit))
            if key in self.model.fields and key not in rights.hidden
        )
        return [Section("", "", 2, placed)] if placed else []

    def form(self, action: str, draft: Draft, url: str, submit: str) -> FormView:
        """Return the form of an action."""
        page, small = self.page(action), self.small(action)
        body = small.choices() + form_body(self.at, page, self.row.id, draft)
        body += small.signature() if action in _SIGNED else Markup("")
        return FormView(
            action=url,
            body=body + seen(self.row.rev),
            submit=submit,
            cancel_url="/inbox",
            request_key=site().new_id(),
            rev=self.work.rev,
            errors=bool(draft.errors),
            danger=action == "reject",
            problem=summary(self.at, draft),
            orphans=draft.orphans,
        )


def _doing(task_id: str) -> _Doing:
    at = visit()
    work, outlook = at.tasks.get(task_id), at.tasks.outlook(task_id)
    model = at.catalog.objects.get(work.object)
    if model is None or work.record is None:
        return _Doing(at, work, _NO_RECORD, Row("", 0, work.label, {}), outlook)
    return _Doing(at, work, model, at.records.get(work.object, work.record.id), outlook)


@pages.post("/inbox")
def approve_many() -> ResponseReturnValue:
    """Approve what was ticked, each for itself; what asks for more is left and named."""
    at, left = visit(), list[str]()
    key, done = request.form.get("_key", ""), 0
    for ticked in request.form.getlist("task")[:_LIMIT]:
        task_id, _, rev = ticked.partition(":")
        work = at.tasks.get(task_id)
        answer = WorkAnswer("approve", request.form.get("comment", "")[:_LONGEST],
                            rev=int(rev) if rev.isdecimal() else None,
                            request_id=f"{key}:{task_id}")  # fmt: skip
        try:
            at.tasks.act(task_id, answer)
        except (InvalidError, ConflictError, ForbiddenError) as error:
            left.append(f"{work.label}: {refusal_text(at.audience, error)}")
        else:
            done += 1
    words = at.audience.words
    told = [words("Approved: %(count)s") % {"count": done}] if done else []
    tell(" · ".join([*told, *left]) or words("Nothing was ticked"))
    return go("/inbox")


@pages.get("/inbox/<task_id>")
def task_page(task_id: str) -> ResponseReturnValue:
    """Show a task with its record and its form."""
    doing = _doing(task_id)
    return _task_answer(doing, draft_of_record(doing.at, doing.layout("complete"), doing.row))


def _task_answer(doing: _Doing, draft: Draft) -> str:
    at, work = doing.at, doing.work
    item = task_item(at, work)
    offered = actions_of(at, work)
    decisions = tuple(one for one in offered if not one.direct and not one.more)
    form = doing.form("complete", draft, item.url, "") if decisions else None
    body = Markup("")
    if doing.row.id:
        rights = at.records.rights(doing.model.key)
        shown = shaper(at).record(doing.model, rights).body(doing.row.values, at.now)
        body = Markup(shown)  # noqa: S704 - joined from escaped values
    words = at.audience.words
    closed = "" if work.state == "open" else words("This task is finished.")
    if work.state == CANCELLED:
        closed = words("This is not needed any more.")
    view = TaskView(
        url=item.url,
        rev=work.rev,
        flow=work.flow,
        due=item.due,
        late=item.late,
        soon=item.soon,
        record_url=item.record_url,
        body=body,
        form=form if not closed else None,
        decisions=decisions,
        timeline=timeline_of(at, None, at.tasks.course(work.id)),
        actions=tuple(one for one in offered if one.direct),
        more=tuple(one for one in offered if one.more),
        ahead=doing.outlook.ahead,
        changed=_changed_since(doing),
        question=work.question,
        closed=closed,
    )
    crumbs = [(words("Inbox"), "/inbox")]
    return show("task.html", at, work.label, active="inbox", crumbs=crumbs, task=view)


def _changed_since(doing: _Doing) -> tuple[object, ...]:
    """Return what happened to the record since the last approval of the flow ended."""
    at, since = doing.at, doing.outlook.since
    if since is None or not doing.row.id:
        return ()
    happened = at.records.happenings(doing.model.key, doing.row.id, _MOST_CHANGES)
    newer = [one for one in happened if one.at > since and one.changes]
    return timeline_of(at, doing.model, newer)


@pages.get("/inbox/<task_id>/<action>")
def action_page(task_id: str, action: str) -> ResponseReturnValue:
    """Show the form of one action, as a dialog or as a page."""
    doing = _doing(task_id)
    _check_offered(doing, action)
    return _action_answer(doing, action, draft_of_record(doing.at, doing.layout(action), doing.row))


def _check_offered(doing: _Doing, action: str) -> None:
    if action not in doing.work.actions:
        raise NotFoundError("step")


def _action_answer(doing: _Doing, action: str, draft: Draft) -> str:
    at = doing.at
    label = action_label(at, doing.work, action)
    view = doing.form(action, draft, f"/inbox/{doing.work.id}/{action}", label)
    about = doing.small(action).help
    if not about and doing.work.record:
        about = f"{doing.work.label} · {doing.work.record.title}"
    view = replace(view, help=about)
    if is_partial():
        return show_part("dialog.html", at, label, form=view)
    crumbs = [(at.audience.words("Inbox"), "/inbox")]
    return show("form.html", at, label, active="inbox", crumbs=crumbs, form=view)


@pages.post("/inbox/<task_id>")
def decide_task(task_id: str) -> ResponseReturnValue:
    """Do what the pressed button of the task's page says."""
    return _run(task_id, request.form.get("_do", ""), whole_page=True)


@pages.post("/inbox/<task_id>/<action>")
def run_action(task_id: str, action: str) -> ResponseReturnValue:
    """Claim, give back, complete, approve or reject in place."""
    return _run(task_id, action, whole_page=False)


def _run(task_id: str, action: str, *, whole_page: bool) -> ResponseReturnValue:
    doing = _doing(task_id)
    _check_offered(doing, action)
    at = doing.at
    layout = doing.layout("complete" if whole_page else action)
    before = draft_of_record(at, layout, doing.row)
    draft = draft_of_posted(at, layout, before)
    comment = str(draft.values.pop(COMMENT, None) or "")
    if doing.needs_comment(action) and not comment:
        draft.errors[COMMENT] = at.audience.words("needs a reason")
    named = draft.values if layout.model.key == "user" else {}
    answer = WorkAnswer(
        action,
        comment,
        {} if named else draft.values,
        request.form.get("_rev", type=int),
        request.form.get("_key", ""),
    )
    answer = with_posted(answer, named)
    show_again = _task_answer if whole_page else None
    if not draft.wrong:
        try:
            store_files(at, layout, draft)
            at.tasks.act(task_id, answer)
        except (InvalidError, ConflictError, ForbiddenError) as error:
            enter_refusal(at, layout, draft, before, error)
            if not draft.errors:
                draft.problem = draft.problem or refusal_text(at.audience, error)
        else:
            tell(at.audience.words("Done: %(what)s") % {"what": doing.work.label})
            return go(_afterwards(doing, action))
    if show_again is not None:
        return show_again(doing, draft), 422
    return _action_answer(doing, action, draft), 422


def _afterwards(doing: _Doing, action: str) -> str:
    """Return where to go after a decision: back to where it was made."""
    back = local_path(request.form.get("back", ""), "")
    if action == "claim" and back:
        return back
    # The page of the task itself says no more than that it is finished.
    if back and back != f"/inbox/{doing.work.id}":
        return back
    record = doing.work.record
    return record_path(doing.work.object, record.id) if record else "/inbox"
