"""A package: the files of one app, read and shaped, from a folder or from memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trellis.metadata.hints import hint
from trellis.metadata.shape import KINDS, shape_problems
from trellis.metadata.source import Source, read_source
from trellis.metadata.translations import translated
from trellis.problems import Location, Problem, ProblemsFoundError

_SUFFIXES = (".yaml", ".yml", ".json")
#: Folders of a package that hold no definitions of their own kind.
OTHER_FOLDERS = frozenset({"data", "scenarios", "translations"})
_SIDE_FILES = (".layout.json", ".bpmn")
MAX_FILES = 5_000
_IGNORED = ("README.md", "CHANGELOG.md", "LICENSE", "NOTICE")


@dataclass(frozen=True)
class DefinitionFile:
    """One file of definitions: its kind and module, and its values."""

    kind: str
    source: Source
    module: str | None = None


@dataclass(frozen=True)
class Package:
    """An app as files; `files` maps paths inside the package to their bytes."""

    app: str
    version: str
    files: Mapping[str, bytes]
    definitions: tuple[DefinitionFile, ...]
    head: Source
    translations: tuple[Source, ...] = ()
    extras: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def content_hash(self) -> str:
        """Return the SHA-256 of all files, names included."""
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(f"{name}\0{len(self.files[name])}\0".encode())
            digest.update(self.files[name])
        return digest.hexdigest()


def read_package(folder: Path, *, shown: str | None = None) -> Package:
    """Return the package in `folder`; raise ProblemsFoundError with every problem of its files.

    Problems name the folder as `shown`.
    """
    if not folder.is_dir():
        raise ProblemsFoundError(
            [Problem(Location(str(folder)), "META070", "there is no such folder")]
        )
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and not _hidden(path.relative_to(folder))
    }
    return package_from_files(files, prefix=f"{folder if shown is None else shown}/")


def package_from_files(
    files: Mapping[str, bytes], *, prefix: str = "", published: bool = False
) -> Package:
    """Return the package that `files` make; `prefix` is put before names in problems.

    A `published` one was checked by the rules of its day: what newer rules say is not asked.
    """
    if len(files) > MAX_FILES:
        raise ProblemsFoundError(
            [Problem(Location(prefix), "META071", f"the package has more than {MAX_FILES} files")]
        )
    head = _read_head(files, prefix)
    # What is wrong with the head is told with what is wrong with the other files, not before.
    wrong_head = list(shape_problems(head, "app"))
    modules = {} if wrong_head else head.data.get("modules", {})
    problems: list[Problem] = []
    definitions: list[DefinitionFile] = []
    translations: list[Source] = []
    for name, place in _places(files, modules, prefix, problems):
        source = _read(files[name], prefix + name, place.kind, problems)
        if source is not None:
            shaped = _as_kind(source, place)
            if place.kind == "translations":
                translations.append(source)
            else:
                problems.extend(shape_problems(shaped, place.kind))
                definitions.append(DefinitionFile(place.kind, shaped, place.module))
    if wrong_head:
        raise ProblemsFoundError([*wrong_head, *problems])
    sources, wrong = translated([(one.kind, one.source) for one in definitions], translations,
                                head.data.get("language", "en"))  # fmt: skip
    if problems + wrong and not published:
        raise ProblemsFoundError(problems + wrong)
    definitions = [replace(one, source=source)
                   for one, source in zip(definitions, sources, strict=True)]  # fmt: skip
    order = {kind: position for position, kind in enumerate(KINDS)}
    definitions.sort(key=lambda item: (order[item.kind], item.source.file))
    extras = {n: c for n, c in files.items() if n.split("/", 1)[0] in ("data", "scenarios")}
    return Package(str(head.data["app"]), str(head.data["version"]), dict(files),
                   tuple(definitions), head, tuple(translations), extras)  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """What a file's path says: its kind, its module, the key when it holds one definition."""

    kind: str
    module: str | None = None
    key: str | None = None


