"""Addresses of records: list, record, new, edit, and what re-renders a form in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.engine.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    PreconditionError,
    problem,
)
from trellis.formbuilder.form_page import FormPage
from trellis.formbuilder.layout import object_label, object_labels
from trellis.formbuilder.paths import follow
from trellis.formbuilder.shown import same_input
from trellis.formbuilder.values import Reference
from trellis.metadata.model.fields import TO_ONE_TYPES
from trellis.metadata.model.objects import Object
from trellis.web.pages.addresses import record_path
from trellis.web.pages.blueprint import pages
from trellis.web.pages.checking import complete_mistakes
from trellis.web.pages.columns import COLUMN
from trellis.web.pages.editing import (
    Draft,
    draft_of_posted,
    draft_of_record,
    draft_of_values,
    enter_refusal,
    form_body,
    store_files,
    summary,
)
from trellis.web.pages.frame import go, shaper, show, show_part, tell
from trellis.web.pages.lists import list_view
from trellis.web.pages.ports import Ask, Row
from trellis.web.pages.record import record_view
from trellis.web.pages.views import FormView
from trellis.web.pages.visit import Visit, is_partial, site, visit


@pages.get("/o/<object_key>")
def list_page(object_key: str) -> ResponseReturnValue:
    """Show the list of an object, or only its rows to a script."""
    at = visit()
    model = at.object(object_key)
    if model.singleton:
        return go(_only_record(at, object_key))
    view, active = list_view(at, model)
    if is_partial():
        return show_part("list_part.html", at, list=view)
    return show("list.html", at, object_labels(model, at.audience), active=active, list=view)


@pages.post("/o/<object_key>/columns")
def keep_columns(object_key: str) -> ResponseReturnValue:
    """Keep the columns that a person wants in an object's lists, or the usual ones again."""
    at = visit()
    model = at.object(object_key)
    chosen = [] if "usual" in request.form else request.form.getlist(COLUMN)
    strange = [path for path in chosen if follow(at.catalog, model, path, at.audience) is None]
    if strange:
        raise InvalidError([problem(path[:80], "UNKNOWN_FIELD", "is no field") for path in strange])
    at.account.keep_columns(model.key, chosen)
    return go(request.form.get("back", f"/o/{object_key}"))


def _only_record(at: Visit, object_key: str) -> str:
    """Return the address of an object's one record, or of the form that makes it."""
    rows = at.records.page(object_key, Ask(fields=("id",), limit=1)).rows
    return record_path(object_key, rows[0].id) if rows else f"/o/{object_key}/new"


@pages.get("/o/<object_key>/<record_id>")
def record_page(object_key: str, record_id: str) -> ResponseReturnValue:
    """Show a record."""
    at = visit()
    model = at.object(object_key)
    row = at.records.get(object_key, record_id)
    view = record_view(at, model, row)
    return show(
        "record.html",
        at,
        view.title,
        active=object_key,
        crumbs=[_list_crumb(at, model)],
        record=view,
    )


def _list_crumb(at: Visit, model: Object) -> tuple[str, str]:
    return object_labels(model, at.audience), f"/o/{model.key}"


