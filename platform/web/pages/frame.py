"""Puts a page into its frame: menu, breadcrumbs, messages; and answers with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

from flask import (
    Response,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    request,
)
from markupsafe import Markup
from trellis.formbuilder.formats.common import initials
from trellis.web.pages.addresses import local_path
from trellis.web.pages.menu import menu_of
from trellis.web.pages.shapes import Shaper
from trellis.web.pages.views import Frame, MenuHtml, MenuPart
from trellis.web.pages.visit import Visit, device_of_request, is_partial, site

Crumbs = Sequence[tuple[str, str]]
#: Where the number of open tasks stands in a drawn menu; no label can hold this sign.
_COUNT = "\0"


def shaper(at: Visit) -> Shaper:
    """Return the shapes for a visit."""
    reader = (at.audience, at.person.roles, at.sees, device_of_request())
    return Shaper(site().shapes, at.catalog, *reader)


def show(
    template: str, at: Visit, title: str, *, active: str = "", crumbs: Crumbs = (), **view: object
) -> str:
    """Return a whole page."""
    page = frame_of(at, title, active=active, crumbs=crumbs)
    return site().renderer.render(template, at.audience.locale, page=page, **view)


def show_part(template: str, at: Visit, title: str = "", **view: object) -> str:
    """Return a part of a page: no menu is made and no message is used up."""
    page = _bare_frame(at, title)
    return site().renderer.render(template, at.audience.locale, page=page, **view)


def here() -> str:
    """Return the address of this page, for forms that come back to it."""
    address = request.full_path.rstrip("?")
    return local_path(address)


def frame_of(at: Visit, title: str, *, active: str = "", crumbs: Crumbs = ()) -> Frame:
    """Return the frame of a page."""
    person, assets = at.person, site().renderer.assets
    return Frame(
        title=title,
        locale=at.audience.locale,
        theme=at.theme,
        brand=site().brand,
        assets=assets.head,
        static=assets.static,
        built=assets.built,
        csrf=at.csrf,
        here=here() if request.method == "GET" else local_path(request.path),
        crumbs=tuple(crumbs),
        active=active,
        menu=_menu(at, active),
        user_name=person.name,
        user_post=person.post,
        user_initials=initials(person.name),
        user_shade=sum(map(ord, person.name)) % 8,
        unread=at.notes.unread(),
        open_tasks=at.tasks.open_count(),
        notices=_notices(),
    )


def _notices() -> tuple[tuple[str, str], ...]:
    flashed = cast(list[tuple[str, str]], get_flashed_messages(with_categories=True))
    return tuple(flashed)


def _bare_frame(at: Visit, title: str) -> Frame:
    assets = site().renderer.assets
    return Frame(
        title=title,
        locale=at.audience.locale,
        theme=at.theme,
        brand=site().brand,
        assets=assets.head,
        static=assets.static,
        built=assets.built,
        csrf=at.csrf,
        here=_there(request.headers.get("HX-Current-URL", "")),
    )


def _there(address: str) -> str:
    """Return the path of the page that a part is for."""
    parts = urlsplit(address)
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path, "")


def _menu(at: Visit, active: str) -> MenuHtml:
    """Return the menu of the person's roles, drawn once for each of its entries."""
    locale, person = at.audience.locale, at.person
    key = ("menu", at.catalog.version, locale, person.roles, person.capabilities, active)

    def draw() -> MenuHtml:
        html = site().renderer.render(
            "menu.html", locale, menu=_menu_parts(at), active=active, count=_COUNT
        )
        before, _, after = html.partition(_COUNT)
        return MenuHtml(Markup(before), Markup(after))  # noqa: S704 - from an escaping template

    return site().shapes.keep(key, draw)


def _menu_parts(at: Visit) -> tuple[MenuPart, ...]:
    return menu_of(
        at.catalog,
        at.held_roles(),
        at.person.capabilities,
        at.audience,
        lambda object_key: at.records.rights(object_key).read,
    )


def go(address: str) -> Response:
    """Send the browser to a page of ours, whether it asked by itself or through a script."""
    if is_partial():
        answer = make_response("", 200)
        answer.headers["HX-Redirect"] = local_path(address)
        return answer
    return make_response(redirect(local_path(address), 303))


def tell(text: str, kind: str = "good") -> None:
    """Show a message on the next page."""
    flash(text, kind)
