"""The page that says how much of the service app's specification is there.

`python tools/service_coverage.py --spec FOLDER` reads the specification (`service_objects.json`,
`service-app.md`, `requirements.md`) and keeps what it asks as a short list; without `--spec` that
list is used as it is. Then the app is read and docs/reference/service-coverage.md is written.
Where the app differs on purpose, docs/reference/service-notes.yaml says why.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from service_asked import Asked, differences, read_specification
from trellis.metadata.compile import compile_catalog
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.package import read_package

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "apps" / "service"
ASKED = ROOT / "docs" / "reference" / "service-asked.yaml"
NOTES = ROOT / "docs" / "reference" / "service-notes.yaml"
PAGE = ROOT / "docs" / "reference" / "service-coverage.md"


def service_catalog() -> Catalog:
    """Return the service app, compiled."""
    return compile_catalog([read_package(APP)])


def own_objects(catalog: Catalog) -> list[str]:
    """Return the objects that the app declares or extends."""
    found = []
    for key, item in catalog.objects.items():
        if any(field.app == "service" for field in item.fields.values()):
            found.append(key)
    return found


# The page


def page(catalog: Catalog, asked: Mapping[str, Any], notes: Mapping[str, Any]) -> str:
    """Return the page."""
    parts = [
        _HEAD,
        "\n".join(_summary(catalog, asked, notes)),
        "\n".join(_objects(catalog, asked, notes)),
        "\n".join(_transitions(catalog, asked, notes)),
        "\n".join(_named("Flows", asked["flows"], notes["flows"])),
        "\n".join(_named("Decision tables", asked["decisions"], notes["decisions"])),
        "\n".join(_roles(catalog, asked)),
        "\n".join(_ids("Notifications", asked["notifications"], notes["notifications"])),
        "\n".join(_ids("Requirements", asked["requirements"], notes["requirements"])),
    ]
    return "\n\n".join(parts) + "\n"


_HEAD = """# What of the service specification is there

Made by `python tools/service_coverage.py` from the app, from what the specification asks
(service-asked.yaml) and from our notes (service-notes.yaml); a test compares. *Differs* names what
is there in another way than asked, and why."""


def _summary(catalog: Catalog, asked: Mapping[str, Any], notes: Mapping[str, Any]) -> Iterator[str]:
    objects = asked["objects"]
    here = [key for key in objects if key in catalog.objects]
    wanted = sum(len(one["fields"]) for one in objects.values())
    first = sum(len(objects[key]["fields"]) for key in here)
    found = sum(1 for key in here for name in objects[key]["fields"]
                if name in catalog.objects[key].fields)  # fmt: skip
    transitions = asked["transitions"]
    moved = sum(1 for key in transitions if key not in notes["transitions"]["not_yet"])
    rows = [
        ("objects", len(here), len(objects)),
        ("fields", found, wanted),
        ("fields of the objects that are there", found, first),
        ("transitions of ticket and work order", moved, len(transitions)),
        ("flows", len(notes["flows"]), len(asked["flows"])),
        ("decision tables", len(notes["decisions"]), len(asked["decisions"])),
        ("roles", sum(role in catalog.roles for role in asked["roles"]), len(asked["roles"])),
        ("notifications", len(notes["notifications"]), len(asked["notifications"])),
        ("requirements, at least in part", len(notes["requirements"]), len(asked["requirements"])),
    ]
    yield "| asked | there | of |"
    yield "|---|---|---|"
    for what, there, of in rows:
        yield f"| {what} | {there} | {of} |"


def _objects(catalog: Catalog, asked: Mapping[str, Any], notes: Mapping[str, Any]) -> Iterator[str]:
    yield "## Objects\n"
    yield "| object | there | not yet |"
    yield "|---|---|---|"
    for key, one in asked["objects"].items():
        if key not in catalog.objects:
            continue
        fields = catalog.objects[key].fields
        there = [name for name in one["fields"] if name in fields]
        missing = [_missing(asked, name, one["fields"][name]) for name in one["fields"]
                   if name not in fields]  # fmt: skip
        yield f"| `{key}` {one['zh']} | {' '.join(there)} | {', '.join(missing) or '-'} |"
    yield "\nNot yet: " + ", ".join(
        f"`{key}`" for key in asked["objects"] if key not in catalog.objects
    )
    yield "\n### Differs\n"
    for name, why in found_differences(catalog, asked).items():
        reason = notes["fields"].get(name)
        yield f"- `{name}` {'; '.join(why)}" + (f": {reason}" if reason else "")
    yield "\n### Ours\n"
    yield "Fields that the specification does not have: "
    for key in own_objects(catalog):
        stated = asked["objects"].get(key, {"fields": {}})["fields"]
        more = [name for name, field in catalog.objects[key].fields.items()
                if name not in stated and field.app == "service"]  # fmt: skip
        if more:
            yield f"- `{key}`: {' '.join(more)}"


def _missing(asked: Mapping[str, Any], name: str, text: str) -> str:
    argument = Asked.of(text).argument
    return f"{name} (`{argument}`)" if argument in asked["objects"] else name


def found_differences(catalog: Catalog, asked: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return how fields of the app differ from what is asked, by `object.field`."""
    found: dict[str, list[str]] = {}
    for key, one in asked["objects"].items():
        fields = catalog.objects[key].fields if key in catalog.objects else {}
        for name, text in one["fields"].items():
            if name in fields:
                why = list(differences(catalog, key, fields[name], Asked.of(text)))
                if why:
                    found[f"{key}.{name}"] = why
    return found


