"""Forms that do something with a record: a transition, deleting, restoring."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.engine.errors import (
    ConflictError,
    EngineError,
    InvalidError,
    NotFoundError,
)
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.form_page import FormPage
from trellis.formbuilder.layout import (
    Layout,
    Placed,
    Section,
    field_label,
    object_labels,
)
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import Object, Transition
from trellis.web.pages.addresses import record_path
from trellis.web.pages.blueprint import pages
from trellis.web.pages.checking import complete_mistakes
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
from trellis.web.pages.ports import ObjectRights, Row
from trellis.web.pages.refusals import refusal_text
from trellis.web.pages.views import FormView
from trellis.web.pages.visit import Visit, is_partial, site, visit

COMMENT = "_comment"


@dataclass(frozen=True)
class _Act:
    """A transition of a record, with its form."""

    at: Visit
    model: Object
    row: Row
    transition: Transition

    @property
    def label(self) -> str:
        """Return what the transition is called."""
        return self.transition.label.text(self.at.audience.locale, humanise(self.transition.key))

    @property
    def page(self) -> FormPage:
        """Return the compiled form: fields required, fields offered, the comment."""
        rights = self.at.records.rights(self.model.key)
        layout = transition_layout(self.at, self.model, self.transition, rights)
        return shaper(self.at).form_over(
            layout, "transition", self.model.key, self.transition.key, rights.hidden
        )

    def show(self, draft: Draft, status: int = 200) -> ResponseReturnValue:
        """Return the form as a dialog or as a page."""
        at, one, words = self.at, self.transition, self.at.audience.words
        address = record_path(self.model.key, self.row.id)
        body = form_body(at, self.page, self.row.id, draft)
        ask = one.confirm.text(at.audience.locale)
        view = FormView(
            action=f"{address}/t/{one.key}",
            body=body,
            submit=self.label,
            cancel_url=address,
            request_key=site().new_id(),
            rev=self.row.rev,
            help=ask or ("" if body else words("Nothing more is needed.")),
            errors=bool(draft.errors),
            danger=one.color == "red",
            problem=summary(at, draft)
            or _conflict_text(draft, words("Somebody saved this record meanwhile.")),
            orphans=draft.orphans,
        )
        return _form_answer(at, self.model, self.row, self.label, view), status


def _conflict_text(draft: Draft, text: str) -> str:
    return text if draft.conflict else ""


def _form_answer(at: Visit, model: Object, row: Row, title: str, view: FormView) -> str:
    if is_partial():
        return show_part("dialog.html", at, title, form=view)
    crumbs = [
        (object_labels(model, at.audience), f"/o/{model.key}"),
        (row.title, record_path(model.key, row.id)),
    ]
    return show("form.html", at, title, active=model.key, crumbs=crumbs, form=view)


def transition_layout(at: Visit, model: Object, one: Transition, rights: ObjectRights) -> Layout:
    """Return the fields a transition asks for, and room for a comment."""
    placed = [
        _asked(at, model.fields[key], required=key in one.require)
        for key in dict.fromkeys((*one.require, *one.fields))
        if key in model.fields and key not in rights.hidden
    ]
    if one.comment != "none":
        placed.append(_comment_field(at, one))
    sections = (Section("", "", 2, tuple(placed)),) if placed else ()
    return Layout(model, sections)


def _asked(at: Visit, field: Field, *, required: bool) -> Placed:
    asked = replace(field, required=required or field.required, visible=None)
    wide = field.type in (FieldType.TEXT_LONG, FieldType.TEXT_RICH, FieldType.ROWS)
    help_text = field.help.text(at.audience.locale)
    return Placed(
        asked, field_label(field, at.audience), help_text, 2 if wide else 1, readonly=False
    )


def _comment_field(at: Visit, one: Transition) -> Placed:
    required = one.comment == "required"
    field = Field(COMMENT, FieldType.TEXT_LONG, one.location, required=required)
    return Placed(field, at.audience.words("Comment"), "", 2, readonly=False)


def _act(object_key: str, record_id: str, name: str) -> _Act:
    at = visit()
    model = at.object(object_key)
    row = at.records.get(object_key, record_id)
    known = model.lifecycle.transitions.get(name) if model.lifecycle is not None else None
    if known is None or name not in at.records.transitions(object_key, row):
        raise NotFoundError("step")
    return _Act(at, model, row, known)


@pages.get("/o/<object_key>/<record_id>/t/<name>")
def transition_page(object_key: str, record_id: str, name: str) -> ResponseReturnValue:
    """Show the form of a transition."""
    act = _act(object_key, record_id, name)
    return act.show(draft_of_record(act.at, act.page.layout, act.row))


@pages.post("/o/<object_key>/<record_id>/t/<name>")
def run_transition(object_key: str, record_id: str, name: str) -> ResponseReturnValue:
    """Run a transition with its fields and comment."""
    act = _act(object_key, record_id, name)
    layout = act.page.layout
    before = draft_of_record(act.at, layout, act.row)
    draft = draft_of_posted(act.at, layout, before)
    complete_mistakes(act.at, layout, record_id, draft)
    if draft.wrong:
        return act.show(draft, 422)
    comment = str(draft.values.pop(COMMENT, None) or "")
    try:
        store_files(act.at, layout, draft)
        rev = request.form.get("_rev", type=int)
        act.at.records.transition(object_key, record_id, name, draft.values, comment, rev)
    except (InvalidError, ConflictError) as error:
        enter_refusal(act.at, layout, draft, before, error)
        return act.show(draft, 409 if isinstance(error, ConflictError) else 422)
    tell(act.at.audience.words("Done: %(what)s") % {"what": act.label})
    return go(record_path(object_key, record_id))


@pages.get("/o/<object_key>/<record_id>/delete")
def delete_page(object_key: str, record_id: str) -> ResponseReturnValue:
    """Ask before deleting."""
    at = visit()
    model = at.object(object_key)
    return _delete_answer(at, model, at.records.get(object_key, record_id), "")


def _delete_answer(at: Visit, model: Object, row: Row, problem: str) -> str:
    words = at.audience.words
    view = FormView(
        action=f"{record_path(model.key, row.id)}/delete",
        body=Markup(""),
        submit=words("Delete"),
        cancel_url=record_path(model.key, row.id),
        rev=row.rev,
        help=words("It disappears from lists; an administrator can restore it."),
        danger=True,
        problem=problem,
    )
    title = words("Delete %(title)s?") % {"title": row.title}
    return _form_answer(at, model, row, title, view)


@pages.post("/o/<object_key>/<record_id>/delete")
def delete_record(object_key: str, record_id: str) -> ResponseReturnValue:
    """Delete a record."""
    at = visit()
    model = at.object(object_key)
    row = at.records.get(object_key, record_id)
    try:
        at.records.delete(object_key, record_id, request.form.get("_rev", type=int))
    except (InvalidError, ConflictError) as error:
        return _delete_answer(at, model, row, refusal_text(at.audience, error)), 409
    tell(at.audience.words("Deleted."))
    return go(f"/o/{object_key}")


@pages.post("/o/<object_key>/bulk")
def bulk(object_key: str) -> ResponseReturnValue:
    """Do one thing with every ticked record; each stands for itself."""
    at = visit()
    at.object(object_key)
    chosen = request.form.getlist("id")[:200]
    name, words = request.form.get("transition", ""), at.audience.words
    refused: list[str] = []
    for record_id in chosen:
        try:
            if name:
                at.records.transition(object_key, record_id, name, {}, "", None)
            else:
                at.records.delete(object_key, record_id, None)
        except EngineError as error:
            refused.append(refusal_text(at.audience, error))
    done = len(chosen) - len(refused)
    if done:
        tell(words("%(number)s records done.") % {"number": done})
    for text in dict.fromkeys(refused):
        tell(
            words("%(number)s refused: %(why)s") % {"number": refused.count(text), "why": text},
            "bad",
        )
    return go(request.form.get("back", f"/o/{object_key}"))
