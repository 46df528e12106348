"""Finds every word the platform says, so that a test can compare the catalogs with them.

Templates mark words as `_("…")`, Python as `words("…")`, `say("…")` or `told("…")` with a literal;
modules that only name words for others list them in a mapping or tuple called `..._WORDS`.
The docs of the language's functions and the names of their families are words too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_MARKED = re.compile(r"""_\((?P<quote>["'])(?P<text>.*?)(?P=quote)""")
_CALLS = frozenset({"words", "say", "told", "UnreadableError", "gettext", "_"})


def words_in_template(text: str) -> Iterator[str]:
    """Yield the words marked in a template."""
    for found in _MARKED.finditer(text):
        yield found["text"]


def words_in_module(text: str) -> Iterator[str]:
    """Yield the literal words a Python module marks."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _called(node.func) in _CALLS and node.args:
            yield from _literals(node.args[0])
        elif isinstance(node, ast.Call) and _called(node.func) == "builtin":
            yield from _literals(node.args[1])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id.endswith("_WORDS") for one in targets):
                yield from _collected(node.value)


def words_of_platform(platform: Path) -> set[str]:
    """Return every marked word of the form builder, the web room and the language."""
    found: set[str] = set()
    for template in (platform / "web" / "templates").glob("*.html"):
        found.update(words_in_template(template.read_text(encoding="utf-8")))
    for room in ("formbuilder", "web", "expressions"):
        for module in (platform / room).rglob("*.py"):
            found.update(words_in_module(module.read_text(encoding="utf-8")))
    return found


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _literals(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, ast.IfExp):
        yield from _literals(argument.body)
        yield from _literals(argument.orelse)


def _collected(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Dict):
        for item in value.values:
            yield from _literals(item)
    elif isinstance(value, ast.Tuple | ast.List | ast.Set):
        for item in value.elts:
            yield from _literals(item)
