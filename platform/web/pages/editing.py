"""The forms that write records: new, edit, a transition, a confirmation; and what they send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import request
from markupsafe import Markup
from trellis.engine.errors import ConflictError, EngineError
from trellis.formbuilder.form_page import FormPage
from trellis.formbuilder.form_state import FormState
from trellis.formbuilder.form_values import form_value, form_values
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.layout import Layout, Placed, child_columns, field_label, field_of
from trellis.formbuilder.logic.needs import Needs
from trellis.formbuilder.logic.script import logic_script
from trellis.formbuilder.posted import Posted, Sent, read_posted, settle_search
from trellis.formbuilder.settled import settled
from trellis.formbuilder.shown import same_input
from trellis.formbuilder.values import Reference
from trellis.formbuilder.widgets.common import FormValue, Picked, PickedMany, RowList
from trellis.metadata.model.fields import FILE_TYPES, Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.web.pages.ports import Ask, FormConditions, NewFile, Row
from trellis.web.pages.refusals import detail_text, refusal_text
from trellis.web.pages.views import Clash
from trellis.web.pages.visit import Visit

_FILES = FILE_TYPES | {FieldType.FILES}
_MOST_ROWS = 200
_MOST_STRANGE = 20


@dataclass
class Draft:
    """A form being filled in: what it shows, what it would write, what is wrong with it."""

    values: dict[str, object] = field(default_factory=dict)
    shown: dict[str, FormValue] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    orphans: tuple[str, ...] = ()
    conflict: tuple[Clash, ...] = ()

    @property
    def wrong(self) -> bool:
        """Tell whether something is wrong already, before the engine was asked."""
        return bool(self.errors or self.orphans)


def sent_texts() -> Sent:
    """Return every text of the posted form by name."""
    return {name: request.form.getlist(name) for name in request.form}


def children_of(at: Visit, row_field: Field) -> Sequence[Placed]:
    """Return the fields of a child row as a form shows them."""
    return child_columns(at.catalog, row_field, at.audience)


def draft_of_record(at: Visit, layout: Layout, row: Row) -> Draft:
    """Return the form as the record fills it."""
    placed = layout.fields()
    shown = form_values(placed, row.values, at.audience)
    for one in placed:
        if one.field.type is FieldType.ROWS:
            shown[one.key] = _rows_of(at, one.field, row)
    return Draft(shown=shown)


def draft_of_values(at: Visit, layout: Layout, values: Mapping[str, object]) -> Draft:
    """Return the form of a new record that begins with `values`."""
    typed = {key: _plain(value) for key, value in values.items()}
    return Draft(typed, form_values(layout.fields(), values, at.audience))


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.id if isinstance(value, Reference) else value


def _rows_of(at: Visit, row_field: Field, row: Row) -> RowList:
    columns = children_of(at, row_field)
    ask = Ask(
        fields=tuple(one.key for one in columns),
        linked=(row_field.link or "", row.id),
        sort=("created_at",),
        limit=_MOST_ROWS,
    )
    page = at.records.page(row_field.of or "", ask)
    return RowList(
        tuple(
            (
                child.id,
                {
                    one.key: form_value(one.field, child.values.get(one.key), at.audience)
                    for one in columns
                },
            )
            for child in page.rows
        )
    )


def draft_of_posted(at: Visit, layout: Layout, before: Draft) -> Draft:
    """Return the form as it was sent; fields it did not send keep what `before` shows."""
    placed = layout.fields()
    posted = read_posted(placed, sent_texts(), at.audience, lambda one: children_of(at, one))
    _look_up(at, layout.model, posted)
    draft = Draft(posted.values, {**before.shown, **posted.shown}, posted.errors)
    told = at.audience.words("`%(name)s` is no field of this form")
    strange = (*posted.strange, *_strange_files(placed))
    draft.orphans = tuple(told % {"name": name[:80]} for name in strange[:_MOST_STRANGE])
    _keep_titles(at, placed, draft)
    return draft


def _strange_files(placed: Sequence[Placed]) -> Iterator[str]:
    """Yield the names of files that no field of the form takes."""
    taking = {one.key for one in placed if one.field.type in _FILES and one.readonly is not True}
    return (name for name in request.files if name not in taking)


def _look_up(at: Visit, model: Object, posted: Posted) -> None:
    """Find the records whose titles were typed instead of picked."""
    for search in posted.searches:
        parent, _, rest = search.name.partition(".")
        owner, key = model, search.name
        if rest:
            owner = at.catalog.objects[model.fields[parent].of or ""]
            key = rest.partition(".")[2]
        found = at.records.pick(owner.key, key, search.text, posted.values)
        settle_search(posted, search, found, at.audience.words)


def _keep_titles(at: Visit, placed: Sequence[Placed], draft: Draft) -> None:
    """Name the records of pickers that hold several; the form sends their ids only."""
    for one in placed:
        held = draft.shown.get(one.key)
        chosen = getattr(held, "chosen", None)
        if isinstance(chosen, tuple) and chosen and one.field.to is not None:
            titles = at.records.titles(one.field.to, [item.id for item in chosen])
            named = tuple(replace(item, title=titles.get(item.id, item.title)) for item in chosen)
            draft.shown[one.key] = replace(held, chosen=named)  # type: ignore[type-var]


def store_files(at: Visit, layout: Layout, draft: Draft) -> None:
    """Store the files that were sent and enter their ids; ticked ones are let go."""
    for one in layout.fields():
        if one.field.type not in _FILES or one.readonly is True:
            continue
        new = [at.records.store(file, one.field) for file in sent_files(one.key)]
        removed = set(request.form.getlist(f"{one.key}.remove"))
        kept = [held for held in request.form.getlist(f"{one.key}.held") if held not in removed]
        if not new and not removed:
            continue
        if one.field.type is FieldType.FILES:
            draft.values[one.key] = [*kept, *new]
        else:
            draft.values[one.key] = new[0] if new else None


def sent_files(name: str) -> Iterator[NewFile]:
    """Yield the files sent under `name`; an empty file input sends one without a name."""
    for upload in request.files.getlist(name):
        if upload.filename:
            yield NewFile(upload.filename, upload.read(), upload.mimetype)


def form_body(at: Visit, page: FormPage, record_id: str, draft: Draft) -> Markup:
    """Return the inputs of a form, with its conditions decided for what it holds now."""
    told = conditions_of(at, page.layout, record_id, draft.values)
    state = FormState(draft.shown, told.fields, draft.errors, told.hidden_sections)
    script = ""
    if page.logic is not None:
        needs = page.logic.needs
        known = at.records.known(needs, record_id, _held_records(needs, draft.shown))
        script = logic_script(page.logic, known)
    return Markup(page.body(state) + script)  # noqa: S704 - joined from escaped inputs


def _held_records(needs: Needs, shown: Mapping[str, FormValue]) -> Mapping[str, Sequence[str]]:
    """Return the records that a form's inputs name and that its expressions look into."""
    found: dict[str, list[str]] = {}
    for name in needs.behind:
        key, _, column = name.partition(".")
        held = shown.get(key)
        cells = (
            [values.get(column) for _, values in held.rows] if isinstance(held, RowList) else [held]
        )
        ids = [one for cell in cells for one in _ids_in(cell)]
        if ids:
            found[name] = ids
    return found


