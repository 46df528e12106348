"""The reference of definition files is what the schemas say, and its examples are an app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import read_package
from trellis.metadata.shape import _WORDS, KINDS, load_schema, whole_schema

from tools.definition_reference import EXAMPLE, TARGET, pages


@pytest.mark.parametrize("name", [f"{kind}.md" for kind in KINDS] + ["index.md"])
def test_a_page_is_the_one_that_the_schema_makes(name: str) -> None:
    told = "run `python tools/definition_reference.py`, and read what it wrote"

    assert (TARGET / name).read_text("utf-8") == pages()[name], told


def test_the_examples_are_one_app_without_problems() -> None:
    catalog = compile_catalog([read_package(EXAMPLE)])

    assert catalog.objects["book"].fields["price"].label.text("zh-CN") == "价格"
    assert {path.stem for path in EXAMPLE.glob("*.yaml")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_of_json_schema_2020_12_and_needs_no_other_file(kind: str) -> None:
    schema = whole_schema(kind)

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "common.schema.json" not in str(schema)


def _properties(schema: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(schema, Mapping):
        for key, one in schema.get("properties", {}).items():
            yield f"{path}.{key}", one
        for key, one in schema.items():
            yield from _properties(one, f"{path}.{key}")
    elif isinstance(schema, list):
        for one in schema:
            yield from _properties(one, path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_says_what_it_is(kind: str) -> None:
    silent = [path for path, one in _properties(load_schema(kind)) if not one.get("description")]

    assert silent == []


#: What only gathers or describes, and can be broken by nobody.
_QUIET = {"$schema", "$ref", "$defs", "title", "description", "properties", "propertyNames",
          "items", "default", "examples"}  # fmt: skip


def _keywords(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, one in schema.items():
            if key in ("properties", "$defs"):
                for inner in one.values():
                    yield from _keywords(inner)
            else:
                yield key
                yield from _keywords(one) if key not in ("default", "examples") else ()


@pytest.mark.parametrize("kind", [*KINDS, "common"])
def test_every_breach_of_a_schema_has_words_of_its_own(kind: str) -> None:
    assert set(_keywords(load_schema(kind))) - _QUIET <= set(_WORDS)
