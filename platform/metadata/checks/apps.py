"""Apps: what they need is there, what they add to others carries their name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trellis.metadata.checks.places import at, at_key
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import App, Catalog
from trellis.problems import Problem

_WANTED = re.compile(r"(>=|==)?(\d+(?:\.\d+)*)")


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of the head of every app."""
    for app in catalog.apps.values():
        yield from _requirement_problems(catalog, app)
        yield from _module_problems(app)
        if app.extends is not None:
            yield from _extension_problems(catalog, app)


def _requirement_problems(catalog: Catalog, app: App) -> Iterator[Problem]:
    for name, wanted in app.requires.items():
        other = catalog.apps.get(name)
        if other is None:
            yield Problem(at_key(app, "requires", name), "META084", f"there is no app `{name}`",
                          f"install `{name}` first")  # fmt: skip
        elif not _satisfied(other.version, wanted):
            yield Problem(at(app, "requires", name), "META085",
                          f"`{app.key}` needs `{name}` {wanted}, here is {other.version}",
                          f"install another version of `{name}`")  # fmt: skip


def _satisfied(version: str, wanted: str) -> bool:
    match = _WANTED.fullmatch(wanted)
    if match is None:
        return False
    present, needed = _numbers(version), _numbers(match[2])
    if match[1] == "==":
        return present[: len(needed)] == needed
    return present >= needed


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _module_problems(app: App) -> Iterator[Problem]:
    for key, module in app.modules.items():
        for number, needed in enumerate(module.get("needs") or ()):
            if needed not in app.modules or needed == key:
                yield Problem(
                    at(app, "modules", key, "needs", number),
                    "META086",
                    f"there is no other module `{needed}`",
                    hint(needed, [name for name in app.modules if name != key], "leave it out"),
                )


def _extension_problems(catalog: Catalog, app: App) -> Iterator[Problem]:
    if app.extends not in catalog.apps:
        yield Problem(at(app, "extends"), "META084", f"there is no app `{app.extends}`",
                      f"install `{app.extends}` first")  # fmt: skip
    for item in catalog.objects.values():
        for field in item.fields.values():
            if field.app != app.key or item.app in (app.key, "platform"):
                continue
            if not field.key.startswith(f"{app.key}_"):
                yield Problem(field.location, "META083",
                              f"what `{app.key}` adds to `{item.key}` of `{item.app}` begins with "
                              f"`{app.key}_`", f"call it `{app.key}_{field.key}`")  # fmt: skip
