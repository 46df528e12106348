"""The shape of a file against its JSON Schema, every breach told as a problem with its place."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from trellis.metadata.reader import Path
from trellis.metadata.source import Source
from trellis.problems import Problem, suggest

SCHEMAS = pathlib.Path(__file__).parent / "schema"
#: Kinds of file, in the order in which they are read.
KINDS = ("app", "options", "objects", "forms", "views", "roles", "rules", "flows",
         "calendars", "notifications", "reports")  # fmt: skip
_COMMON = "common.schema.json"
_NAMES = {"object": "a map", "array": "a list", "string": "a text", "integer": "a whole number",
          "number": "a number", "boolean": "true or false", "null": "nothing"}  # fmt: skip


def shape_problems(source: Source, kind: str) -> Iterator[Problem]:
    """Yield a problem for each breach of the kind's schema."""
    if source.data is None:
        return
    for error in _validator(kind).iter_errors(source.data):
        yield from _problems(error, source)


@cache
def load_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file."""
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{kind}.schema.json").read_text("utf-8"))
    return loaded


def whole_schema(kind: str) -> dict[str, Any]:
    """Return the schema of a kind of file that needs no other file: for editors and the web."""
    schema = load_schema(kind)
    shared = load_schema("common")["$defs"]
    text = json.dumps({**schema, "$defs": {**shared, **schema.get("$defs", {})}})
    whole: dict[str, Any] = json.loads(text.replace(f"{_COMMON}#", "#"))
    return whole


def label_path(kind: str, path: Path) -> Path | None:
    """Return the path of the label that a text at `path` translates, None when there is none."""
    schema: Mapping[str, Any] = load_schema(kind)
    root = schema
    for step in path:
        while "$ref" in schema:
            schema, root = _referred(str(schema["$ref"]), root)
        schema = (schema.get("properties", {}).get(step) or schema.get("additionalProperties")
                  or schema.get("items") or {})  # fmt: skip
        if not isinstance(schema, Mapping):
            return None
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name == "option":
        return (*path, "label")
    return path if name in ("label", "help") else None


def _referred(
    reference: str, root: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    file, _, name = reference.partition("#/$defs/")
    document = load_schema("common") if file else root
    return document["$defs"][name], document


@cache
def _validator(kind: str) -> Draft202012Validator:
    common = Resource.from_contents(load_schema("common"), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_COMMON, common)
    return Draft202012Validator(load_schema(kind), registry=registry)


def _problems(error: ValidationError, source: Source) -> Iterator[Problem]:
    path = tuple(error.absolute_path)
    yield from _WORDS[str(error.validator)](error, source, path)


def _unknown_keys(
    error: ValidationError, source: Source, path: tuple[str | int, ...]
) -> Iterator[Problem]:
    known = _schema(error).get("properties", {})
    where = f" in `{path[-1]}`" if path and isinstance(path[-1], str) else ""
    for key in _keys(error.instance):
        if key not in known:
            yield Problem(
                source.at_key((*path, key)), "META021", f"the key `{key}` is not known{where}",
                locale_hint(key, known) or suggest(key, known),
            )  # fmt: skip


def locale_hint(key: str, known: Iterable[str]) -> str | None:
    """Return the locale that is meant by a name of a language: `zh` is `zh-CN`."""
    if "zh-CN" not in known:
        return None
    name = key.lower().replace("_", "-")
    if name.startswith(("zh", "cn", "chi", "tw", "hk")):
        traditional = any(part in name for part in ("tw", "hk", "hant", "mo"))
        return f"did you mean `{'zh-TW' if traditional else 'zh-CN'}`?"
    return "did you mean `en`?" if name.startswith("en") else None


def _missing_key(
    error: ValidationError, source: Source, path: tuple[str | int, ...]
) -> Iterator[Problem]:
    for key in _values(error):
        if key not in _keys(error.instance) and f"'{key}' is" in error.message:
            name = f"`{path[-1]}`" if path else "the file"
            yield Problem(source.at(path), "META022", f"{name} lacks the key `{key}`",
                          f"add `{key}:`")  # fmt: skip


def _wrong_type(
    error: ValidationError, source: Source, path: tuple[str | int, ...]
) -> Iterator[Problem]:
    names = list(_values(error))
    words = " or ".join(_NAMES[name] for name in names)
    what = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this value"
    help_text = None
    if "string" in names and isinstance(error.instance, int | float):
        # What has a form of its own is shown in that form: quotes alone would not be enough.
        example = next(iter(_schema(error).get("examples", ())), None)
        help_text = f'write it as "{example}", in quotes' if example else "put it in quotes"
    else:
        help_text = next((_MENDINGS[name] for name in names if name in _MENDINGS), None)
    yield Problem(source.at(path), "META023",
                  f"{what} must be {words}, not {_kind_of(error.instance)}", help_text)  # fmt: skip


_MENDINGS = {
    "array": "write `[…]`, or a `-` before each item",
    "boolean": "write true or false, without quotes",
    "integer": "write the number without quotes",
    "number": "write the number without quotes",
    "object": "write `{key: value}`, or indented lines",
    "string": "write a text",
}


def _not_allowed(
    error: ValidationError, source: Source, path: tuple[str | int, ...]
) -> Iterator[Problem]:
    known = _values(error)
    help_text = suggest(str(error.instance), known) or "known are " + ", ".join(
        f"`{name}`" for name in known
    )
    name = next((step for step in reversed(path) if isinstance(step, str)), "value")
    what = f"`{error.instance}` is not a {name}"
    if path and not isinstance(path[-1], str):
        what = f"`{error.instance}` is none of what `{name}` may hold"
    yield Problem(source.at(path), "META024", what, help_text)


def _wrong_pattern(
    error: ValidationError, source: Source, path: tuple[str | int, ...]
) -> Iterator[Problem]:
    wanted = _schema(error).get("description", f"a text like {error.validator_value}")
    is_name = "propertyNames" in error.absolute_schema_path
    place = source.at_key((*path, str(error.instance))) if is_name else source.at(path)
    yield Problem(place, "META025", f"`{str(error.instance)[:60]}` is not {wanted}",
                  _pattern_help(error, is_name=is_name))  # fmt: skip


def _pattern_help(error: ValidationError, *, is_name: bool) -> str | None:
    examples = _schema(error).get("examples", ())
    if is_name or "key" in str(_schema(error).get("description")):
        return _name_help(str(error.instance))
    return f"for example `{examples[0]}`" if examples else "write it in this form"


def _name_help(name: str) -> str | None:
    lowered = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name.lower())
    tidy = lowered.strip("_").lstrip("0123456789_")[:40]
    return f"for example `{tidy}`" if tidy else None


_BOUND_HELP = {"minLength": "write something", "maxLength": "shorten it",
               "minItems": "add one, or remove the key",
               "minProperties": "add one, or remove the key"}  # fmt: skip
#: What is bounded → the words before and after the bound.
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "minimum": ("be at least", ""), "maximum": ("be at most", ""),
    "minLength": ("have at least", " character"), "maxLength": ("have at most", " characters"),
    "minItems": ("have at least", " item"), "minProperties": ("have at least", " entry"),
}  # fmt: skip


def _out_of_bounds(
    error: ValidationError, source: Source, path: tuple[str | int, ...]
) -> Iterator[Problem]:
    verb, unit = _BOUNDS[str(error.validator)]
    bound: Any = error.validator_value
    name = str(error.instance)
    if "propertyNames" in error.absolute_schema_path:
        place, what = source.at_key((*path, name)), f"the key `{name[:40]}`"
    else:
        place = source.at(path)
        what = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this value"
    plural = "s" if unit in (" item", " character") and bound > 1 else ""
    small = str(error.validator).startswith("min")
    yield Problem(place, "META026", f"{what} must {verb} {bound}{unit}{plural}",
                  _BOUND_HELP.get(str(error.validator))
                  or ("write a larger number" if small else "write a smaller number"))  # fmt: skip


def _kind_of(value: object) -> str:
    kinds = {dict: "a map", list: "a list", str: "a text", bool: "true or false",
             int: "a number", float: "a number", type(None): "nothing"}  # fmt: skip
    return kinds[type(value)]


def _schema(error: ValidationError) -> Mapping[str, Any]:
    """Return the part of the schema that was breached."""
    return error.schema if isinstance(error.schema, Mapping) else {}


def _keys(value: object) -> list[str]:
    """Return the keys of a map."""
    return list(value) if isinstance(value, Mapping) else []


def _values(error: ValidationError) -> list[str]:
    """Return what the schema names: one value or several."""
    value: Any = error.validator_value
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


Describe = Callable[[ValidationError, Source, tuple[str | int, ...]], Iterator[Problem]]
_WORDS: Mapping[str, Describe] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_key,
    "type": _wrong_type,
    "enum": _not_allowed,
    "pattern": _wrong_pattern,
    **dict.fromkeys(_BOUNDS, _out_of_bounds),
}
