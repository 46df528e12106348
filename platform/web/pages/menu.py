"""The menu of a person: what their roles name, else every object they may read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from trellis.formbuilder.audience import Audience, humanise
from trellis.formbuilder.layout import object_labels
from trellis.metadata.model.access import Capability, MenuItem, Role
from trellis.metadata.model.catalog import Catalog
from trellis.web.pages.shades import shade_of, sign_of
from trellis.web.pages.views import Link, MenuPart

#: Pages of the platform that a menu may name: key → (word, address, icon).
PLATFORM_PAGES: dict[str, tuple[str, str, str]] = {
    "home": ("Home", "/", "home"),
    "inbox": ("Inbox", "/inbox", "inbox"),
    "notifications": ("Notifications", "/notifications", "bell"),
    "search": ("Search", "/search", "search"),
}
ADMIN_PAGES: tuple[tuple[Capability, str, str, str, str], ...] = (
    (Capability.PACKAGES, "packages", "Packages", "/admin/packages", "box"),
    (Capability.USERS, "users", "Users and roles", "/admin/users", "users"),
    (Capability.JOBS, "jobs", "Jobs", "/admin/jobs", "jobs"),
    (Capability.AUDIT, "history", "History and log", "/admin/history", "history"),
)
PAGE_WORDS = ("Home", "Inbox", "Notifications", "Search", "Packages", "Users and roles", "Jobs",
              "History and log", "Administration", "Records")  # fmt: skip


def menu_of(
    catalog: Catalog,
    roles: Iterable[Role],
    capabilities: frozenset[Capability],
    audience: Audience,
    may_read: Callable[[str], bool],
) -> tuple[MenuPart, ...]:
    """Return the menu for somebody who holds `roles`."""
    words = audience.words
    first = (_page_link("home", words), _page_link("inbox", words))
    parts = [MenuPart("", first)]
    held = tuple(roles)
    drawn = list(_drawn_parts(catalog, held, audience, may_read))
    parts.extend(drawn or _every_object(catalog, audience, may_read))
    admin = tuple(
        Link(key, words(label), url, icon)
        for capability, key, label, url, icon in ADMIN_PAGES
        if capability in capabilities
    )
    if admin:
        parts.append(MenuPart(words("Administration"), admin))
    return tuple(parts)


def _page_link(key: str, words: Callable[[str], str]) -> Link:
    label, url, icon = PLATFORM_PAGES[key]
    return Link(key, words(label), url, icon)


def _drawn_parts(
    catalog: Catalog, roles: tuple[Role, ...], audience: Audience, may_read: Callable[[str], bool]
) -> Iterator[MenuPart]:
    """Yield the sections of every role's menu; the same entry of a second role is not repeated."""
    seen = {"home", "inbox"}
    sections: dict[str, list[Link]] = {}
    for role in roles:
        for section in role.menu:
            links = sections.setdefault(section.label.text(audience.locale), [])
            for item in section.items:
                link = _link(catalog, item, audience, may_read)
                if link is not None and link.key not in seen:
                    seen.add(link.key)
                    links.append(link)
    return (MenuPart(label, tuple(links)) for label, links in sections.items() if links)


def _link(
    catalog: Catalog, item: MenuItem, audience: Audience, may_read: Callable[[str], bool]
) -> Link | None:
    if item.kind == "page":
        return _page_link(item.target, audience.words) if item.target in PLATFORM_PAGES else None
    view = catalog.views.get(item.target) if item.kind == "view" else None
    object_key = view.object if view is not None else item.target
    model = catalog.objects.get(object_key)
    if model is None or not may_read(object_key):
        return None
    fallback = object_labels(model, audience)
    if view is not None:
        fallback = view.label.text(audience.locale, humanise(view.key))
    label = item.label.text(audience.locale, fallback)
    url = f"/o/{object_key}" + (f"?view={view.key}" if view is not None else "")
    key = f"{object_key}:{view.key}" if view is not None else object_key
    return Link(key, label, url, letter=sign_of(model, label), shade=shade_of(object_key))


def _every_object(
    catalog: Catalog, audience: Audience, may_read: Callable[[str], bool]
) -> Iterator[MenuPart]:
    links = [
        Link(key, label, f"/o/{key}", letter=sign_of(model, label), shade=shade_of(key))
        for key, model in catalog.objects.items()
        if not model.builtin and model.child_of is None and may_read(key)
        for label in (object_labels(model, audience),)
    ]
    if links:
        yield MenuPart(audience.words("Records"), tuple(links))
