"""Text of a definition file → plain values, every one with its line and column.

YAML is read as 1.2 core scalars from libyaml's event stream, so that a breach of a limit stops
the reading at once; JSON is read by the same rules, stricter where JSON is. Nothing here knows
what the values mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from trellis.metadata.limits import MAX_BYTES, MAX_DEPTH, MAX_NODES
from trellis.problems import Location, Problem, ProblemsFoundError

Path = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CLoader", yaml.Loader)

_INTEGER = re.compile(r"[-+]?[0-9]+")
_HEX_OCTAL = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONSTANTS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_MAX_DIGITS = 400


@dataclass(frozen=True)
class Source:
    """A file's values, where each of them and each key stands, and its text."""

    file: str
    data: Any
    places: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    keys: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    def at(self, path: Path) -> Location:
        """Return where the value at `path` stands, or its nearest ancestor."""
        while path and path not in self.places:
            path = path[:-1]
        return Location(self.file, *self.places.get(path, (1, 1)))

    def at_key(self, path: Path) -> Location:
        """Return where the key that leads to `path` stands."""
        place = self.keys.get(path)
        return self.at(path) if place is None else Location(self.file, *place)


def read_source(content: bytes, *, file: str) -> Source:
    """Return the values of a YAML or JSON file; raise ProblemsFoundError at the first breach."""
    text = _decode(content, file)
    reader = _Reader(file, is_json=file.endswith(".json"))
    try:
        return reader.read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        words = _syntax_words(error)
        raise _stop(file, place, "META003", f"this is not valid YAML: {words}") from None
    except yaml.YAMLError as error:
        words = " ".join(str(error).split())
        raise _stop(file, (1, 1), "META003", f"this is not valid YAML: {words}") from None


def _syntax_words(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return ", ".join(parts) or "syntax error"


def _decode(content: bytes, file: str) -> str:
    if len(content) > MAX_BYTES:
        megabytes = MAX_BYTES // 2**20
        raise _stop(file, (0, 0), "META001", f"the file is larger than {megabytes} MiB",
                    "split it into one file a definition")  # fmt: skip
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _stop(file, (line, 1), "META002", "the file is not valid UTF-8",
                    "save it as UTF-8") from None  # fmt: skip
    bad = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", text)
    if bad is not None:
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - (text.rfind("\n", 0, bad.start()) + 1) + 1
        raise _stop(file, (line, column), "META002",
                    f"the character U+{ord(bad[0]):04X} is not allowed in definitions")  # fmt: skip
    return text


def _stop(
    file: str, place: tuple[int, int], code: str, message: str, help: str | None = None
) -> ProblemsFoundError:
    return ProblemsFoundError([Problem(Location(file, *place), code, message, help)])


class _Reader:
    """Composes one document from events; raises at the first breach."""

    def __init__(self, file: str, *, is_json: bool) -> None:
        self.file = file
        self.is_json = is_json
        self.places: dict[Path, tuple[int, int]] = {}
        self.keys: dict[Path, tuple[int, int]] = {}
        self.nodes = 0

    def read(self, text: str) -> Source:
        """Return the only document of `text`."""
        events = self._events(text)
        data: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._breach(event, "META004", "a file holds one document",
                                       "move what follows `---` to a file of its own")  # fmt: skip
                data = self._value(next(events), events, ())
        return Source(self.file, data, self.places, self.keys)

    def _events(self, text: str) -> Iterator[Any]:
        loader = _Loader(text)
        depth = 0
        try:
            while loader.check_event():
                event = loader.get_event()
                if isinstance(event, yaml.CollectionStartEvent):
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise self._breach(
                            event, "META005", f"values are nested deeper than {MAX_DEPTH}"
                        )
                elif isinstance(event, yaml.CollectionEndEvent):
                    depth -= 1
                yield event
        finally:
            loader.dispose()

    def _value(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        self._count(event)
        self._refuse_yaml_features(event)
        self.places[path] = _place(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(events, path)
        return self._mapping(events, path)

    def _list(self, events: Iterator[Any], path: Path) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        folded: dict[str, str] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, values, folded)
            self.keys[(*path, key)] = _place(event)
            values[key] = self._value(next(events), events, (*path, key))
        return values

    def _key(self, event: Any, values: dict[str, Any], folded: dict[str, str]) -> str:
        self._count(event)
        self._refuse_yaml_features(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._breach(event, "META006", "a key must be a text")
        key = str(event.value)
        if _is_plain(event) and not self.is_json and not isinstance(_core_scalar(key), str):
            raise self._breach(event, "META006", f"the key `{key}` is not a text",
                               f'write "{key}" in quotes if it is meant as a text')  # fmt: skip
        if key == "<<":
            raise self._breach(event, "META007", "merge keys (`<<`) are not used here",
                               "write the values out")  # fmt: skip
        if key in values:
            raise self._breach(event, "META008", f"the key `{key}` stands twice in this map",
                               "remove or rename one of them")  # fmt: skip
        alike = unicodedata.normalize("NFKC", key).casefold()
        if alike in folded:
            raise self._breach(event, "META009",
                               f"the keys `{folded[alike]}` and `{key}` differ only in how they "
                               "are written", "rename one of them")  # fmt: skip
        folded[alike] = key
        return key

    def _scalar(self, event: Any) -> Any:
        text = str(event.value)
        if not _is_plain(event):
            return self._checked_text(event, text)
        value = _core_scalar(text)
        if self.is_json and isinstance(value, str):
            raise self._breach(event, "META003", f"`{text[:40]}` is not valid JSON",
                               "write texts in double quotes")  # fmt: skip
        if value is _NOT_A_NUMBER:
            raise self._breach(event, "META010", f"`{text[:40]}` is not a number that can be kept")
        return value

    def _checked_text(self, event: Any, text: str) -> str:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self._breach(event, "META002", "half of a surrogate pair is not a character")
        if "\x00" in text:
            raise self._breach(event, "META002", "the character U+0000 is not allowed")
        return text

    def _refuse_yaml_features(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._breach(event, "META011", "anchors and aliases are not used here",
                               "write the value out where it is needed")  # fmt: skip
        tag = getattr(event, "tag", None)
        if tag is not None and not (tag == "!" or tag.startswith("tag:yaml.org,2002:str")):
            raise self._breach(event, "META012", f"the tag `{tag}` is not used here",
                               "remove it")  # fmt: skip

    def _count(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._breach(event, "META013", f"the file holds more than {MAX_NODES} values",
                               "split it into one file a definition")  # fmt: skip

    def _breach(
        self, event: Any, code: str, message: str, help: str | None = None
    ) -> ProblemsFoundError:
        return _stop(self.file, _place(event), code, message, help)


_NOT_A_NUMBER = object()


def _core_scalar(text: str) -> Any:
    """Return the value of a plain scalar by the YAML 1.2 core schema."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    first = text[0]
    if not (first.isdigit() or first in "+-."):
        return text
    if len(text) > _MAX_DIGITS and (_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text)):
        return _NOT_A_NUMBER
    if _INTEGER.fullmatch(text):
        return int(text)
    if _HEX_OCTAL.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return _NOT_A_NUMBER if number in (float("inf"), float("-inf")) else number
    return _NOT_A_NUMBER if _SPECIAL_FLOAT.fullmatch(text) else text


def _is_plain(event: Any) -> bool:
    return not event.style


def _place(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
