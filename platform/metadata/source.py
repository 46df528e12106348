"""Text of a definition file → plain values, every one with its line and column.

YAML is read as 1.2 core scalars from libyaml's event stream, so that a breach of a limit stops
the reading at once; JSON is read by the same rules, stricter where JSON is. Nothing here knows
what the values mean. Read `scalars`, then `reader`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from trellis.metadata.limits import MAX_BYTES
from trellis.metadata.reader import DEPTH_WORDS, LOADER, Mark, Path, Reader
from trellis.problems import Location, Problem, ProblemsFoundError

#: Control characters, and line ends that editors count otherwise than YAML does.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


@dataclass(frozen=True)
class Source:
    """A file's values, where each of them and each key stands."""

    file: str
    data: Any
    places: Mapping[Path, Mark] = field(default_factory=dict)
    keys: Mapping[Path, Mark] = field(default_factory=dict)
    #: Texts that stand in quotes: what is inside begins a column later.
    quoted: frozenset[Path] = frozenset()

    def at(self, path: Path) -> Location:
        """Return where the value at `path` stands, or its nearest ancestor."""
        while path and path not in self.places:
            path = path[:-1]
        return Location(self.file, *self.places.get(path, (1, 1)))

    def at_key(self, path: Path) -> Location:
        """Return where the key that leads to `path` stands."""
        place = self.keys.get(path)
        return self.at(path) if place is None else Location(self.file, *place)


@dataclass(frozen=True)
class Place:
    """A value of a file: where it, and what is below it, stands."""

    source: Source
    path: Path

    def at(self, *keys: str | int) -> Location:
        """Return where a value below stands; of an absent one, its nearest ancestor."""
        return self.source.at((*self.path, *keys))

    @property
    def value(self) -> Any:
        """Return the value as it was written."""
        found = self.source.data
        for step in self.path:
            found = found[step]
        return found

    def at_key(self, *keys: str | int) -> Location:
        """Return where a key below stands."""
        return self.source.at_key((*self.path, *keys))


def read_source(content: bytes, *, file: str, loader: Any = LOADER) -> Source:
    """Return the values of a YAML or JSON file; raise ProblemsFoundError at the first breach."""
    text = _decode(content, file)
    reader = Reader(file, loader)
    try:
        data = reader.read(text)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, reader) from None
    except yaml.YAMLError as error:
        words = " ".join(str(error).split())
        raise _stop(file, (1, 1), "META003", f"this is not valid YAML: {words}") from None
    if reader.is_json:
        _refuse_loose_json(text, file)
    return Source(file, data, reader.places, reader.keys, frozenset(reader.quoted))


def _syntax_error(error: yaml.MarkedYAMLError, reader: Reader) -> ProblemsFoundError:
    mark = error.problem_mark or error.context_mark
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "exceeded maximum nesting" in str(error.problem):
        return _stop(reader.file, place, "META005", *DEPTH_WORDS)
    parts = [part for part in (error.context, error.problem) if part]
    language = "JSON" if reader.is_json else "YAML"
    words = ", ".join(parts) or "syntax error"
    return _stop(reader.file, place, "META003", f"this is not valid {language}: {words}",
                 _mending(words))  # fmt: skip


#: What the parser says → what the author most likely has to do.
_MENDINGS: Mapping[str, str] = {
    "mapping values are not allowed": "put a text that holds `: ` in quotes, or mend the "
                                      "indentation",
    "did not find expected key": "mend the indentation of this line, or close the quote or "
                                 "bracket before it",
    "did not find expected '-' indicator": "mend the indentation of this line: items of one list "
                                           "begin in one column",
    "did not find expected ',' or": "close the bracket, or put a comma between the entries",
    "could not find expected ':'": "write `key: value`, with a blank after the colon",
    "cannot start any token": "put a text that begins with a sign in quotes; indent with blanks, "
                              "not with tabs",
    "unexpected end of stream": "close the quote",
    "unknown escape character": "write texts with backslashes in single quotes",
    "escape code": "write the character itself",
}  # fmt: skip


def _mending(words: str) -> str | None:
    return next((mending for part, mending in _MENDINGS.items() if part in words), None)


def _refuse_loose_json(text: str, file: str) -> None:
    """Refuse what YAML allows and JSON does not; depth and size are known to be bounded."""
    try:
        json.loads(text) if text.strip() else None
    except json.JSONDecodeError as error:
        raise _stop(file, (error.lineno, error.colno), "META003",
                    f"this is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
                    "texts and keys stand in double quotes; no comments, no comma after the last "
                    "entry") from None  # fmt: skip


def _decode(content: bytes, file: str) -> str:
    if len(content) > MAX_BYTES:
        megabytes = MAX_BYTES // 2**20
        raise _stop(file, (0, 0), "META001", f"the file is larger than {megabytes} MiB",
                    "split it into one file a definition")  # fmt: skip
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = len(content[content.rfind(b"\n", 0, error.start) + 1 : error.start].decode()) + 1
        raise _stop(file, (line, column), "META002", "the file is not valid UTF-8",
                    "save it as UTF-8") from None  # fmt: skip
    bad = _REFUSED.search(text)
    if bad is not None:
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - (text.rfind("\n", 0, bad.start()) + 1) + 1
        raise _stop(file, (line, column), "META002",
                    f"the character U+{ord(bad[0]):04X} is not allowed in definitions",
                    "remove it")  # fmt: skip
    return text


def _stop(
    file: str, place: Mark, code: str, message: str, help: str | None = None
) -> ProblemsFoundError:
    return ProblemsFoundError([Problem(Location(file, *place), code, message, help)])
