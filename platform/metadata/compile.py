"""Packages → one catalog: built, merged and checked, every problem of a stage at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from trellis.metadata.build.access import build_roles, build_scopes, build_separations
from trellis.metadata.build.calendars import build_calendars
from trellis.metadata.build.clocks import build_clocks
from trellis.metadata.build.flows import build_flows
from trellis.metadata.build.objects import ObjectPart, build_objects, build_options
from trellis.metadata.build.pages import build_forms, build_views
from trellis.metadata.build.reading import Reading
from trellis.metadata.build.rules import (
    build_decisions,
    build_notifications,
    build_rules,
)
from trellis.metadata.checks import catalog_problems
from trellis.metadata.complete import completed
from trellis.metadata.hints import hint
from trellis.metadata.model.access import RowFilter
from trellis.metadata.model.catalog import App, Catalog
from trellis.metadata.model.objects import Object
from trellis.metadata.package import DefinitionFile, Package, read_package
from trellis.problems import Problem, ProblemsFoundError

BUILTIN = Path(__file__).parent / "builtin"
_Definition = TypeVar("_Definition")


@cache
def builtin_package() -> Package:
    """Return the package of objects and roles that every workspace has."""
    return read_package(BUILTIN, shown="platform")


def compile_catalog(
    packages: Iterable[Package], *, version: int = 0, published: bool = False
) -> Catalog:
    """Return the catalog of the built-in package and `packages`.

    Raises ProblemsFoundError with all problems of the first stage that has any: reading and
    merging, then names, types and expressions. A `published` catalog was checked when it was
    published and is not checked again: a newer platform must not shut out what runs.
    """
    merging = _Merging()
    for package in (builtin_package(), *packages):
        merging.add(package)
    merging.extend_objects()
    if not published:
        _stop_on(merging.problems)
    catalog = completed(replace(Catalog(version=version), **merging.tables()))
    if not published:
        _stop_on(list(catalog_problems(catalog)))
    return catalog


def _stop_on(problems: list[Problem]) -> None:
    if any(problem.severity == "error" for problem in problems):
        raise ProblemsFoundError(problems)


@dataclass
class _Merging:
    """Collects the definitions of all packages and names what clashes."""

    tables_by_kind: dict[str, dict[str, Any]] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    extensions: list[Object] = field(default_factory=list)
    separations: list[Any] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, package: Package) -> None:
        """Build every file of a package."""
        head = Reading(package.head, (), package.head.data, package.app)
        app = _app(head)
        self.apps[app.key] = app
        scopes: dict[str, RowFilter] = {}
        for item in package.definitions:
            reading = Reading(item.source, (), item.source.data, app.key, app.language,
                              item.module)  # fmt: skip
            scopes.update(build_scopes(reading) if item.kind == "roles" else {})
        for item in package.definitions:
            self._add_file(item, app, scopes)

    def _add_file(self, item: DefinitionFile, app: App, scopes: Mapping[str, RowFilter]) -> None:
        reading = Reading(item.source, (), item.source.data, app.key, app.language, item.module)
        if item.kind == "objects":
            self._add_objects(reading)
        elif item.kind == "roles":
            self._add_scopes(reading)
            self._merge("roles", build_roles(reading, scopes))
            self.separations.extend(build_separations(reading))
        elif item.kind == "rules":
            self._merge("decisions", build_decisions(reading))
            self._merge("rules", build_rules(reading))
            self._merge("clocks", build_clocks(reading))
        elif item.kind == "reports":
            self._merge("reports", {"/".join((part, key)): {**entry.value, "_": entry}
                                    for part, group in reading.entries()
                                    for key, entry in group.entries()})  # fmt: skip
        else:
            builder = _BUILDERS[item.kind]
            self._merge(item.kind, builder(reading))
        self.problems.extend(reading.problems)

    def _add_scopes(self, reading: Reading) -> None:
        """Keep the scopes of a file; another app may have scopes of the same names."""
        known = self.tables_by_kind.setdefault("scopes", {})
        for key, scope in build_scopes(reading).items():
            name = f"{reading.app}.{key}"
            if name in known:
                reading.child("scopes").child(key).report(
                    "META082", f"scope `{key}` is declared twice", "rename one of them"
                )
            known[name] = scope

    def _add_objects(self, reading: Reading) -> None:
        parts, own_sets = build_objects(reading)
        self._merge("options", own_sets)
        whole: dict[str, Object] = {}
        for key, part in parts.items():
            self._sort_part(key, part, whole)
        self._merge("objects", whole)

    def _sort_part(self, key: str, part: ObjectPart, whole: dict[str, Object]) -> None:
        if part.extend:
            self.extensions.append(part.object)
        else:
            whole[key] = part.object

    def extend_objects(self) -> None:
        """Add the fields of `extend: true` objects to the objects they extend."""
        objects = self.tables_by_kind.setdefault("objects", {})
        for part in self.extensions:
            base = objects.get(part.key)
            if base is None:
                self.problems.append(Problem(part.location, "META080",
                    f"there is no object `{part.key}` to extend",
                    hint(part.key, objects)))  # fmt: skip
                continue
            for key in part.fields:
                alike = _alike(key, base.fields)
                if alike is not None:
                    other = base.fields[alike]
                    self.problems.append(Problem(part.fields[key].location, "META081",
                        f"object `{part.key}` has a field `{alike}` already",
                        f"app `{other.app}` declares it at {other.location}"))  # fmt: skip
            objects[part.key] = replace(
                base,
                fields={**base.fields, **part.fields},
                validations=base.validations + part.validations,
                indexes=base.indexes + part.indexes,
                unique=base.unique + part.unique,
            )

    def _merge(self, kind: str, found: Mapping[str, _Definition]) -> None:
        table = self.tables_by_kind.setdefault(kind, {})
        for key, definition in found.items():
            if key in table:
                self._clash(kind, key, table[key], definition)
            else:
                table[key] = definition

    def _clash(self, kind: str, key: str, first: Any, second: Any) -> None:
        old, new = (one["_"] if isinstance(one, dict) else one for one in (first, second))
        what = _SINGULAR.get(kind, "report")
        name = key.rpartition("/")[2]
        if old.app == new.app:
            message = f"{what} `{name}` is declared twice"
        else:
            message = f"{what} `{name}` is declared by app `{old.app}` and by app `{new.app}`"
        self.problems.append(
            Problem(
                new.location,
                "META082",
                message,
                f"rename one of them; the other is at {old.location}",
            )
        )

    def tables(self) -> dict[str, Any]:
        """Return the fields of the catalog."""
        return {
            "apps": self.apps,
            "separations": tuple(self.separations),
            **self.tables_by_kind,
        }


def _alike(key: str, known: Iterable[str]) -> str | None:
    """Return the name among `known` that differs from `key` in how it is written at most."""
    folded = unicodedata.normalize("NFKC", key).casefold()
    return next((name for name in known
                 if unicodedata.normalize("NFKC", name).casefold() == folded), None)  # fmt: skip


def _app(reading: Reading) -> App:
    return App(
        key=str(reading.get("app")),
        version=str(reading.get("version")),
        label=reading.label("label"),
        location=reading.location,
        language=reading.get("language", "en"),
        requires=reading.get("requires", {}),
        extends=reading.get("extends"),
        modules=reading.get("modules", {}),
        approvals=reading.get("approvals", {}),
        help=reading.label("help"),
        place=reading.place,
    )


_SINGULAR = {"objects": "object", "options": "option set", "forms": "form", "views": "view",
             "roles": "role", "decisions": "decision", "rules": "rule", "clocks": "clock",
             "flows": "flow", "calendars": "calendar", "notifications": "notification"}  # fmt: skip
_BUILDERS: Mapping[str, Any] = {
    "options": build_options,
    "forms": build_forms,
    "views": build_views,
    "flows": build_flows,
    "notifications": build_notifications,
    "calendars": build_calendars,
}
