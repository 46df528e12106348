"""One file being read: values with their paths, turned into labels, expressions, lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.metadata.model.texts import (
    EMPTY_LABEL,
    ExpressionText,
    FlagOrCondition,
    Label,
    ValueOrExpression,
)
from trellis.metadata.reader import Path
from trellis.metadata.source import Place, Source
from trellis.problems import Location, Problem


@dataclass(frozen=True)
class Reading:
    """A value of a file and where it stands; `problems` is shared by the whole file."""

    source: Source
    path: Path
    value: Any
    app: str
    language: str = "en"
    module: str | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def location(self) -> Location:
        """Return where the value stands."""
        return self.source.at(self.path)

    @property
    def place(self) -> Place:
        """Return the place of the value, for problems that are found later."""
        return Place(self.source, self.path)

    @property
    def key_location(self) -> Location:
        """Return where the key of the value stands."""
        return self.source.at_key(self.path)

    def child(self, key: str | int) -> Reading:
        """Return the value below `key`; missing keys give None."""
        value = self.value
        if isinstance(key, int):
            found = value[key]
        else:
            found = value.get(key) if isinstance(value, Mapping) else None
        return Reading(self.source, (*self.path, key), found, self.app, self.language,
                       self.module, self.problems)  # fmt: skip

    def entries(self, key: str | None = None) -> Iterator[tuple[str, Reading]]:
        """Yield the entries of a map (the value itself, or the one below `key`)."""
        here = self if key is None else self.child(key)
        if isinstance(here.value, Mapping):
            for name in here.value:
                yield name, here.child(name)

    def items(self, key: str | None = None) -> Iterator[Reading]:
        """Yield the items of a list; a single value counts as a list of one."""
        here = self if key is None else self.child(key)
        if isinstance(here.value, list):
            for position in range(len(here.value)):
                yield here.child(position)
        elif here.value is not None:
            yield here

    def has(self, key: str) -> bool:
        """Tell whether the map has the key with a value."""
        return isinstance(self.value, Mapping) and self.value.get(key) is not None

    def get(self, key: str, default: Any = None) -> Any:
        """Return the plain value below `key`."""
        value = self.value.get(key) if isinstance(self.value, Mapping) else None
        return default if value is None else value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, or a single one as a list."""
        return tuple(str(item.value) for item in self.items(key))

    def label(self, key: str, default: str | None = None) -> Label:
        """Return a label: one text in the app's language, or texts by locale."""
        return self.child(key).as_label(default)

    def as_label(self, default: str | None = None) -> Label:
        """Return the value itself as a label."""
        if isinstance(self.value, str):
            return Label({self.language: self.value})
        if isinstance(self.value, Mapping):
            return Label({str(locale): str(text) for locale, text in self.value.items()})
        return EMPTY_LABEL if default is None else Label({"en": default})

    def expression(self, key: str) -> ExpressionText | None:
        """Return a key that is always an expression."""
        return self.child(key).as_expression() if self.has(key) else None

    def as_expression(self) -> ExpressionText:
        """Return the value itself as an expression; YAML's true, false and numbers are FEEL."""
        return ExpressionText(_feel(self.value), self._text_location())

    def _text_location(self) -> Location:
        """Return where the first letter of an expression stands: after the quote, and `=`."""
        place = self.location
        text = str(self.value)
        shift = len(text) - len(text.removeprefix("=").lstrip())
        quote = 1 if self.path in self.source.quoted else 0
        return Location(place.file, place.line, place.column + quote + shift)

    def flag(self, key: str) -> FlagOrCondition:
        """Return a flag that may be a condition."""
        value = self.get(key, False)
        if isinstance(value, bool):
            return value
        return self.child(key).as_expression()

    def literal_or_expression(self) -> ValueOrExpression:
        """Return a value that is an expression when it starts with `=`."""
        if isinstance(self.value, str) and self.value.startswith("="):
            return self.as_expression()
        if isinstance(self.value, list):
            return [item.literal_or_expression() for item in self.items()]
        if isinstance(self.value, Mapping):
            return {name: item.literal_or_expression() for name, item in self.entries()}
        literal: ValueOrExpression = self.value
        return literal

    def values(self, key: str) -> dict[str, ValueOrExpression]:
        """Return a map whose values are literals or expressions."""
        return {name: item.literal_or_expression() for name, item in self.entries(key)}

    def expressions(self, key: str) -> dict[str, ValueOrExpression]:
        """Return a map whose values are always expressions."""
        return {name: item.as_expression() for name, item in self.entries(key)}

    def report(self, code: str, message: str, help: str | None = None) -> None:
        """Note a problem at the value."""
        self.problems.append(Problem(self.location, code, message, help))


def _feel(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    return value.removeprefix("=").strip() if isinstance(value, str) else str(value)


def humanised(key: str) -> str:
    """Return a key as a person would write it: `due_at` → `Due at`."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
