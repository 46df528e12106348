"""Events of libyaml → plain values, each with its place; stops at the first breach of a rule."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import yaml
from trellis.metadata.limits import MAX_DEPTH, MAX_NODES
from trellis.metadata.scalars import NOT_A_NUMBER, core_scalar
from trellis.problems import Location, Problem, ProblemsFoundError

Path = tuple[str | int, ...]
Mark = tuple[int, int]
#: libyaml, or the same parser in Python where that is missing.
LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)
#: What may follow the document: blank lines, comments, the end of document.
_REST = re.compile(r"(?:(?:\.\.\.)?[ \t\r]*+(?:#[^\n]*+)?(?:\n|\Z))*+")
_DIRECTIVE = re.compile(r"(?:[ \t\r]*+(?:#[^\n]*+)?\n)*+%")
_HALF = re.compile("[\ud800-\udfff]")
_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB]\w\w)\\u([dD][c-fC-F]\w\w)")


class Reader:
    """Composes the one document of a file; raises ProblemsFoundError at the first breach."""

    def __init__(self, file: str, loader: Any = LOADER) -> None:
        self.file = file
        self.is_json = file.endswith(".json")
        self.places: dict[Path, Mark] = {}
        self.keys: dict[Path, Mark] = {}
        self.quoted: set[Path] = set()
        self._loader = loader
        self._nodes = 0
        self._shifts: dict[int, list[int]] = {}

    def read(self, text: str) -> Any:
        """Return the value of the only document of `text`."""
        self._refuse_directives(text)
        whole = self._without_surrogates(text) if self.is_json else text
        events = self._events(whole)
        data: Any = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                data = self._value(next(events), events, ())
            elif isinstance(event, yaml.DocumentEndEvent):
                # Looked at before libyaml does: it would read what belongs to the next document.
                end: Any = event.end_mark
                self._refuse_more(whole, end.index)
                break
        return data

    def _refuse_directives(self, text: str) -> None:
        found = _DIRECTIVE.match(text)
        if found is not None:
            line = text.count("\n", 0, found.end()) + 1
            raise self._stop((line, 1), "META012", "directives (`%…`) are not used here",
                             "remove the line; YAML 1.2 is what is read")  # fmt: skip

    def _refuse_more(self, text: str, end: int) -> None:
        rest = _REST.match(text, end)
        if rest is not None and rest.end() < len(text):
            line = text.count("\n", 0, rest.end()) + 1
            raise self._stop((line, 1), "META004", "a file holds one document",
                             "move what follows to a file of its own")  # fmt: skip

    def _without_surrogates(self, text: str) -> str:
        """Write pairs of surrogates, which JSON has and YAML has not, as the character they are."""

        def whole(match: re.Match[str]) -> str:
            try:
                high, low = int(match[2], 16), int(match[3], 16)
            except ValueError:
                return match[0]
            line = text.count("\n", 0, match.start())
            start = text.rfind("\n", 0, match.start()) + 1
            self._shifts.setdefault(line, []).append(match.start() - start)
            return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"

        return _SURROGATES.sub(whole, text)

    def _events(self, text: str) -> Iterator[Any]:
        loader = self._loader(text)
        depth = 0
        try:
            while loader.check_event():
                event = loader.get_event()
                if isinstance(event, yaml.CollectionStartEvent):
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise self._breach(event, "META005", *DEPTH_WORDS)
                elif isinstance(event, yaml.CollectionEndEvent):
                    depth -= 1
                yield event
        finally:
            loader.dispose()

    def _value(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        self._count(event)
        self._refuse_yaml_features(event)
        self.places[path] = self._place(event)
        if isinstance(event, yaml.ScalarEvent):
            if event.style in ("'", '"'):
                self.quoted.add(path)
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
            self.keys[(*path, key)] = self._place(event)
            values[key] = self._value(next(events), events, (*path, key))
        return values

    def _key(self, event: Any, values: dict[str, Any], folded: dict[str, str]) -> str:
        self._count(event)
        self._refuse_yaml_features(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._breach(event, "META006", "a key must be a text, not a list or a map",
                               "write texts with `{{ … }}` or a leading `[` in quotes")  # fmt: skip
        key = self._checked_text(event, str(event.value))
        if not event.style and not self.is_json and not isinstance(core_scalar(key), str):
            raise self._breach(event, "META006", f"the key `{key[:40]}` is not a text",
                               f'write "{key[:40]}" in quotes')  # fmt: skip
        if key == "<<":
            raise self._breach(event, "META007", "merge keys (`<<`) are not used here",
                               "write the values out")  # fmt: skip
        if key in values:
            raise self._breach(event, "META008", f"the key `{key}` stands twice in this map",
                               "remove or rename one of them")  # fmt: skip
        alike = key.lower() if key.isascii() else unicodedata.normalize("NFKC", key).casefold()
        if alike in folded:
            raise self._breach(event, "META009",
                               f"the keys `{folded[alike]}` and `{key}` differ only in how they "
                               "are written", "rename one of them")  # fmt: skip
        folded[alike] = key
        return key

    def _scalar(self, event: Any) -> Any:
        text = str(event.value)
        if event.style:
            return self._checked_text(event, text)
        value = core_scalar(text)
        if self.is_json and isinstance(value, str):
            raise self._breach(event, "META003", f"`{text[:40]}` is not a value of JSON",
                               "write texts in double quotes")  # fmt: skip
        if value is NOT_A_NUMBER:
            raise self._breach(event, "META010", f"`{text[:40]}` is not a number that can be kept",
                               "write it in quotes if it is meant as a text")  # fmt: skip
        return value

    def _checked_text(self, event: Any, text: str) -> str:
        if not text.isascii() and _HALF.search(text):
            raise self._breach(event, "META002", "half of a surrogate pair is not a character")
        if "\x00" in text:
            raise self._breach(event, "META002", "the character U+0000 is not allowed",
                               "remove it")  # fmt: skip
        return text

    def _refuse_yaml_features(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._breach(event, "META011", "anchors and aliases are not used here",
                               "write the value out where it is needed")  # fmt: skip
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise self._breach(event, "META012", f"the tag `{tag[:60]}` is not used here",
                               "remove it; quotes make a text")  # fmt: skip

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._breach(event, "META013", f"the file holds more than {MAX_NODES} values",
                               "split it into one file a definition")  # fmt: skip

    def _place(self, event: Any) -> Mark:
        mark = event.start_mark
        shifted = bisect_left(self._shifts.get(mark.line, ()), mark.column)
        return mark.line + 1, mark.column + 1 + 2 * shifted

    def _breach(
        self, event: Any, code: str, message: str, help: str | None = None
    ) -> ProblemsFoundError:
        return self._stop(self._place(event), code, message, help)

    def _stop(
        self, place: Mark, code: str, message: str, help: str | None = None
    ) -> ProblemsFoundError:
        return ProblemsFoundError([Problem(Location(self.file, *place), code, message, help)])


DEPTH_WORDS = (f"values are nested deeper than {MAX_DEPTH}", "write it flatter")
