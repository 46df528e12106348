"""Forms and views: their objects, fields and paths exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trellis.metadata.checks.paths import field_at, path_problem
from trellis.metadata.checks.places import Definition, at, item_at
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import has_column
from trellis.metadata.model.objects import Object
from trellis.metadata.model.pages import Form, View, ViewKind
from trellis.problems import Location, Problem


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every form and view."""
    for form in catalog.forms.values():
        yield from _form_problems(catalog, form)
    for view in catalog.views.values():
        yield from _view_problems(catalog, view)


def _form_problems(catalog: Catalog, form: Form) -> Iterator[Problem]:
    item = catalog.objects.get(form.object)
    if item is None:
        yield no_object(catalog, form.object, at(form, "object"))
    else:
        yield from _placed_problems(item, form)
    yield from _role_problems(catalog, form, ("for", "roles"), form.roles)


def _placed_problems(item: Object, form: Form) -> Iterator[Problem]:
    placed: set[str] = set()
    for section in form.sections:
        for entry in section.fields:
            if entry.field not in item.fields:
                yield Problem(entry.location, "META100",
                              f"object `{item.key}` has no field `{entry.field}`",
                              hint(entry.field, item.fields))  # fmt: skip
            elif entry.field in placed:
                yield Problem(entry.location, "META141",
                              f"`{entry.field}` stands twice in form `{form.key}`",
                              "remove one of them")  # fmt: skip
            if entry.width > section.columns:
                yield Problem(entry.location, "META142",
                              f"`{entry.field}` is {entry.width} columns wide, the section has "
                              f"{section.columns}", "make the section wider")  # fmt: skip
            placed.add(entry.field)


def _view_problems(catalog: Catalog, view: View) -> Iterator[Problem]:
    if view.object not in catalog.objects:
        yield no_object(catalog, view.object, at(view, "object"))
    else:
        yield from _path_problems(catalog, view)
    if view.kind is not ViewKind.LIST:
        yield Problem(
            at(view, "kind"),
            "META140",
            f"views of kind `{view.kind}` are not shown yet",
            "use `kind: list`",
        )
    for key, roles in (("roles", view.roles), ("default_for", view.default_for)):
        yield from _role_problems(catalog, view, (key,), roles)


def _path_problems(catalog: Catalog, view: View) -> Iterator[Problem]:
    places = [(path, item_at(view, "columns", path)) for path in view.columns]
    sorted_by = [(key.path, at(view, "sort", number)) for number, key in enumerate(view.sort)]
    if view.group is not None:
        sorted_by.append((view.group, at(view, "group")))
    for path, place in (*places, *sorted_by):
        problem = path_problem(catalog, view.object, path, place)
        if problem is not None:
            yield problem
        elif (path, place) in sorted_by:
            yield from order_problems(catalog, view.object, path, place)


def order_problems(
    catalog: Catalog, object_key: str, path: str, place: Location
) -> Iterator[Problem]:
    """Yield a problem when rows cannot be put in order by what a valid path leads to."""
    field = field_at(catalog, object_key, path)
    if field is not None and not has_column(field):
        yield Problem(place, "META143", f"`{path}` is not kept in a column, so rows cannot be put "
                      "in order by it", "choose another field")  # fmt: skip


def _role_problems(
    catalog: Catalog, page: Definition, keys: tuple[str, ...], roles: Iterable[str]
) -> Iterator[Problem]:
    for number, role in enumerate(roles):
        if role not in catalog.roles:
            yield Problem(at(page, *keys, number), "META123", f"there is no role `{role}`",
                          hint(role, catalog.roles))  # fmt: skip


def no_object(catalog: Catalog, key: str, location: Location) -> Problem:
    """Return the problem that there is no such object."""
    return Problem(location, "META110", f"there is no object `{key}`",
                   hint(key, catalog.objects))  # fmt: skip
