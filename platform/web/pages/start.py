"""Home, search and notifications: what concerns a person across all objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.formats.times import moment
from trellis.formbuilder.layout import object_label, object_labels
from trellis.formbuilder.list_page import ListPage, default_columns
from trellis.formbuilder.moments import long_date
from trellis.metadata.model.access import HomeCard
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.objects import Object
from trellis.web.pages.addresses import local_path, record_path, with_query
from trellis.web.pages.blueprint import pages
from trellis.web.pages.deadlines import shown_rows
from trellis.web.pages.frame import go, shaper, show
from trellis.web.pages.ports import Ask, Note, RowPage
from trellis.web.pages.shades import shade_of, sign_of
from trellis.web.pages.trail import subject_field
from trellis.web.pages.views import NO_MARKUP, Action, Head
from trellis.web.pages.visit import Visit, visit
from trellis.web.pages.work_views import TaskItem, task_item

_TASKS = 8
_POOL = 4
_CARD_ROWS = 6
_CARD_COLUMNS = 6
_CARDS = 6
_NEWEST = 2
_RECENT = 8
_HITS = 6
_NOTES = 6


@dataclass(frozen=True)
class Tile:
    """A number that leads somewhere."""

    label: str
    kind: str
    number: str
    url: str


@dataclass(frozen=True)
class Card:
    """The first rows of a view."""

    label: str
    kind: str
    all_url: str
    heads: tuple[Head, ...]
    rows: Markup


@dataclass(frozen=True)
class Hit:
    """A record in a short list."""

    url: str
    title: str
    kind: str
    letter: str
    shade: str
    text: str = ""
    when: Markup = NO_MARKUP


@dataclass(frozen=True)
class NoteItem:
    """A notification in a list."""

    url: str
    title: str
    text: str
    when: Markup
    unread: bool


@dataclass(frozen=True)
class HomeView:
    """The home page."""

    greeting: str
    today: str
    create: tuple[Action, ...]
    tiles: tuple[Tile, ...]
    tasks: tuple[TaskItem, ...]
    task_count: int
    pool: tuple[TaskItem, ...]
    cards: tuple[Card, ...]
    recent: tuple[Hit, ...]
    notifications: tuple[NoteItem, ...]
    hints: tuple[str, ...] = ()


@pages.get("/")
def home_page() -> ResponseReturnValue:
    """Show a person's day."""
    at = visit()
    words = at.audience.words
    local = at.audience.local(at.now)
    part = "Good morning" if local.hour < 11 else "Hello" if local.hour < 18 else "Good evening"
    tasks = at.tasks.list("mine", _TASKS)
    cards = _home_cards(at)
    view = HomeView(
        greeting=words("%(greeting)s, %(name)s")
        % {"greeting": words(part), "name": at.person.name},
        today=long_date(local.date(), at.audience.locale),
        create=tuple(_create_actions(at)),
        tiles=tuple(_tiles(at, cards)),
        tasks=tuple(task_item(at, work) for work in tasks),
        task_count=at.tasks.open_count(),
        pool=tuple(task_item(at, work) for work in at.tasks.list("pool", _POOL)),
        cards=tuple(_list_cards(at, cards) if cards else _newest_cards(at)),
        recent=tuple(_recent(at)),
        notifications=tuple(_note_item(at, note) for note in at.notes.list(_NOTES)),
    )
    return show("home.html", at, words("Home"), active="home", home=view)


GREETING_WORDS = ("Good morning", "Hello", "Good evening")


def _home_cards(at: Visit) -> list[HomeCard]:
    """Return the cards of the person's roles, each view once."""
    seen: dict[tuple[str, str], HomeCard] = {}
    for role in at.held_roles():
        for card in role.home:
            view = at.catalog.views.get(card.view)
            if view is not None and at.records.rights(view.object).read:
                seen.setdefault((card.kind, card.view), card)
    return list(seen.values()) or list(_default_cards(at))


def _default_cards(at: Visit) -> Iterator[HomeCard]:
    """Yield cards for roles that name none: the views that are their default."""
    for view in at.catalog.views.values():
        if at.person.roles.intersection(view.default_for) and at.records.rights(view.object).read:
            yield HomeCard("list", view.key, view.label, view.location)


def _tiles(at: Visit, cards: list[HomeCard]) -> Iterator[Tile]:
    for card in cards:
        if card.kind != "count":
            continue
        view = at.catalog.views[card.view]
        page = at.records.page(view.object, Ask(fields=("id",), view=view.key, limit=1, count=True))
        label = card.label or view.label
        yield Tile(
            label.text(at.audience.locale, humanise(view.key)),
            object_labels(at.catalog.objects[view.object], at.audience),
            f"{page.total or 0:,}",
            f"/o/{view.object}?view={view.key}",
        )


def _list_cards(at: Visit, cards: list[HomeCard]) -> Iterator[Card]:
    for card in [one for one in cards if one.kind == "list"][:_CARDS]:
        view = at.catalog.views[card.view]
        model = at.catalog.objects[view.object]
        hidden = at.records.rights(view.object).hidden
        paths = tuple(path for path in view.columns if path.split(".")[0] not in hidden)
        shown = (paths or default_columns(model, hidden))[:_CARD_COLUMNS]
        made = shaper(at).list(model, shown, selectable=False)
        sort = tuple(("-" if key.descending else "") + key.path for key in view.sort)
        page = at.records.page(
            view.object, Ask(fields=made.paths, view=view.key, sort=sort, limit=_CARD_ROWS)
        )
        label = (card.label or view.label).text(at.audience.locale, humanise(view.key))
        yield _card(at, model, label, f"/o/{view.object}?view={view.key}", made, page)


