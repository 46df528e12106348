"""What happened to a record or in a flow, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats import detail_format
from trellis.formbuilder.formats.common import Subject, initials
from trellis.formbuilder.formats.files import file_link
from trellis.formbuilder.formats.times import moment
from trellis.formbuilder.layout import field_label, field_of
from trellis.formbuilder.values import Reference
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.web.pages.ports import FieldChange, Happening
from trellis.web.pages.views import Change, Entry
from trellis.web.pages.visit import Visit

_VERB_WORDS: Mapping[str, str] = {
    "create": "created this",
    "update": "changed",
    "delete": "deleted this",
    "restore": "restored this",
    "comment": "commented",
    "task": "finished a task",
    "approve": "approved",
    "reject": "rejected",
    "claim": "took over",
    "start": "started the flow",
    "transfer": "handed over",
    "wait": "gave back",
    "due": "overdue:",
    "lapse": "no longer needed:",
    "done": "finished",
    "complete": "finished",
    "abstain": "abstained",
    "return": "returned",
    "assist": "asked for an opinion:",
    "add_before": "added people before:",
    "add_after": "approved and added people after:",
    "add_parallel": "added people beside:",
    "remove_added": "took added people away:",
    "take_back": "took back",
    "cc": "gave a copy:",
    "ask": "asked about",
    "reply": "answered",
    "withdraw": "withdrew it",
    "urge": "urged:",
    "reassign": "reassigned",
    "skip": "skipped",
    "force": "decided as an administrator:",
    "jump": "led on from",
    "suspend": "suspended it",
    "resume": "resumed it",
    "cancel": "cancelled it",
    "change_due": "changed when it is due:",
    "replay": "all steps are done again, up to",
}
_ICONS: Mapping[str, str] = {
    "create": "plus",
    "delete": "trash",
    "flow": "flow",
    "comment": "comment",
}
_MOST_CHANGES = 12
_LONG = 160


def timeline_of(
    at: Visit, model: Object | None, happenings: Sequence[Happening]
) -> tuple[Entry, ...]:
    """Return the entries of a timeline."""
    return tuple(_entry(at, model, one) for one in happenings)


def _entry(at: Visit, model: Object | None, one: Happening) -> Entry:
    changes = tuple(_changes(at, model, one)) if model is not None else ()
    return Entry(
        text=_sentence(at, model, one),
        when=Markup(moment(one.at, at.now, at.audience)),  # noqa: S704 - our own tag
        icon=_ICONS.get(one.kind, "flow"),
        person=one.person,
        initials=initials(one.person) if one.person else "",
        shade=sum(map(ord, one.person)) % 8,
        changes=changes,
        said=one.text,
        files=Markup("".join(file_link(stored) for stored in one.files)),  # noqa: S704 - escaped
    )


def _sentence(at: Visit, model: Object | None, one: Happening) -> str:
    words = at.audience.words
    if one.kind == "transition" and model is not None and model.lifecycle is not None:
        known = model.lifecycle.transitions.get(one.what)
        label = known.label.text(at.audience.locale, humanise(one.what)) if known else one.what
        return f"“{label}”"
    verb = words(_VERB_WORDS[one.kind]) if one.kind in _VERB_WORDS else ""
    return f"{verb} “{one.what}”".strip() if one.what else verb


def _changes(at: Visit, model: Object, one: Happening) -> Iterator[Change]:
    if one.kind == "create":
        return
    for change in one.changes[:_MOST_CHANGES]:
        field = field_of(model, change.field)
        if field is None or change.field in SYSTEM_FIELDS:
            continue
        yield Change(
            field_label(field, at.audience),
            _shown(at, model, change, change.old),
            _shown(at, model, change, change.new),
        )


def _shown(at: Visit, model: Object, change: FieldChange, value: object) -> str:
    field = field_of(model, change.field)
    if value is None or field is None:
        return ""
    if isinstance(value, Reference):
        return value.title
    if isinstance(value, list) and all(isinstance(one, Reference) for one in value):
        return ", ".join(one.title for one in value)
    html = detail_format(Subject(at.catalog, model, field, at.audience))(value, at.now)
    text = " ".join(Markup(html).striptags().split())  # noqa: S704 - stripped to text at once
    return text if len(text) <= _LONG else text[:_LONG] + "…"
