"""The page of packages: upload, every mistake with its lines, what would change, apply."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from trellis.formbuilder.audience import humanise
from trellis.metadata.model.access import Capability
from trellis.metadata.model.catalog import App, Catalog
from trellis.problems import ProblemsFoundError
from trellis.web.pages.blueprint import pages
from trellis.web.pages.editing import sent_files
from trellis.web.pages.frame import go, show, tell
from trellis.web.pages.operations import stop_without, when
from trellis.web.pages.package_views import (
    ChangeView,
    ProblemView,
    changes_between,
    problem_view,
)
from trellis.web.pages.uploads import package_files, packed, unpacked
from trellis.web.pages.visit import Visit, visit


@dataclass(frozen=True)
class InstalledApp:
    """An application of the workspace."""

    key: str
    label: str
    version: str
    objects: int
    flows: int
    roles: int


@dataclass(frozen=True)
class VersionItem:
    """A published version."""

    number: int
    when: Markup
    who: str
    what: str


@dataclass(frozen=True)
class ReadyPackage:
    """A package without mistakes, and what it would change."""

    label: str
    version: str
    contents: str
    changes: tuple[ChangeView, ...]
    upload: str


@dataclass(frozen=True)
class PackagesView:
    """The page of packages."""

    installed: tuple[InstalledApp, ...]
    history: tuple[VersionItem, ...]
    version: str
    problems: tuple[ProblemView, ...] = ()
    problems_title: str = ""
    ready: ReadyPackage | None = None


@pages.get("/admin/packages")
def packages_page() -> ResponseReturnValue:
    """Show what is installed."""
    return _packages(visit())


@pages.post("/admin/packages")
def check_package() -> ResponseReturnValue:
    """Check an uploaded package: every mistake with its place, or what it would change."""
    at = visit()
    stop_without(at, Capability.PACKAGES)
    files: dict[str, bytes] = {}
    try:
        files = package_files(sent_files("files"))
        catalog = at.admin.packages.check(files)
    except ProblemsFoundError as error:
        return _packages_with_problems(at, error, files), 422
    return _packages(at, ready=_ready(at, catalog, files))


@pages.post("/admin/packages/apply")
def apply_package() -> ResponseReturnValue:
    """Install the package that was checked; it is checked once more."""
    at = visit()
    stop_without(at, Capability.PACKAGES)
    files: dict[str, bytes] = {}
    try:
        files = unpacked(request.form.get("package", ""))
        version = at.admin.packages.apply(files)
    except ProblemsFoundError as error:
        return _packages_with_problems(at, error, files), 422
    tell(at.audience.words("Applied: version %(number)s is in use.") % {"number": version})
    return go("/admin/packages")


def _packages_with_problems(at: Visit, error: ProblemsFoundError, files: dict[str, bytes]) -> str:
    problems = tuple(problem_view(one, files) for one in error.problems)
    words = at.audience.words
    title = words("One problem found")
    if len(problems) != 1:
        title = words("%(number)s problems found") % {"number": len(problems)}
    return _packages(at, problems=problems, title=title)


def _packages(
    at: Visit,
    *,
    problems: tuple[ProblemView, ...] = (),
    title: str = "",
    ready: ReadyPackage | None = None,
) -> str:
    stop_without(at, Capability.PACKAGES)
    words = at.audience.words
    view = PackagesView(
        installed=tuple(_installed(at, app) for app in at.catalog.apps.values()),
        history=tuple(
            VersionItem(one.number, when(at, one.at), one.by, one.summary)
            for one in at.admin.packages.versions(20)
        ),
        version=words("version %(number)s") % {"number": at.catalog.version},
        problems=problems,
        problems_title=title,
        ready=ready,
    )
    return show("packages.html", at, words("Packages"), active="packages", packages=view)


def _installed(at: Visit, app: App) -> InstalledApp:
    def count(part: str) -> int:
        return sum(1 for one in getattr(at.catalog, part).values() if one.app == app.key)

    return InstalledApp(
        app.key,
        app.label.text(at.audience.locale, humanise(app.key)),
        app.version,
        count("objects"),
        count("flows"),
        count("roles"),
    )


def _ready(at: Visit, catalog: Catalog, files: dict[str, bytes]) -> ReadyPackage:
    """Return what an apply would bring: the app that is new or different."""
    arriving = next(
        (
            app
            for key, app in catalog.apps.items()
            if key not in at.catalog.apps or at.catalog.apps[key].version != app.version
        ),
        list(catalog.apps.values())[-1],
    )
    words = at.audience.words
    contents = words("%(objects)s objects, %(flows)s flows, %(roles)s roles") % {
        "objects": sum(1 for one in catalog.objects.values() if one.app == arriving.key),
        "flows": sum(1 for one in catalog.flows.values() if one.app == arriving.key),
        "roles": sum(1 for one in catalog.roles.values() if one.app == arriving.key),
    }
    return ReadyPackage(
        arriving.label.text(at.audience.locale, humanise(arriving.key)),
        arriving.version,
        contents,
        changes_between(at.catalog, catalog, at.audience),
        packed(files),
    )
