"""One request of one signed-in person: who they are, what is installed, and the doors they use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g, request
from trellis.engine.errors import NotFoundError
from trellis.formbuilder.audience import Audience
from trellis.metadata.model.access import Capability, Role
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object
from trellis.web.pages.account_ports import Account, Door
from trellis.web.pages.admin_ports import Jobs, Packages, People, Trail
from trellis.web.pages.ports import Notes, Records, Tasks
from trellis.web.pages.shapes import Shapes
from trellis.web.pages.substitute_ports import Substitutes
from trellis.web.rendering import Renderer

EXTENSION = "trellis.pages"


def _nothing() -> None:
    """Close nothing: for visits that hold no transaction."""


@dataclass(frozen=True)
class Person:
    """Who works: shown in the frame, and asked for rights."""

    id: str
    login: str
    name: str
    post: str
    roles: frozenset[str]
    capabilities: frozenset[Capability]


@dataclass(frozen=True)
class Admin:
    """The doors of administration."""

    packages: Packages
    people: People
    jobs: Jobs
    trail: Trail


@dataclass(frozen=True)
class Visit:
    """A request of a person."""

    person: Person
    catalog: Catalog
    audience: Audience
    theme: str
    csrf: str
    now: datetime
    records: Records
    tasks: Tasks
    notes: Notes
    account: Account
    admin: Admin
    substitutes: Substitutes
    close: Callable[[], None] = _nothing

    def object(self, key: str) -> Object:
        """Return an object the person may read; NotFoundError for any other."""
        model = self.catalog.objects.get(key)
        if model is None or not self.records.rights(key).read:
            raise NotFoundError("page")
        return model

    def sees(self, object_key: str, field_key: str) -> bool:
        """Tell whether the person may read a field of an object as it is, not masked."""
        rights = self.records.rights(object_key)
        return rights.read and field_key not in rights.hidden | rights.masked

    def held_roles(self) -> tuple[Role, ...]:
        """Return the person's roles in the order of the catalog."""
        return tuple(role for key, role in self.catalog.roles.items() if key in self.person.roles)


@dataclass(frozen=True)
class Site:
    """What the pages need of the application: made once, by the wiring."""

    renderer: Renderer
    shapes: Shapes
    open_visit: Callable[[], Visit]
    new_id: Callable[[], str]
    door: Door
    brand: str = "Trellis"

    def install(self, app: Flask) -> None:
        """Give the site to the application's pages."""
        app.extensions[EXTENSION] = self
        app.teardown_request(_end_visit)


def site() -> Site:
    """Return the site of the running application."""
    return cast(Site, current_app.extensions[EXTENSION])


def visit() -> Visit:
    """Return the visit of this request, opened at its first use."""
    if "trellis_visit" not in g:
        g.trellis_visit = site().open_visit()
    return cast(Visit, g.trellis_visit)


def is_partial() -> bool:
    """Tell whether a part of a page is asked for, and not the whole."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def device_of_request() -> str:
    """Return `phone` or `desktop`: what the browser says of itself.

    Browsers that send the client hint are believed; others say `Mobi` on phones and nothing
    of the kind on tablets and desktops.
    """
    hint = request.headers.get("Sec-CH-UA-Mobile")
    if hint is not None:
        return "phone" if hint.strip() == "?1" else "desktop"
    return "phone" if "Mobi" in request.headers.get("User-Agent", "") else "desktop"


def _end_visit(_error: BaseException | None) -> None:
    """End the transaction of a request's visit, if it had one."""
    opened = g.pop("trellis_visit", None)
    if isinstance(opened, Visit):
        opened.close()