def _transitions(
    catalog: Catalog, asked: Mapping[str, Any], notes: Mapping[str, Any]
) -> Iterator[str]:
    yield "## Transitions\n"
    yield "| id | action | in the app | still to come |"
    yield "|---|---|---|---|"
    said = notes["transitions"]
    for key, action in asked["transitions"].items():
        if key in said["not_yet"]:
            yield f"| {key} | {action} | not yet | {said['not_yet'][key]} |"
            continue
        names = said["called"].get(key, [action])
        shown = " ".join(f"`{name}`" for name in names)
        yield f"| {key} | {action} | {shown} | {said['to_come'].get(key, '-')} |"
    mine = ours(catalog, asked, notes)
    yield "\nOurs: " + "; ".join(f"`{name}` ({said['ours'][name]})" for name in mine)


def ours(catalog: Catalog, asked: Mapping[str, Any], notes: Mapping[str, Any]) -> list[str]:
    """Return the transitions of ticket and work order that the specification does not list."""
    said = notes["transitions"]
    known = {
        (_object_of(key), name)
        for key, action in asked["transitions"].items()
        for name in said["called"].get(key, [action])
    }
    return [
        f"{key}.{name}"
        for key in ("ticket", "work_order")
        for name in lifecycle_transitions(catalog, key)
        if (key, name) not in known
    ]


def lifecycle_transitions(catalog: Catalog, key: str) -> list[str]:
    """Return the transitions of an object."""
    lifecycle = catalog.objects[key].lifecycle
    return [] if lifecycle is None else list(lifecycle.transitions)


def _object_of(key: str) -> str:
    return "ticket" if key.startswith("T") else "work_order"


def _named(title: str, asked: Mapping[str, str], notes: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| id | name | in the app | still to come |"
    yield "|---|---|---|---|"
    for key, one in notes.items():
        shown = " ".join(f"`{name}`" for name in one["in"])
        yield f"| {key} | {asked[key]} | {shown} | {one.get('to_come', '-')} |"
    yield "\nNot yet: " + ", ".join(f"{k} {asked[k]}" for k in asked if k not in notes)


def _roles(catalog: Catalog, asked: Mapping[str, Any]) -> Iterator[str]:
    yield "## Roles\n"
    yield "There: " + ", ".join(f"`{role}`" for role in asked["roles"] if role in catalog.roles)
    yield "\nNot yet: " + ", ".join(f"`{r}`" for r in asked["roles"] if r not in catalog.roles)


def _ids(title: str, asked: list[str], notes: Mapping[str, str]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| id | what is there |"
    yield "|---|---|"
    for key in asked:
        if key in notes:
            yield f"| {key} | {notes[key]} |"
    yield "\nNot yet: " + ", ".join(key for key in asked if key not in notes)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file of ours holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def main() -> int:
    """Write the page, and the short list first when the specification is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", type=Path, help="folder of the specification")
    arguments = parser.parse_args()
    if arguments.spec is not None:
        asked = read_specification(arguments.spec)
        head = "# What the service specification asks; made by tools/service_coverage.py.\n"
        ASKED.write_text(
            head + yaml.safe_dump(asked, allow_unicode=True, sort_keys=False, width=10_000),
            encoding="utf-8",
        )
    PAGE.write_text(page(service_catalog(), read_yaml(ASKED), read_yaml(NOTES)), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
