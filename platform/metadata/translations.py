"""`translations/zh-CN.yaml` → texts of that locale beside those in the definitions.

A translation file has the form of the definitions with nothing but the texts:
`objects: {order: {label: 订单, fields: {total: {label: 总额}}}}`; lists are matched by position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from trellis.metadata.hints import hint
from trellis.metadata.model.texts import LOCALES
from trellis.metadata.reader import Path
from trellis.metadata.shape import label_path, locale_hint
from trellis.metadata.source import Source
from trellis.problems import Location, Problem


@dataclass(frozen=True)
class _Text:
    path: Path
    text: str
    at: Location


def translated(
    definitions: Sequence[tuple[str, Source]], translations: Sequence[Source], language: str
) -> tuple[list[Source], list[Problem]]:
    """Return the definitions with the texts of the translations, and what is wrong with those."""
    sources = [source for _, source in definitions]
    problems: list[Problem] = []
    for translation in translations:
        locale = PurePosixPath(translation.file).stem
        if locale not in LOCALES:
            problems.append(Problem(Location(translation.file), "META076",
                f"`{locale}` is not a locale", locale_hint(locale, LOCALES)
                or hint(locale, LOCALES)))  # fmt: skip
            continue
        for text in _texts(translation, (), translation.data):
            problem = _put(definitions, sources, text, locale, language)
            problems += [] if problem is None else [problem]
    return sources, problems


def _texts(source: Source, path: Path, value: Any) -> Iterator[_Text]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(source, (*path, key), item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(source, (*path, number), item)
    elif isinstance(value, str):
        yield _Text(path, value, source.at_key(path))
    elif value is not None:
        yield _Text(path, str(value), source.at(path))


def _put(
    definitions: Sequence[tuple[str, Source]],
    sources: list[Source],
    text: _Text,
    locale: str,
    language: str,
) -> Problem | None:
    """Add one text to the file that defines what it is the text of."""
    for number, (kind, _) in enumerate(definitions):
        if not _holds(sources[number].data, text.path[:2]):
            continue
        path = label_path(kind, text.path)
        if path is None or not _holds(sources[number].data, path[:-1]):
            return _no_text(text, sources[number].data)
        data = _with(sources[number].data, path, lambda old: _label(old, text, locale, language))
        sources[number] = replace(sources[number], data=data)
        return None
    return _no_text(text, _merged(sources))


def _no_text(text: _Text, data: Any) -> Problem:
    """Return the problem that a path of a translation leads to no text."""
    held = next(n for n in range(len(text.path), -1, -1) if _holds(data, text.path[:n]))
    if held >= len(text.path) - 1:
        mending = "only labels, helps and other texts for people are translated"
    else:
        for step in text.path[:held]:
            data = data[step]
        known = [str(key) for key in data] if isinstance(data, Mapping) else []
        mending = hint(str(text.path[held]), known)
    return Problem(text.at, "META077", f"`{_dotted(text.path)}` is no text of this app", mending)


def _merged(sources: Sequence[Source]) -> dict[str, dict[str, Any]]:
    whole: dict[str, dict[str, Any]] = {}
    for source in sources:
        for kind, entries in source.data.items():
            whole.setdefault(kind, {}).update(entries if isinstance(entries, Mapping) else {})
    return whole


def _label(old: Any, text: _Text, locale: str, language: str) -> dict[str, str]:
    before = {language: old} if isinstance(old, str) else dict(old or {})
    if not before and locale != language:
        words = str(text.path[-2]).replace("_", " ").strip()
        before = {language: words[:1].upper() + words[1:]}
    return {**before, locale: text.text}


def _holds(data: Any, path: Path) -> bool:
    for step in path:
        if isinstance(data, Mapping):
            known = step in data
        else:
            known = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if not known:
            return False
        data = data[step]
    return True


def _with(data: Any, path: Path, change: Any) -> Any:
    """Return the value with one place below it changed; nothing else is copied."""
    step, rest = path[0], path[1:]
    data = _as_map(data, step)
    old = data[step] if _holds(data, (step,)) else None
    new = change(old) if not rest else _with(old, rest, change)
    if isinstance(data, list):
        return [new if number == step else item for number, item in enumerate(data)]
    return {**(data or {}), step: new}


def _as_map(data: Any, step: str | int) -> Any:
    """Return an option that is written as nothing but its label as a map with that label."""
    if step == "label" and isinstance(data, str):
        return {"label": data}
    only_texts = isinstance(data, Mapping) and data and set(data) <= set(LOCALES)
    return {"label": data} if step == "label" and only_texts else data


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)
