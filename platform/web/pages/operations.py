"""The pages of jobs and of history, for those who operate a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.engine.errors import ForbiddenError
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats.common import person
from trellis.formbuilder.formats.times import moment
from trellis.metadata.model.access import Capability
from trellis.web.pages.addresses import with_query
from trellis.web.pages.admin_ports import JobRow, Trace
from trellis.web.pages.blueprint import pages
from trellis.web.pages.frame import go, show, tell
from trellis.web.pages.views import Action, ViewTab
from trellis.web.pages.visit import Visit, visit


def stop_without(at: Visit, capability: Capability) -> None:
    """Raise ForbiddenError unless the person has an administrative right."""
    if capability not in at.person.capabilities:
        raise ForbiddenError("FORBIDDEN", f"this needs the right `{capability}`")


def when(at: Visit, value: datetime | None) -> Markup:
    """Return a moment, relative and exact; nothing for none."""
    if value is None:
        return Markup("")
    return Markup(moment(value, at.now, at.audience))  # noqa: S704 - our own tag


@dataclass(frozen=True)
class JobItem:
    """A job in the list."""

    id: str
    kind: str
    state: str
    due: Markup
    attempts: int
    error: str
    can_retry: bool


@dataclass(frozen=True)
class JobsView:
    """The page of jobs."""

    summary: str
    tabs: tuple[ViewTab, ...]
    list: tuple[JobItem, ...]


#: What jobs do, by their kind.
KIND_WORDS = {
    "flow.timer": "Timer of a flow",
    "flow.due": "Reminder of late work",
    "flow.sla": "What follows late work",
    "flow.retry": "Flow that stopped",
    "history.seal": "Sealing of the history",
    "clock.point": "Next point of a clock",
    "clock.check": "Clock that cannot run",
    "clock.calendar": "Clocks of a calendar that changed",
    "people.left": "Hand-over of somebody who left",
    "delegation.begin": "Beginning of a delegation",
    "delegation.end": "End of a delegation",
}
ACTION_WORDS = {
    "sign_in": "Signed in",
    "password_change": "Password changed",
    "roles_change": "Roles changed",
    "refused_write": "Write refused",
    "token_create": "Token created",
    "token_revoke": "Token revoked",
    "delegate": "Delegation made",
    "revoke_delegation": "Delegation ended",
    "hand_over": "Work handed over",
    "create": "Created",
    "transition": "Moved",
    "enter": "Began",
    "exit": "Left",
    "assign": "Assigned",
    "due": "Overdue",
    "wait": "Withdrawn or given back",
}
RESULT_WORDS = {"done": "done", "refused": "refused", "cancelled": "cancelled"}
JOB_WORDS = {"ready": "Waiting", "leased": "Running", "incident": "Failed", "done": "Finished"}


@pages.get("/admin/jobs")
def jobs_page() -> ResponseReturnValue:
    """Show the job queue."""
    at = visit()
    stop_without(at, Capability.JOBS)
    words, counts = at.audience.words, at.admin.jobs.counts()
    state = request.args.get("state", "incident" if counts.get("incident") else "ready")
    state = state if state in JOB_WORDS else "ready"
    tabs = tuple(
        ViewTab(f"{words(label)} {counts.get(key, 0):,}", f"/admin/jobs?state={key}", key == state)
        for key, label in JOB_WORDS.items()
    )
    items = tuple(_job_item(at, one) for one in at.admin.jobs.list(state, 200))
    failed = counts.get("incident", 0)
    summary = words("%(number)s need a person.") % {"number": failed} if failed else ""
    view = JobsView(summary, tabs, items)
    return show("jobs.html", at, words("Jobs"), active="jobs", jobs=view)


def _job_item(at: Visit, job: JobRow) -> JobItem:
    words = at.audience.words
    kind = words(KIND_WORDS.get(job.kind, humanise(job.kind)))
    state = words(JOB_WORDS.get(job.state, "Waiting"))
    return JobItem(job.id, kind, state, when(at, job.due), job.attempts, job.error, job.can_retry)


@pages.post("/admin/jobs/<job_id>/retry")
def retry_job(job_id: str) -> ResponseReturnValue:
    """Run a failed job again."""
    at = visit()
    stop_without(at, Capability.JOBS)
    at.admin.jobs.retry(job_id)
    tell(at.audience.words("It will run again."))
    return go("/admin/jobs")


@dataclass(frozen=True)
class HistoryView:
    """The page of the audit and of the event log."""

    summary: str
    tabs: tuple[ViewTab, ...]
    exports: tuple[Action, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[Markup | str, ...], ...]
    next_url: str


HEAD_WORDS = ("What", "When", "Who", "About", "Outcome", "More")
_LOG_ROWS = 100


@pages.get("/admin/history")
def history_page() -> ResponseReturnValue:
    """Show the audit or the event log."""
    at = visit()
    stop_without(at, Capability.AUDIT)
    words = at.audience.words
    log = "events" if request.args.get("log") == "events" else "audit"
    read = at.admin.trail.events if log == "events" else at.admin.trail.audit
    traces, following = read(_LOG_ROWS, request.args.get("before", ""))
    labels = {"audit": words("Access and administration"), "events": words("Event log")}
    view = HistoryView(
        summary="",
        tabs=tuple(
            ViewTab(label, f"/admin/history?log={key}", key == log) for key, label in labels.items()
        ),
        exports=tuple(
            Action(kind, kind.upper(), f"/admin/history/events.{kind}") for kind in ("csv", "xes")
        )
        if log == "events"
        else (),
        heads=tuple(words(head) for head in HEAD_WORDS),
        rows=tuple(_trace_row(at, trace) for trace in traces),
        next_url=with_query("/admin/history", [("log", log), ("before", following)])
        if following
        else "",
    )
    return show("history.html", at, words("History and log"), active="history", history=view)


def _trace_row(at: Visit, trace: Trace) -> tuple[Markup | str, ...]:
    about: Markup | str = trace.about
    if trace.url and trace.about:
        about = Markup('<a href="{}">{}</a>').format(trace.url, trace.about)
    who = Markup(person(trace.who)) if trace.who else at.audience.words("the platform")  # noqa: S704
    words = at.audience.words
    what = words(ACTION_WORDS.get(trace.kind, trace.kind))
    outcome = words(RESULT_WORDS.get(trace.outcome, trace.outcome))
    shown = f"{what}: {trace.what}" if trace.what else what
    return (shown, when(at, trace.at), who, about, outcome, trace.more)
