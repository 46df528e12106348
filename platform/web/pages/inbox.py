"""The inbox: tasks and approvals, done in place or on a page of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.engine.approvals.work import CANCELLED
from trellis.engine.errors import ConflictError, InvalidError, NotFoundError
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
from trellis.web.pages.ports import Row, Work, WorkAnswer
from trellis.web.pages.refusals import refusal_text
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
_LIMIT = 100
_TAB_WORDS = {"mine": "For me", "pool": "To take over", "done": "Done"}
_BLANK_WORDS = {
    "mine": "Nothing waits for you",
    "pool": "Nothing to take over",
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
    view = InboxView(tabs, tasks, words(_BLANK_WORDS[which]), text if which == "mine" else "")
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


@dataclass(frozen=True)
class _Doing:
    """A task with the record it is about and the form it asks for."""

    at: Visit
    work: Work
    model: Object
    row: Row

    def page(self, action: str) -> FormPage:
        """Return the compiled form of an action."""
        layout = self.layout(action)
        key = ("task", self.model.key, self.work.form, self.work.fields, action)
        return shaper(self.at).form_over(layout, *key)

    def layout(self, action: str) -> Layout:
        """Return the fields the task asks for, and room for a comment."""
        sections: list[Section] = []
        if action not in ("reject", "return", "claim", "give_back"):
            sections.extend(self._asked_sections())
        words = self.at.audience.words
        needed = action in _NEEDS_COMMENT
        field = Field(COMMENT, FieldType.TEXT_LONG, Location(""), required=needed)
        comment = Placed(field, words("Comment"), "", 2, readonly=False)
        sections.append(Section("", "", 2, (comment,)))
        return Layout(self.model, tuple(sections))

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
            for key in work.fields
            if key in self.model.fields and key not in rights.hidden
        )
        return [Section("", "", 2, placed)] if placed else []

    def form(self, action: str, draft: Draft, url: str, submit: str) -> FormView:
        """Return the form of an action."""
        page = self.page(action)
        return FormView(
            action=url,
            body=form_body(self.at, page, self.row.id, draft),
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
    work = at.tasks.get(task_id)
    model = at.catalog.objects.get(work.object)
    if model is None or work.record is None:
        return _Doing(at, work, _NO_RECORD, Row("", 0, work.label, {}))
    return _Doing(at, work, model, at.records.get(work.object, work.record.id))


@pages.get("/inbox/<task_id>")
def task_page(task_id: str) -> ResponseReturnValue:
    """Show a task with its record and its form."""
    doing = _doing(task_id)
    return _task_answer(doing, draft_of_record(doing.at, doing.layout("complete"), doing.row))


def _task_answer(doing: _Doing, draft: Draft) -> str:
    at, work = doing.at, doing.work
    item = task_item(at, work)
    offered = actions_of(at, work)
    decisions = tuple(one for one in offered if not one.direct)
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
        closed=closed,
    )
    crumbs = [(words("Inbox"), "/inbox")]
    return show("task.html", at, work.label, active="inbox", crumbs=crumbs, task=view)


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
    if doing.work.record:
        view = replace(view, help=f"{doing.work.label} · {doing.work.record.title}")
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
    if action in _NEEDS_COMMENT and not comment:
        draft.errors[COMMENT] = at.audience.words("needs a reason")
    answer = WorkAnswer(
        action,
        comment,
        draft.values,
        request.form.get("_rev", type=int),
        request.form.get("_key", ""),
    )
    show_again = _task_answer if whole_page else None
    if not draft.wrong:
        try:
            store_files(at, layout, draft)
            at.tasks.act(task_id, answer)
        except (InvalidError, ConflictError) as error:
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