def _card(at: Visit, model: Object, label: str, url: str, made: ListPage, page: RowPage) -> Card:
    rows = made.rows(shown_rows(at, model.key, page.rows, made.paths), at.now)
    return Card(
        label,
        object_labels(model, at.audience),
        url,
        tuple(Head(column.label, column.numeric) for column in made.columns),
        Markup(rows),  # noqa: S704 - joined from escaped cells
    )


def _newest_cards(at: Visit) -> Iterator[Card]:
    """Yield the newest records of the first objects, for people whose roles name no cards."""
    for model, _ in zip(_menu_objects(at), range(_NEWEST), strict=False):
        hidden = at.records.rights(model.key).hidden
        made = shaper(at).list(model, default_columns(model, hidden), selectable=False)
        page = at.records.page(model.key, Ask(fields=made.paths, limit=_CARD_ROWS))
        if page.rows:
            yield _card(at, model, at.audience.words("Newest"), f"/o/{model.key}", made, page)


def _menu_objects(at: Visit) -> Iterator[Object]:
    """Yield the objects of the person's menus, else all they may read, in the catalog's order."""
    named: dict[str, None] = {}
    for role in at.held_roles():
        for section in role.menu:
            for item in section.items:
                view = at.catalog.views.get(item.target)
                key = view.object if item.kind == "view" and view is not None else item.target
                if item.kind != "page":
                    named.setdefault(key)
    for key in named or at.catalog.objects:
        model = at.catalog.objects.get(key)
        if model is None or model.child_of is not None or (model.builtin and not named):
            continue
        if at.records.rights(key).read:
            yield model


def _create_actions(at: Visit) -> Iterator[Action]:
    """Yield the two things the person most likely creates: the first of their menu."""
    creatable = (
        model
        for model in _menu_objects(at)
        if at.records.rights(model.key).create and not model.singleton and model.lifecycle
    )
    for model, _ in zip(creatable, range(2), strict=False):
        label = at.audience.words("New %(label)s") % {"label": object_label(model, at.audience)}
        yield Action(model.key, label, f"/o/{model.key}/new")


def _recent(at: Visit) -> Iterator[Hit]:
    """Yield what the person touched last."""
    for touched in at.records.recent(_RECENT):
        model = at.catalog.objects.get(touched.object)
        if model is not None:
            when = Markup(moment(touched.at, at.now, at.audience))  # noqa: S704 - our own tag
            hit = _hit(at, model, touched.record.id, touched.record.title, when)
            yield replace(hit, text=touched.about)


def _hit(at: Visit, model: Object, record_id: str, title: str, when: Markup = NO_MARKUP) -> Hit:
    label = object_label(model, at.audience)
    return Hit(
        record_path(model.key, record_id),
        title or label,
        label,
        sign_of(model, label),
        shade_of(model.key),
        when=when,
    )


@dataclass(frozen=True)
class HitGroup:
    """What a search found in one object."""

    label: str
    all_url: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class SearchView:
    """The search page."""

    text: str
    groups: tuple[HitGroup, ...]


@pages.get("/search")
def search_page() -> ResponseReturnValue:
    """Search every object that has searchable fields."""
    at = visit()
    text = request.args.get("q", "").strip()[:200]
    groups = tuple(_groups(at, text)) if text else ()
    title = at.audience.words("Search")
    return show("search.html", at, title, active="search", search=SearchView(text, groups))


def _groups(at: Visit, text: str) -> Iterator[HitGroup]:
    for model in at.catalog.objects.values():
        if model.child_of is not None or not at.records.rights(model.key).read:
            continue
        if not any(field.search or field.type is FieldType.AUTO for field in model.fields.values()):
            continue
        subject = subject_field(model)
        fields = (
            (subject,) if subject and subject not in at.records.rights(model.key).hidden else ()
        )
        page = at.records.page(model.key, Ask(fields=fields, search=text, limit=_HITS))
        hits = tuple(
            replace(
                _hit(at, model, row.id, row.title),
                text=str(row.values.get(subject or "") or ""),
            )
            for row in page.rows
        )
        if hits:
            url = with_query(f"/o/{model.key}", [("view", "all"), ("q", text)])
            yield HitGroup(object_labels(model, at.audience), url, hits)


@dataclass(frozen=True)
class NotesView:
    """The notifications page."""

    list: tuple[NoteItem, ...]
    any_unread: bool


@pages.get("/notifications")
def notifications_page() -> ResponseReturnValue:
    """Show a person's notifications."""
    at = visit()
    items = tuple(_note_item(at, note) for note in at.notes.list(100))
    view = NotesView(items, any(item.unread for item in items))
    title = at.audience.words("Notifications")
    return show("notifications.html", at, title, active="notifications", notes=view)


@pages.post("/notifications/read")
def read_notifications() -> ResponseReturnValue:
    """Mark every notification as read."""
    visit().notes.read_all()
    return go("/notifications")


def _note_item(at: Visit, note: Note) -> NoteItem:
    when = Markup(moment(note.at, at.now, at.audience))  # noqa: S704 - our own tag
    return NoteItem(local_path(note.url), note.title, note.text, when, note.unread)