@dataclass(frozen=True)
class _Editor:
    """The form of one record, new (`row` is None) or existing."""

    at: Visit
    model: Object
    row: Row | None

    @cached_property
    def page(self) -> FormPage:
        """Return the compiled form."""
        rights = self.at.records.rights(self.model.key)
        made = shaper(self.at)
        return made.form(self.model, rights) if self.row else made.new_form(self.model, rights)

    @property
    def record_id(self) -> str:
        """Return the record's id, or nothing for a new one."""
        return self.row.id if self.row is not None else ""

    def before(self) -> Draft:
        """Return the form before anybody typed."""
        if self.row is not None:
            return draft_of_record(self.at, self.page.layout, self.row)
        return draft_of_values(self.at, self.page.layout, self._first_values())

    def _first_values(self) -> Mapping[str, object]:
        """Return defaults, and the record that a related list names in the address."""
        values = dict(self.at.records.defaults(self.model.key))
        for field in self.model.fields.values():
            given = request.args.get(field.key, "")
            if given and field.type in TO_ONE_TYPES and field.to is not None:
                titles = self.at.records.titles(field.to, [given])
                if given in titles:
                    values[field.key] = Reference(given, titles[given])
        return values

    def body(self, draft: Draft) -> Markup:
        """Return the inputs."""
        return form_body(self.at, self.page, self.record_id, draft)

    def show(self, draft: Draft, status: int = 200) -> ResponseReturnValue:
        """Return the whole page of the form."""
        at, model, row = self.at, self.model, self.row
        words, label = at.audience.words, object_label(model, at.audience)
        base = f"/o/{model.key}"
        crumbs = [_list_crumb(at, model)]
        if row is not None:
            title = words("Edit %(label)s") % {"label": row.title or label}
            action, cancel = (
                f"{record_path(model.key, row.id)}/edit",
                record_path(model.key, row.id),
            )
            crumbs.append((row.title or label, cancel))
        else:
            title = words("New %(label)s") % {"label": label}
            action, cancel = f"{base}/new", base
        # A script that decides alone asks too, where it meets a record it may not know.
        asks = self.page.watched or self.page.logic is not None
        live = f"{base}/form?id={self.record_id}" if asks else ""
        view = FormView(
            action=action,
            body=self.body(draft),
            submit=words("Save"),
            cancel_url=cancel,
            request_key=site().new_id(),
            rev=row.rev if row is not None else None,
            live_url=live,
            again=row is None,
            errors=bool(draft.errors),
            problem=summary(at, draft),
            orphans=draft.orphans,
            conflict=draft.conflict,
        )
        return show("form.html", at, title, active=model.key, crumbs=crumbs, form=view), status

    def save(self, write: Callable[[Draft], str]) -> ResponseReturnValue:
        """Write what was sent; show it again beside what is wrong with it."""
        before = self.before()
        draft = draft_of_posted(self.at, self.page.layout, before)
        if "_add" in request.form:
            return self.show(draft)
        complete_mistakes(self.at, self.page.layout, self.record_id, draft)
        if draft.wrong:
            return self.show(draft, 422)
        try:
            store_files(self.at, self.page.layout, draft)
            record_id = write(draft)
        except (InvalidError, ConflictError, PreconditionError) as error:
            enter_refusal(self.at, self.page.layout, draft, before, error)
            return self.show(draft, 409 if isinstance(error, ConflictError) else 422)
        return self._saved(record_id)

    def _saved(self, record_id: str) -> ResponseReturnValue:
        words = self.at.audience.words
        if request.form.get("_do") == "again":
            tell(words("Saved. Here is the next one."))
            return go(f"/o/{self.model.key}/new")
        tell(words("Saved."))
        return go(record_path(self.model.key, record_id))


def _editor(object_key: str, record_id: str = "") -> _Editor:
    at = visit()
    model = at.object(object_key)
    return _Editor(at, model, at.records.get(object_key, record_id) if record_id else None)


def _stop_without_right(editor: _Editor) -> None:
    """Raise ForbiddenError for a form that could not be saved: whoever comes by an address."""
    records, key = editor.at.records, editor.model.key
    if editor.row is None and not records.rights(key).create:
        raise ForbiddenError("FORBIDDEN", "your role may not create such a record")
    if editor.row is not None and not records.rights_on(key, editor.row).update:
        raise ForbiddenError("FORBIDDEN", "you may not change this record now")


@pages.get("/o/<object_key>/new")
def new_page(object_key: str) -> ResponseReturnValue:
    """Show the form of a new record."""
    editor = _editor(object_key)
    _stop_without_right(editor)
    return editor.show(editor.before())


@pages.post("/o/<object_key>/new")
def create_record(object_key: str) -> ResponseReturnValue:
    """Create a record."""
    editor = _editor(object_key)
    return editor.save(lambda draft: editor.at.records.create(object_key, _filled(draft.values)))


@pages.get("/o/<object_key>/<record_id>/edit")
def edit_page(object_key: str, record_id: str) -> ResponseReturnValue:
    """Show the form of a record."""
    editor = _editor(object_key, record_id)
    _stop_without_right(editor)
    return editor.show(editor.before())


@pages.post("/o/<object_key>/<record_id>/edit")
def update_record(object_key: str, record_id: str) -> ResponseReturnValue:
    """Change a record."""
    editor = _editor(object_key, record_id)

    def write(draft: Draft) -> str:
        rev = request.form.get("_rev", type=int)
        changed = _changed(draft, editor.before())
        if changed and editor.row is not None:
            editor.at.records.update(object_key, record_id, changed, rev or 0)
        return record_id

    return editor.save(write)


def _filled(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a new record without those left blank, which take their defaults."""
    return {key: value for key, value in values.items() if value is not None and value != []}


def _changed(draft: Draft, before: Draft) -> dict[str, object]:
    """Return the values whose inputs differ from what the record holds now."""
    files = _sent_files()
    return {
        key: value
        for key, value in draft.values.items()
        if key in files
        or key not in before.shown
        or not same_input(draft.shown.get(key), before.shown[key])
    }


def _sent_files() -> frozenset[str]:
    removed = {name.removesuffix(".remove") for name in request.form if name.endswith(".remove")}
    return frozenset(removed.union(name for name in request.files if request.files[name].filename))


@pages.post("/o/<object_key>/form")
def live_form(object_key: str) -> ResponseReturnValue:
    """Return the inputs again with their conditions decided for what is typed; writes nothing."""
    editor = _editor(object_key, request.args.get("id", ""))
    draft = draft_of_posted(editor.at, editor.page.layout, editor.before())
    # Nobody is told off for what they have not finished typing.
    draft.errors = {}
    return editor.body(draft)