def _ids_in(held: FormValue) -> Iterator[str]:
    if isinstance(held, Picked) and held.chosen is not None:
        yield held.chosen.id
    elif isinstance(held, PickedMany):
        yield from (one.id for one in held.chosen)


def conditions_of(
    at: Visit, layout: Layout, record_id: str, values: Mapping[str, object]
) -> FormConditions:
    """Return the conditions of a form; most forms have none and cost nothing."""
    if not layout.conditional:
        return FormConditions()
    return at.records.conditions(layout, record_id, values)


def enter_refusal(
    at: Visit, layout: Layout, draft: Draft, before: Draft, error: EngineError
) -> None:
    """Put what the engine refused beside the fields it names; the rest above the form."""
    if isinstance(error, ConflictError) and error.code == "REV_CONFLICT":
        draft.conflict = tuple(_clashes(at, layout.model, draft, before))
        return
    shown = {one.key for one in layout.fields()}
    orphans = []
    for detail in error.details:
        name, message = str(detail.get("field") or ""), detail_text(at.audience, detail)
        if name.partition(".")[0] in shown:
            draft.errors.setdefault(name, message)
        else:
            known = field_of(layout.model, name)
            orphans.append(f"{field_label(known, at.audience)}: {message}" if known else message)
    draft.orphans = tuple(orphans)
    if not error.details:
        draft.problem = refusal_text(at.audience, error)


def _clashes(at: Visit, model: Object, draft: Draft, before: Draft) -> Iterator[Clash]:
    """Yield the fields whose input differs from what is stored by now (`before`)."""
    for key in draft.values:
        known = field_of(model, key)
        theirs = before.shown.get(key)
        if known is None or same_input(draft.shown.get(key), theirs):
            continue
        say = settled(Subject(at.catalog, model, known, at.audience))
        label = field_label(known, at.audience)
        yield Clash(label, say(draft.shown.get(key, "")), say(theirs or ""))


def summary(at: Visit, draft: Draft) -> str:
    """Return the sentence above a form with mistakes."""
    if draft.problem:
        return draft.problem
    number = len(draft.errors) + len(draft.orphans)
    if number == 0:
        return ""
    if number == 1:
        return at.audience.words("One field needs attention.")
    return at.audience.words("%(number)s fields need attention.") % {"number": number}
