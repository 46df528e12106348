"""Forms and views: their objects, fields and paths exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trellis.metadata.checks.paths import path_problem
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.pages import Form, View, ViewKind
from trellis.problems import Location, Problem, suggest


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every form and view."""
    for form in catalog.forms.values():
        yield from _form_problems(catalog, form)
    for view in catalog.views.values():
        yield from _view_problems(catalog, view)


def _form_problems(catalog: Catalog, form: Form) -> Iterator[Problem]:
    item = catalog.objects.get(form.object)
    if item is None:
        yield _no_object(catalog, form.object, form.location)
        return
    for section in form.sections:
        for entry in section.fields:
            if entry.field not in item.fields:
                yield Problem(entry.location, "META100",
                              f"object `{item.key}` has no field `{entry.field}`",
                              suggest(entry.field, item.fields))  # fmt: skip
    yield from _role_problems(catalog, form.roles, form.location)


def _view_problems(catalog: Catalog, view: View) -> Iterator[Problem]:
    if view.object not in catalog.objects:
        yield _no_object(catalog, view.object, view.location)
        return
    paths = [*view.columns, *(key.path for key in view.sort), *filter(None, [view.group])]
    for path in paths:
        problem = path_problem(catalog, view.object, path, view.location)
        if problem is not None:
            yield problem
    if view.kind is not ViewKind.LIST:
        yield Problem(view.location, "META140", f"views of kind `{view.kind}` are not shown yet",
                      "use `kind: list`")  # fmt: skip
    yield from _role_problems(catalog, (*view.roles, *view.default_for), view.location)


def _role_problems(catalog: Catalog, roles: Iterable[str], location: Location) -> Iterator[Problem]:
    for role in roles:
        if role not in catalog.roles:
            yield Problem(location, "META123", f"there is no role `{role}`",
                          suggest(role, catalog.roles))  # fmt: skip


def _no_object(catalog: Catalog, key: str, location: Location) -> Problem:
    return Problem(location, "META110", f"there is no object `{key}`",
                   suggest(key, catalog.objects))  # fmt: skip
