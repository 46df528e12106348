"""What people add to a record: comments with files; and what they look up while they write."""

from __future__ import annotations

from dataclasses import replace

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from trellis.engine.errors import InvalidError, NotFoundError
from trellis.formbuilder.layout import object_labels
from trellis.formbuilder.logic.needs import Behind
from trellis.formbuilder.logic.reach import can_follow
from trellis.formbuilder.posted import read_posted
from trellis.metadata.model.fields import TO_MANY_TYPES, TO_ONE_TYPES, Field
from trellis.metadata.model.objects import Object
from trellis.web.pages.addresses import record_path
from trellis.web.pages.blueprint import pages
from trellis.web.pages.editing import children_of, sent_files, sent_texts
from trellis.web.pages.frame import go, shaper, show, show_part
from trellis.web.pages.record import record_view
from trellis.web.pages.refusals import refusal_text
from trellis.web.pages.timeline import timeline_of
from trellis.web.pages.views import RecordView
from trellis.web.pages.visit import Visit, is_partial, visit

_ALL_HISTORY = 500
_MOST_PATHS, _MOST_BEHIND = 100, 200


@pages.post("/o/<object_key>/<record_id>/comments")
def add_comment(object_key: str, record_id: str) -> ResponseReturnValue:
    """Add a comment, and answer with the timeline."""
    at = visit()
    model = at.object(object_key)
    text = request.form.get("text", "").strip()
    files = list(sent_files("files"))
    problem = ""
    if text or files:
        try:
            at.records.comment(object_key, record_id, text, files)
        except InvalidError as error:
            problem = refusal_text(at.audience, error)
    else:
        problem = at.audience.words("Write something or attach a file.")
    if not is_partial() and not problem:
        return go(f"{record_path(object_key, record_id)}#activity")
    row = at.records.get(object_key, record_id)
    view = record_view(at, model, row)
    if problem:
        view = replace(view, comment_text=text, comment_error=problem)
    return _activity(at, object_key, view), 422 if problem else 200


def _activity(at: Visit, object_key: str, view: RecordView) -> str:
    if is_partial():
        return show_part("timeline.html", at, record=view)
    return show("record.html", at, view.title, active=object_key, record=view)


@pages.get("/o/<object_key>/<record_id>/history")
def record_history(object_key: str, record_id: str) -> ResponseReturnValue:
    """Show everything that happened to a record."""
    at = visit()
    model = at.object(object_key)
    row = at.records.get(object_key, record_id)
    entries = timeline_of(at, model, at.records.happenings(object_key, record_id, _ALL_HISTORY))
    crumbs = [
        (object_labels(model, at.audience), f"/o/{object_key}"),
        (row.title, record_path(object_key, record_id)),
    ]
    title = at.audience.words("Full history")
    return show("course.html", at, title, active=object_key, crumbs=crumbs, entries=entries)


@pages.post("/o/<object_key>/pick/<field_key>")
def pick(object_key: str, field_key: str) -> ResponseReturnValue:
    """Return records that a reference field may name, for the picker."""
    at = visit()
    model, _ = _reference(at, object_key, field_key)
    rights = at.records.rights(object_key)
    layout = shaper(at).layout(model, rights)
    posted = read_posted(
        layout.fields(), sent_texts(), at.audience, lambda one: children_of(at, one)
    )
    text = request.form.get("_query", "")[:200]
    found = at.records.pick(object_key, field_key, text, posted.values)
    return jsonify(items=[{"id": one.id, "title": one.title} for one in found])


@pages.get("/o/<object_key>/behind/<field_key>")
def behind(object_key: str, field_key: str) -> ResponseReturnValue:
    """Return what a form's expressions read of records that were just picked."""
    at = visit()
    _, field = _reference(at, object_key, field_key)
    paths = frozenset(tuple(one.split(".")) for one in request.args.getlist("path")[:_MOST_PATHS])
    follows = all(can_follow(at.catalog, at.sees, field.to or "", path) for path in paths)
    if not at.sees(object_key, field_key) or not follows:
        raise NotFoundError("page")
    ids = request.args.getlist("id")[:_MOST_BEHIND]
    return jsonify(at.records.behind(Behind(object_key, field_key, paths), ids))


def _reference(at: Visit, object_key: str, field_key: str) -> tuple[Object, Field]:
    """Return a field that names records; NotFoundError for any other, or a hidden one."""
    model = at.catalog.objects.get(object_key)
    field = model.fields.get(field_key) if model is not None else None
    if model is None or field is None or field_key in at.records.rights(object_key).hidden:
        raise NotFoundError("page")
    if field.type not in TO_ONE_TYPES | TO_MANY_TYPES:
        raise NotFoundError("page")
    return model, field
