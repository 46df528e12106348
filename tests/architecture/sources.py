"""The repository's own files, as the tests of its rules read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = ROOT / "platform"
_BUILT = PLATFORM / "web" / "static" / "dist"


def files(folder: Path, *suffixes: str) -> Iterator[Path]:
    """Yield the files below a folder that end so, built ones left out."""
    for path in sorted(folder.rglob("*")):
        made = "__pycache__" in path.parts or path.is_relative_to(_BUILT)
        if path.suffix in suffixes and not made:
            yield path


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield every Python module below the folders: its path from the root, and its tree."""
    for folder in folders:
        for path in files(ROOT / folder, ".py"):
            yield str(path.relative_to(ROOT)), _tree(path)


def nodes(*folders: str) -> Iterator[tuple[str, ast.AST]]:
    """Yield every node of every module below the folders, with the module's path."""
    for name, _ in modules(*folders):
        for node in _nodes(name):
            yield name, node


@cache
def _nodes(name: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_tree(ROOT / name)))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))
