"""What templates are given: plain frozen values, so that a template decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from trellis.formbuilder.record_page import Fact
from trellis.web.pages.columns import ColumnChoice

NO_MARKUP = Markup("")


@dataclass(frozen=True)
class Link:
    """A link of the menu: an icon of ours, or a letter on a coloured ground."""

    key: str
    label: str
    url: str
    icon: str = ""
    letter: str = ""
    shade: str = "gray"


@dataclass(frozen=True)
class MenuPart:
    """A heading of the menu with its links."""

    label: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class MenuHtml:
    """A menu as HTML up to the number of open tasks, and from there."""

    before: Markup = NO_MARKUP
    after: Markup = NO_MARKUP


@dataclass(frozen=True)
class Frame:
    """What stands around every page."""

    title: str
    locale: str
    theme: str
    brand: str
    assets: Markup
    static: str
    built: bool
    csrf: str
    here: str
    crumbs: tuple[tuple[str, str], ...] = ()
    active: str = ""
    menu: MenuHtml = MenuHtml()
    user_name: str = ""
    user_post: str = ""
    user_initials: str = ""
    user_shade: int = 0
    unread: int = 0
    open_tasks: int = 0
    notices: tuple[tuple[str, str], ...] = ()
    bare: bool = False


@dataclass(frozen=True)
class Action:
    """A button that leads to a transition, or to another form."""

    key: str
    label: str
    url: str = ""
    primary: bool = False
    danger: bool = False


@dataclass(frozen=True)
class ViewTab:
    """A saved view as a tab."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Head:
    """The heading of a column."""

    label: str
    numeric: bool = False
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Chip:
    """A filter that is on."""

    label: str
    text: str
    without_url: str


@dataclass(frozen=True)
class ListView:
    """A list page."""

    base_url: str
    bulk_url: str
    heads: tuple[Head, ...]
    rows: Markup
    shown: int
    search_hint: str
    blank_title: str
    blank_text: str
    clear_url: str
    help: str = ""
    views: tuple[ViewTab, ...] = ()
    search: str = ""
    condition: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    filter_fields: Markup = NO_MARKUP
    chips: tuple[Chip, ...] = ()
    filtered: bool = False
    problem: str = ""
    total: int | None = None
    count_url: str = ""
    first_url: str = ""
    next_url: str = ""
    new_url: str = ""
    new_label: str = ""
    export_url: str = ""
    bulk: tuple[Action, ...] = ()
    can_delete: bool = False
    columns: tuple[ColumnChoice, ...] = ()
    own_columns: bool = False
    columns_url: str = ""
    asked: str = ""


@dataclass(frozen=True)
class Change:
    """A field's old and new value in the timeline."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """Something that happened to a record."""

    text: str
    when: Markup
    icon: str = "pencil"
    person: str = ""
    initials: str = ""
    shade: int = 0
    changes: tuple[Change, ...] = ()
    said: str = ""
    files: Markup = NO_MARKUP


@dataclass(frozen=True)
class RelatedList:
    """The first records of another object that refer to this one."""

    label: str
    heads: tuple[Head, ...]
    rows: Markup
    count: int | None = None
    new_url: str = ""
    all_url: str = ""


@dataclass(frozen=True)
class TaskAction:
    """A button on a task."""

    key: str
    label: str
    url: str
    direct: bool
    primary: bool
    danger: bool
    request_key: str
    more: bool = False  # behind the button "More"


@dataclass(frozen=True)
class OpenTask:
    """A task that waits, as a page names it."""

    label: str
    url: str  # empty for who may only know that it waits
    due: Markup = NO_MARKUP
    late: bool = False
    holder: str = ""
    since: Markup = NO_MARKUP
    rev: int = 1
    actions: tuple[TaskAction, ...] = ()


@dataclass(frozen=True)
class RecordView:
    """A record page."""

    url: str
    title: str
    badge: Markup
    body: Markup
    subtitle: str = ""
    facts: tuple[Fact, ...] = ()
    actions: tuple[Action, ...] = ()
    more_actions: tuple[Action, ...] = ()
    flows: tuple[Action, ...] = ()
    edit_url: str = ""
    delete_url: str = ""
    deleted: bool = False
    tasks: tuple[OpenTask, ...] = ()
    related: tuple[RelatedList, ...] = ()
    timeline: tuple[Entry, ...] = ()
    can_comment: bool = False
    comment_text: str = ""
    comment_error: str = ""


@dataclass(frozen=True)
class Clash:
    """A field that somebody else saved meanwhile."""

    label: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class FormView:
    """A form page or dialog."""

    action: str
    body: Markup
    submit: str
    cancel_url: str
    request_key: str = ""
    rev: int | None = None
    help: str = ""
    live_url: str = ""
    again: bool = False
    danger: bool = False
    errors: bool = False
    problem: str = ""
    orphans: tuple[str, ...] = ()
    conflict: tuple[Clash, ...] = ()


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to step in as, in the demo."""

    login: str
    name: str
    post: str
    initials: str
    shade: int
    tries: tuple[str, ...] = ()


@dataclass(frozen=True)
class GateView:
    """The sign-in page."""

    lede: str
    next: str = ""
    login: str = ""
    problem: str = ""
    people: tuple[DemoPerson, ...] = ()