def _read_head(files: Mapping[str, bytes], prefix: str) -> Source:
    names = [f"app{suffix}" for suffix in _SUFFIXES if f"app{suffix}" in files]
    if not names:
        problem = Problem(Location(prefix or "app.yaml"), "META072",
                          "the package has no `app.yaml`",
                          "add one with `app:`, `version:` and `label:`")  # fmt: skip
        raise ProblemsFoundError([problem])
    if len(names) > 1:
        raise ProblemsFoundError(
            [
                Problem(
                    Location(prefix + names[1]),
                    "META078",
                    f"the package has both `{names[0]}` and `{names[1]}`",
                    "remove one of them",
                )
            ]
        )
    head = read_source(files[names[0]], file=prefix + names[0])
    if not isinstance(head.data, Mapping):
        raise ProblemsFoundError(
            [
                Problem(
                    head.at(()),
                    "META023",
                    "the file must hold a map",
                    "begin it with the kind, for example `objects:`",
                )
            ]
        )
    return head


def _places(
    files: Mapping[str, bytes], modules: Mapping[str, Any], prefix: str, problems: list[Problem]
) -> Iterator[tuple[str, _Place]]:
    """Yield the files that hold definitions with what their path says; report strange ones."""
    for name in sorted(files):
        place = _place_of(name, modules)
        if isinstance(place, Problem):
            problems.append(Problem(Location(prefix + name), place.code, place.message, place.help))
        elif place is not None and place.kind != "app":
            yield name, place


def _place_of(name: str, modules: Mapping[str, Any]) -> _Place | Problem | None:
    parts = name.split("/")
    if name in _IGNORED or name.endswith(_SIDE_FILES):
        return None
    module = None
    if parts[0] in modules:
        module, parts = parts[0], parts[1:]
    if parts[0] in ("data", "scenarios") and len(parts) > 1:
        return None
    stem, dot, suffix = parts[-1].rpartition(".")
    if not dot or f".{suffix}" not in _SUFFIXES:
        return Problem(Location(name), "META073", "this file is no definition",
                       "definitions are `.yaml` or `.json`; data belongs into `data/`")  # fmt: skip
    if len(parts) == 1:
        if stem in KINDS:
            return _Place(stem, module)
        return Problem(Location(name), "META074", f"`{stem}` is not a kind of definition",
                       hint(stem, KINDS))  # fmt: skip
    if len(parts) == 2 and parts[0] == "translations":
        return _Place("translations", module)
    if len(parts) == 2 and parts[0] in KINDS:
        return _Place(parts[0], module, stem)
    if parts[0] in KINDS:
        return Problem(Location(name), "META075", f"folders inside `{parts[0]}` are not read",
                       f"move the file up: `{parts[0]}/{parts[-1]}`")  # fmt: skip
    return Problem(Location(name), "META075", f"the folder `{parts[0]}` is not known",
                   f"declare a module `{parts[0]}` under `modules:` of app.yaml, or name the "
                   "folder after a kind of file")  # fmt: skip


def _read(content: bytes, file: str, kind: str, problems: list[Problem]) -> Source | None:
    try:
        source = read_source(content, file=file)
    except ProblemsFoundError as error:
        problems.extend(error.problems)
        return None
    if source.data is None:
        return None
    if not isinstance(source.data, Mapping):
        problems.append(
            Problem(
                source.at(()),
                "META023",
                "the file must hold a map",
                "begin it with the kind, for example `objects:`",
            )
        )
        return None
    return source


def _as_kind(source: Source, place: _Place) -> Source:
    """Return a file of one definition as if it were an entry of its kind's file."""
    if place.key is None:
        return source
    top = "decisions" if place.kind == "rules" and "hit" in source.data else place.kind
    lead = (top, place.key)
    return Source(
        source.file,
        {top: {place.key: source.data}},
        {(): (1, 1), (top,): (1, 1), **{lead + p: at for p, at in source.places.items()}},
        {lead: (1, 1), **{lead + p: at for p, at in source.keys.items()}},
        frozenset(lead + p for p in source.quoted),
    )


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
