"""What the package page shows: problems with their lines, and what an apply would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from trellis.formbuilder.audience import Audience, humanise
from trellis.metadata.model.catalog import Catalog
from trellis.problems import Problem

_AROUND = 1
_WIDEST = 200
#: The parts of a catalog that people name, with their words.
PART_WORDS: Mapping[str, str] = {
    "objects": "Objects",
    "options": "Option sets",
    "forms": "Forms",
    "views": "Views",
    "roles": "Roles",
    "decisions": "Decision tables",
    "rules": "Rules",
    "flows": "Flows",
    "calendars": "Calendars",
    "notifications": "Notifications",
    "reports": "Reports",
}
CHANGE_WORDS: Mapping[str, str] = {"added": "added", "changed": "altered", "removed": "removed"}
_SHADES = {"added": "green", "changed": "amber", "removed": "red"}
_NAMED = 8


@dataclass(frozen=True)
class ExcerptLine:
    """A line of a file; `marked` is the place of the mistake."""

    number: str
    before: str
    marked: str = ""
    after: str = ""


@dataclass(frozen=True)
class ProblemView:
    """A mistake as the page shows it."""

    place: str
    code: str
    message: str
    help: str
    excerpt: tuple[ExcerptLine, ...]


@dataclass(frozen=True)
class ChangeView:
    """A line of what an apply would change."""

    kind: str
    color: str
    text: str


def problem_view(problem: Problem, files: Mapping[str, bytes]) -> ProblemView:
    """Return a problem with the lines around it."""
    return ProblemView(
        str(problem.location),
        f"{problem.severity}[{problem.code}]",
        problem.message,
        problem.help or "",
        tuple(_excerpt(problem, files)),
    )


def _excerpt(problem: Problem, files: Mapping[str, bytes]) -> Iterator[ExcerptLine]:
    at = problem.location
    data = files.get(at.file)
    if data is None or at.line < 1:
        return
    lines = data.decode("utf-8", "replace").splitlines()
    first, last = max(1, at.line - _AROUND), min(len(lines), at.line + _AROUND)
    width = len(str(last))
    for number in range(first, last + 1):
        text = lines[number - 1][:_WIDEST]
        label = str(number).rjust(width)
        if number != at.line:
            yield ExcerptLine(label, text)
            continue
        start = max(0, min(at.column - 1, len(text)))
        end = _end_of_word(text, start)
        yield ExcerptLine(label, text[:start], text[start:end], text[end:])


def _end_of_word(text: str, start: int) -> int:
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] in "_.-$"):
        end += 1
    return max(end, min(start + 1, len(text)))


def changes_between(old: Catalog, new: Catalog, audience: Audience) -> tuple[ChangeView, ...]:
    """Return what differs, part by part; where a definition stands in its file does not count."""
    changes: list[ChangeView] = []
    for part, label in PART_WORDS.items():
        before, after = getattr(old, part), getattr(new, part)
        found = {
            "added": [key for key in after if key not in before],
            "changed": [
                key for key in after if key in before and not _same(before[key], after[key])
            ],
            "removed": [key for key in before if key not in after],
        }
        for kind, keys in found.items():
            if keys:
                text = f"{audience.words(label)}: {_listed(keys)}"
                changes.append(ChangeView(audience.words(CHANGE_WORDS[kind]), _SHADES[kind], text))
    return tuple(changes)


def _listed(keys: list[str]) -> str:
    shown = ", ".join(humanise(key) for key in sorted(keys)[:_NAMED])
    return shown if len(keys) <= _NAMED else f"{shown} … ({len(keys)})"


def _same(one: object, other: object) -> bool:
    """Tell whether two definitions say the same."""
    if type(one) is not type(other):
        return False
    if is_dataclass(one):
        return all(
            _same(getattr(one, field.name), getattr(other, field.name))
            for field in fields(one)
            if field.name != "location"
        )
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
