"""Stylesheets and scripts of a page: those the build made, or the small stylesheet alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

_ENTRY = "platform/web/islands/base.ts"


@dataclass(frozen=True)
class Assets:
    """The head tags of every page, made once at start.

    `static` is the address of our own files with the version of their content in it, so that
    browsers may keep them for ever.
    """

    built: bool
    head: Markup
    icons: str
    static: str


def load_assets(folder: Path, static_url: str = "/static/") -> Assets:
    """Return the tags for the files in `folder`; `dist/` below it holds what the build made."""
    version = _version_of(folder)
    own = f'<link rel="stylesheet" href="{static_url}trellis.css?v={version}">'
    manifest = _read_manifest(folder / "dist" / ".vite" / "manifest.json")
    entry = manifest.get(_ENTRY)
    head = own if entry is None else "".join(_entry_tags(manifest, entry, f"{static_url}dist/"))
    icons = f"{static_url}icons.svg?v={version}"
    made = Markup(head)  # noqa: S704 - our own tags
    return Assets(entry is not None, made, icons, static_url)


def _read_manifest(path: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _entry_tags(
    manifest: Mapping[str, Mapping[str, object]], entry: Mapping[str, object], base: str
) -> Iterator[str]:
    for style in _names(entry, "css"):
        yield f'<link rel="stylesheet" href="{base}{style}">'
    for imported in _names(entry, "imports"):
        yield f'<link rel="modulepreload" href="{base}{manifest[imported]["file"]}">'
    yield f'<script type="module" src="{base}{entry["file"]}"></script>'


def _names(entry: Mapping[str, object], key: str) -> list[str]:
    value = entry.get(key)
    return [str(name) for name in value] if isinstance(value, list) else []


def _version_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
