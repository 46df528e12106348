"""Write docs/reference/definitions: a page a kind of file, made from the JSON Schemas.

python tools/definition_reference.py
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trellis.metadata.checks.naming import RESERVED_FIELDS, RESERVED_OBJECTS
from trellis.metadata.shape import KINDS, load_schema

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs/reference/definitions"
EXAMPLE = ROOT / "docs/reference/example"
_MADE = "Made from the schema by `tools/definition_reference.py`; a test compares.\n"
Schema = Mapping[str, Any]


def pages() -> dict[str, str]:
    """Return the pages by file name."""
    return {**{f"{kind}.md": _page(kind) for kind in KINDS}, "index.md": _index()}


def _index() -> str:
    lines = ["# Definition files", "", "An app is a folder of these files. The example of every "
             "page is part of one small app, `docs/reference/example`.", "", _MADE,
             "| file | holds |", "|---|---|"]  # fmt: skip
    for kind in KINDS:
        lines.append(f"| [`{kind}.yaml`]({kind}.md) | {load_schema(kind)['title']} |")
    lines += [
        "", "Every file may be YAML or JSON. `flows/<key>.yaml` holds one definition, its key is "
        "the file's name; other kinds likewise. A module of `app.yaml` is a folder with the same "
        "files. `translations/<locale>.yaml` has the form of the definitions with nothing but "
        "the texts.", "",
        "Editors check a file that begins with `# yaml-language-server: "
        "$schema=<folder>/objects.schema.json`; `trellis package schema -o <folder>` writes the "
        "schemas, `trellis package schema objects` prints one.", "",
        "## Names that are taken", "",
        "Fields: " + ", ".join(f"`{name}`" for name in sorted(RESERVED_FIELDS)) + ".",
        "", "Objects: " + ", ".join(f"`{name}`" for name in sorted(RESERVED_OBJECTS)) + ".", "",
        "## Parts that all files share", "", "| part | is |", "|---|---|",
        *(f"| {name} | {_cell(one.get('description', ''))} |"
          for name, one in load_schema("common")["$defs"].items()),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _page(kind: str) -> str:
    schema = load_schema(kind)
    example = (EXAMPLE / f"{kind}.yaml").read_text("utf-8").rstrip()
    lines = [f"# {schema['title']}", "", schema["description"], "", _MADE,
             "```yaml", example, "```", "", *_table("The file", schema)]  # fmt: skip
    for name, part in _parts(schema):
        lines += ["", *_table(name, part)]
    return "\n".join(lines) + "\n"


def _parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for name, part in schema.get("$defs", {}).items():
        yield name.replace("_", " ").capitalize(), part


def _table(title: str, schema: Schema) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    if schema.get("description") and title != "The file":
        yield f"{schema['description']}"
        yield ""
    if not schema.get("properties"):
        return
    yield "| key | is | value | default |"
    yield "|---|---|---|---|"
    yield from _rows(schema, "")


def _rows(schema: Schema, lead: str) -> Iterator[str]:
    for key, one in schema["properties"].items():
        needed = " **needed**" if key in schema.get("required", ()) else ""
        default = f"`{json.dumps(one['default'])}`" if "default" in one else ""
        example = f", such as `{json.dumps(one['examples'][0])}`" if one.get("examples") else ""
        yield (f"| `{lead}{key}`{needed} | {_cell(one.get('description', ''))} | "
               f"{_cell(_value(one) + example)} | {default} |")  # fmt: skip
        inner = one if one.get("properties") else one.get("items", {})
        if inner.get("properties") and "$ref" not in inner:
            yield from _rows(inner, f"{lead}{key}.")


_WORDS = {"object": "map", "array": "list", "string": "text", "integer": "whole number",
          "number": "number", "boolean": "true or false", "null": "nothing"}  # fmt: skip


def _value(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    kinds = schema.get("type", "anything")
    words = " or ".join(
        _WORDS.get(one, one) for one in ([kinds] if isinstance(kinds, str) else kinds)
    )
    inner = schema.get("items") or schema.get("additionalProperties")
    if isinstance(inner, Mapping) and (inner.get("$ref") or inner.get("type")):
        words += f" of {_value(inner)}"
    return words + _bounds(schema)


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" from {low}" if low is not None else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """Write the pages."""
    TARGET.mkdir(exist_ok=True)
    for name, text in pages().items():
        (TARGET / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
