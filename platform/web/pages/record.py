"""A record's page: facts, sections, related lists, what waits, what happened, what can be done."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats.choices import option_labels
from trellis.formbuilder.formats.common import Subject, badge
from trellis.formbuilder.layout import field_label, object_label
from trellis.formbuilder.list_page import default_columns
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import Object
from trellis.web.pages.addresses import record_path, with_query
from trellis.web.pages.deadlines import shown_rows, shown_values
from trellis.web.pages.editing import conditions_of
from trellis.web.pages.frame import shaper
from trellis.web.pages.ports import Ask, ObjectRights, Row
from trellis.web.pages.timeline import timeline_of
from trellis.web.pages.views import Action, Head, RecordView, RelatedList
from trellis.web.pages.visit import Visit
from trellis.web.pages.work_views import open_task

_RELATED_ROWS = 5
_BUTTONS = 3
_RELATED_COLUMNS = 5
_TIMELINE = 60


def record_view(at: Visit, model: Object, row: Row) -> RecordView:
    """Return the page of a record."""
    rights = at.records.rights_on(model.key, row)
    page = shaper(at).record(model, rights)
    told = conditions_of(at, page.layout, row.id, {})
    unseen = frozenset(key for key, state in told.fields.items() if not state.visible)
    actions = list(transition_actions(at, model, row))
    url = record_path(model.key, row.id)
    values = shown_values(at, model.key, row)
    return RecordView(
        url=url,
        title=row.title or object_label(model, at.audience),
        badge=state_badge(at, model, row),
        body=Markup(page.body(values, at.now, told.hidden_sections, unseen)),  # noqa: S704
        subtitle=_subtitle(model, row),
        facts=tuple(page.facts(values, at.now)),
        actions=tuple(actions[:_BUTTONS]),
        more_actions=tuple(actions[_BUTTONS:]),
        edit_url=f"{url}/edit" if rights.update and not row.deleted else "",
        delete_url=f"{url}/delete" if rights.delete and not row.deleted else "",
        deleted=row.deleted,
        tasks=tuple(open_task(at, work) for work in at.tasks.of_record(model.key, row.id)),
        related=tuple(related_lists(at, model, row, rights)),
        timeline=timeline_of(at, model, at.records.happenings(model.key, row.id, _TIMELINE)),
        can_comment=model.comments and not row.deleted,
    )


def state_badge(at: Visit, model: Object, row: Row) -> Markup:
    """Return the state of a record as a badge, or nothing."""
    if model.lifecycle is None:
        return Markup("")
    subject = Subject(at.catalog, model, model.fields[model.lifecycle.field], at.audience)
    key = str(row.values.get(model.lifecycle.field) or "")
    known = option_labels(subject).get(key)
    return Markup("") if known is None else Markup(badge(*known))  # noqa: S704 - a badge escapes


def transition_actions(at: Visit, model: Object, row: Row) -> Iterator[Action]:
    """Yield the transitions the person may run now, the likely one first."""
    if model.lifecycle is None or row.deleted:
        return
    for place, key in enumerate(at.records.transitions(model.key, row)):
        one = model.lifecycle.transitions[key]
        label = one.label.text(at.audience.locale, humanise(key))
        url = record_path(model.key, row.id, "t", key)
        yield Action(key, label, url, primary=place == 0, danger=one.color == "red")


def _subtitle(model: Object, row: Row) -> str:
    """Return what a record is about when it is called by a number, or its number when not."""
    named = model.fields.get(model.title) if isinstance(model.title, str) else None
    wanted = (
        FieldType.TEXT if named is not None and named.type is FieldType.AUTO else FieldType.AUTO
    )
    for field in model.fields.values():
        if field.type is wanted and field.key != model.title:
            value = row.values.get(field.key)
            return "" if value is None or str(value) == row.title else str(value)
    return ""


def related_lists(
    at: Visit, model: Object, row: Row, rights: ObjectRights
) -> Iterator[RelatedList]:
    """Yield the first records of every object that refers to this record."""
    for field in model.fields.values():
        if field.type not in (FieldType.ROWS, FieldType.RELATED) or field.key in rights.hidden:
            continue
        other = at.catalog.objects.get(field.of or "")
        if other is not None and at.records.rights(other.key).read:
            yield _related_list(at, row, field, other)


def _related_list(at: Visit, row: Row, field: Field, other: Object) -> RelatedList:
    rights = at.records.rights(other.key)
    link = field.link or ""
    columns = [key for key in default_columns(other, rights.hidden) if key != link]
    made = shaper(at).list(other, tuple(columns[:_RELATED_COLUMNS]), selectable=False)
    page = at.records.page(
        other.key,
        Ask(
            fields=made.paths,
            linked=(link, row.id),
            # Rows that belong to the record stand as they were written, others newest first.
            sort=("id",) if field.type is FieldType.ROWS else (),
            limit=_RELATED_ROWS,
            count=True,
        ),
    )
    rows = made.rows(shown_rows(at, other.key, page.rows, made.paths), at.now)
    query = [(f"f.{link}", row.id), ("view", "all")]
    can_add = rights.create and field.type is FieldType.RELATED and not row.deleted
    return RelatedList(
        label=field_label(field, at.audience),
        heads=tuple(Head(column.label, column.numeric) for column in made.columns),
        rows=Markup(rows),  # noqa: S704 - joined from escaped cells
        count=page.total,
        new_url=with_query(f"/o/{other.key}/new", [(link, row.id)]) if can_add else "",
        all_url=with_query(f"/o/{other.key}", query) if page.next_cursor else "",
    )
