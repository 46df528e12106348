"""The list of an object's records: views as tabs, search, filters, sorting, pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request
from markupsafe import Markup
from trellis.engine.errors import EngineError
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.filter_bar import (
    PREFIX,
    FilterState,
    filter_fields,
    read_filters,
)
from trellis.formbuilder.layout import object_label, object_labels
from trellis.formbuilder.list_page import ListPage
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import TO_ONE_TYPES, Field
from trellis.metadata.model.objects import Object
from trellis.metadata.model.pages import View, ViewKind
from trellis.web.pages.addresses import adding, with_query, without
from trellis.web.pages.columns import (
    COLUMN,
    ColumnChoice,
    column_paths,
)
from trellis.web.pages.deadlines import shown_rows
from trellis.web.pages.frame import shaper
from trellis.web.pages.ports import Ask, ObjectRights, RowPage
from trellis.web.pages.refusals import refusal_text
from trellis.web.pages.views import Action, Chip, Head, ListView, ViewTab
from trellis.web.pages.visit import Visit

PAGE_SIZE = 50
ALL = "all"
#: What an address says about where in the list it is; another order begins anew.
_PLACE = ("count", "cursor")
_TABS = 8


@dataclass(frozen=True)
class ListRequest:
    """What an address asks of a list."""

    query: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """Return the last value called `name`."""
        values = self.query.get(name)
        return values[-1].strip() if values else ""

    @property
    def filters(self) -> bool:
        """Tell whether a filter of the panel is asked for."""
        return any(name.startswith(PREFIX) for name in self.query)


def views_of(catalog: Catalog, object_key: str, roles: frozenset[str]) -> list[View]:
    """Return the list views a person with `roles` is offered, their default first."""
    views = [
        view
        for view in catalog.views.values()
        if view.object == object_key
        and view.kind is ViewKind.LIST
        and (not view.roles or roles.intersection(view.roles))
    ]
    views.sort(key=lambda view: not roles.intersection(view.default_for))
    return views


@dataclass(frozen=True)
class ListPlan:
    """A list as an address asks for it."""

    asked: ListRequest
    rights: ObjectRights
    views: list[View]
    view: View | None
    made: ListPage
    fields: tuple[Field, ...]
    titles: Mapping[str, str]
    filters: FilterState
    ask: Ask
    own_columns: bool = False


def plan_of(at: Visit, model: Object) -> ListPlan:
    """Return the list that this request asks for."""
    asked = ListRequest({name: request.args.getlist(name) for name in request.args})
    rights = at.records.rights(model.key)
    views = views_of(at.catalog, model.key, at.person.roles)
    view = _chosen_view(views, asked.one("view"))
    # An address that names columns means those, so that it shows the same to whoever is sent it.
    chosen = asked.query.get(COLUMN) or at.account.columns(model.key)
    paths = column_paths(model, view, rights, chosen)
    shapes = shaper(at)
    made, fields = shapes.list(model, paths), shapes.filters(model, rights, paths)
    titles = _filter_titles(at, fields, asked)
    filters = FilterState()
    if asked.filters:
        filters = read_filters(fields, asked.query, at.catalog, model, at.audience, titles)
    ask = _ask(asked, made, view, filters)
    own = bool(chosen)
    return ListPlan(asked, rights, views, view, made, fields, titles, filters, ask, own)


def list_view(at: Visit, model: Object) -> tuple[ListView, str]:
    """Return the list that this request asks for, and the menu entry it belongs to."""
    plan = plan_of(at, model)
    problem = ", ".join(plan.filters.problems)
    try:
        page = at.records.page(model.key, plan.ask)
    except EngineError as error:
        # A condition or a cursor that a person put into the address: say so beside the box.
        if not (plan.ask.filter or plan.ask.cursor or plan.ask.sort):
            raise
        page, problem = RowPage(()), refusal_text(at.audience, error)
    named = plan.view is not None and plan.asked.one("view")
    active = f"{model.key}:{plan.view.key}" if named and plan.view is not None else model.key
    return _ListHead(at, model, plan).view(page, problem), active


def _chosen_view(views: list[View], asked: str) -> View | None:
    if asked == ALL:
        return None
    for view in views:
        if view.key == asked:
            return view
    return views[0] if views else None


def _filter_titles(at: Visit, fields: Sequence[Field], asked: ListRequest) -> dict[str, str]:
    """Return the titles of records that filters name."""
    titles: dict[str, str] = {}
    for one in fields:
        chosen = asked.one(PREFIX + one.key)
        if one.type in TO_ONE_TYPES and chosen and one.to is not None:
            titles.update(at.records.titles(one.to, [chosen]))
    return titles


def _ask(asked: ListRequest, made: ListPage, view: View | None, filters: FilterState) -> Ask:
    typed = asked.one("filter")
    conditions = [filters.condition] if filters.parts else []
    if typed:
        conditions.append(f"({typed})" if conditions else typed)
    sort = asked.one("sort")
    view_sort = (
        tuple(("-" if key.descending else "") + key.path for key in view.sort) if view else ()
    )
    return Ask(
        fields=made.paths,
        filter=" and ".join(conditions),
        view=view.key if view is not None else "",
        sort=(sort,) if sort else view_sort,
        search=asked.one("q"),
        cursor=asked.one("cursor"),
        limit=PAGE_SIZE,
        count=asked.one("count") == "1",
    )


@dataclass(frozen=True)
class _ListHead:
    """What stands around the rows."""

    at: Visit
    model: Object
    plan: ListPlan

    @property
    def asked(self) -> ListRequest:
        """Return what the address asks."""
        return self.plan.asked

    def view(self, page: RowPage, problem: str) -> ListView:
        """Return the whole list."""
        plan, rights, ask, made = self.plan, self.plan.rights, self.plan.ask, self.plan.made
        at, model, words = self.at, self.model, self.at.audience.words
        base = f"/o/{model.key}"
        rows = made.rows(shown_rows(at, model.key, page.rows, made.paths), at.now)
        name = object_label(model, at.audience)
        labels = object_labels(model, at.audience)
        chips = self._chips(plan.filters)
        return ListView(
            base_url=base,
            bulk_url=f"{base}/bulk",
            heads=tuple(self._heads(made, ask, rights.masked)),
            rows=Markup(rows),  # noqa: S704 - joined from escaped cells
            shown=len(page.rows),
            search_hint=words("Search in %(labels)s") % {"labels": labels},
            blank_title=words("No records yet"),
            blank_text=words("The first one starts the list.") if rights.create else "",
            clear_url=with_query(base, self._kept()),
            help=model.help.text(at.audience.locale),
            views=self._tabs(base),
            search=ask.search,
            condition=self.asked.one("filter"),
            kept=self._kept(),
            filter_fields=self._panel(),
            chips=chips,
            filtered=bool(ask.search or ask.filter or problem),
            problem=problem,
            total=page.total,
            count_url="" if page.total is not None else self._with("count", "1"),
            first_url=self._with("cursor", "") if ask.cursor else "",
            next_url=self._with("cursor", page.next_cursor) if page.next_cursor else "",
            new_url=f"{base}/new" if rights.create else "",
            new_label=words("New %(label)s") % {"label": name},
            export_url=self._export_url(rights),
            bulk=self._bulk(),
            columns=self._columns(),
            columns_url=f"{base}/columns",
            asked=with_query(base, without(self.asked.query, COLUMN, "cursor", "count")),
            own_columns=plan.own_columns,
            can_delete=rights.delete,
        )

    def _panel(self) -> Markup:
        """Return the boxes of the filter panel."""
        at, plan = self.at, self.plan
        if not plan.asked.filters:
            panel = shaper(at).blank_filters(self.model, plan.fields)
        else:
            panel = filter_fields(
                plan.fields, plan.asked.query, at.catalog, self.model, at.audience, plan.titles
            )
        return Markup(panel)  # noqa: S704 - joined from escaped boxes

    def _with(self, name: str, value: str) -> str:
        pairs = without(self.asked.query, name, "count", "cursor")
        return with_query(f"/o/{self.model.key}", [*pairs, (name, value)])

    def _tabs(self, base: str) -> tuple[ViewTab, ...]:
        if not self.plan.views:
            return ()
        locale, current = self.at.audience.locale, self.plan.view
        # An author's own view of everything makes ours superfluous.
        whole = next((view for view in self.plan.views if view.where is None), None)
        shown = current or whole
        tabs = [
            ViewTab(
                view.label.text(locale, humanise(view.key)),
                f"{base}?view={view.key}",
                view is shown,
            )
            for view in self.plan.views[:_TABS]
        ]
        if whole is not None and whole in self.plan.views[:_TABS]:
            return tuple(tabs)
        everything = ViewTab(self.at.audience.words("All"), f"{base}?view={ALL}", current is None)
        return (*tabs, everything)

    def _heads(self, made: ListPage, ask: Ask, masked: frozenset[str]) -> list[Head]:
        sorted_by = ask.sort[0] if ask.sort else ""
        sorting = adding(f"/o/{self.model.key}", without(self.asked.query, "sort", *_PLACE))
        heads = []
        for column in made.columns:
            direction = ""
            if sorted_by.removeprefix("-") == column.path:
                direction = "descending" if sorted_by.startswith("-") else "ascending"
            turned = f"-{column.path}" if direction == "ascending" else column.path
            asked_for = column.path.partition(".")[0] not in masked
            url = sorting("sort", turned) if column.sortable and asked_for else ""
            heads.append(Head(column.label, column.numeric, url, direction))
        return heads

    def _kept(self) -> tuple[tuple[str, str], ...]:
        names = ("view", "sort")
        kept = [(name, value) for name in names if (value := self.asked.one(name))]
        return (*kept, *((COLUMN, path) for path in self.asked.query.get(COLUMN, ())))

    def _chips(self, filters: FilterState) -> tuple[Chip, ...]:
        base = f"/o/{self.model.key}"
        chips = [
            Chip(
                part.label,
                part.text,
                with_query(base, without(self.asked.query, *part.names, "cursor", "count")),
            )
            for part in filters.parts
        ]
        typed = self.asked.one("filter")
        if typed:
            rest = without(self.asked.query, "filter", "cursor", "count")
            chips.append(Chip("FEEL", typed, with_query(base, rest)))
        return tuple(chips)

    def _export_url(self, rights: ObjectRights) -> str:
        if not rights.export:
            return ""
        pairs = without(self.asked.query, "cursor", "count")
        return with_query(f"/o/{self.model.key}/export.csv", pairs)

    def _columns(self) -> tuple[ColumnChoice, ...]:
        plan = self.plan
        return shaper(self.at).columns(self.model, plan.view, plan.rights, plan.made.paths)

    def _bulk(self) -> tuple[Action, ...]:
        """Return transitions that need nothing but to be run."""
        lifecycle = self.model.lifecycle
        if lifecycle is None:
            return ()
        locale = self.at.audience.locale
        return tuple(
            Action(one.key, one.label.text(locale, humanise(one.key)))
            for one in lifecycle.transitions.values()
            if not one.require
            and one.comment != "required"
            and "system" not in one.who[:1]
            and _may_try(one.who, self.at.person.roles)
        )[:5]


def _may_try(who: tuple[object, ...], roles: frozenset[str]) -> bool:
    """Tell whether a role of the person may run a transition, as far as a list can know."""
    return not who or any(not isinstance(one, str) or one in roles for one in who)
