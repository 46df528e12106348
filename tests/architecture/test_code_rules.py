"""Rules of the house that no linter knows: sizes, imports, errors, and the one door for writes."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

import pytest

from tests.architecture.sources import PLATFORM, ROOT, files, modules, nodes

CODE = ("platform", "tools", "bench", "tests")
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_CLASS_METHODS = 15
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef

#: Where a fault of any kind is caught, and why it may be.
CAUGHT_ANYTHING: Mapping[str, str] = {
    "platform/engine/jobs/worker.py": "a job that fails in any way is told, kept and tried again",
}
#: The modules that write rows of objects: everybody else goes through `engine.records`.
WRITERS = {"platform/engine/records/storing.py", "platform/engine/rows.py"}
#: What runs code that was made at run time, and from what.
COMPILERS: Mapping[str, str] = {
    "platform/expressions/to_python.py": "a syntax tree of our own, never text",
}
#: Versions of the platform's tables are written by a tool and are as long as what they change.
VERSIONS = "platform/storage/migrations/versions/v"
#: Classes that may have more methods than others, and why.
WIDE_CLASSES: Mapping[str, str] = {
    "platform/expressions/build.py:TreeBuilder": "a method a rule of the grammar",
    "platform/expressions/check.py:_Checker": "a method a kind of node",
    "platform/expressions/to_python.py:_Writer": "a method a kind of node",
    "platform/expressions/loops.py:LoopWriter": "a method a kind of node",
    "platform/metadata/build/reading.py:Reading": "a method a kind of value in a definition",
    "platform/engine/flows/world.py:SqlWorld": "a method a thing that flows do to records",
    "platform/engine/flows/ports.py:World": "a port: a method a thing that flows ask for",
    "platform/engine/flows/ports.py:FlowStore": "a port: a method a kind of row that flows keep",
    "platform/engine/flows/store.py:SqlFlowStore": "the port's implementation over the tables",
    "platform/web/pages/ports.py:Records": "a port: a method a question of the pages",
    "platform/web/pages/desk.py:EngineRecords": "the port's implementation over the engine",
}
#: Modules that may be longer than others, and why.
LONG_MODULES: Mapping[str, str] = {}


def test_no_module_is_longer_than_the_stop() -> None:
    long = {}
    for folder in CODE:
        for path in files(ROOT / folder, ".py", ".ts"):
            lines = len(path.read_text("utf-8").splitlines())
            if lines > MAX_MODULE_LINES and VERSIONS not in path.as_posix():
                long[str(path.relative_to(ROOT))] = lines

    assert set(long) <= set(LONG_MODULES), long


def test_no_function_is_longer_than_the_stop() -> None:
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, node in nodes(*CODE)
        if isinstance(node, FUNCTION) and VERSIONS not in name
        if (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]

    assert long == []


def test_no_class_has_more_methods_than_the_stop() -> None:
    wide = {
        f"{name}:{node.name}"
        for name, node in nodes("platform")
        if isinstance(node, ast.ClassDef) and _public_methods(node) > MAX_CLASS_METHODS
    }

    assert wide - set(WIDE_CLASSES) == set()


def _public_methods(node: ast.ClassDef) -> int:
    names = (item.name for item in node.body if isinstance(item, ast.FunctionDef))
    return sum(not name.startswith("_") for name in names)


def test_every_module_opens_with_a_sentence() -> None:
    silent = [name for name, tree in modules(*CODE) if not ast.get_docstring(tree)]

    assert silent == []


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, function in nodes(*CODE)
        if isinstance(function, FUNCTION)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert found == []


def test_no_except_is_so_broad_that_it_hides_a_mistake() -> None:
    broad = {
        name
        for name, node in nodes("platform", "tools")
        if isinstance(node, ast.ExceptHandler) and _is_broad(node) and not _raises_again(node)
    }

    assert broad == set(CAUGHT_ANYTHING)


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(caught & {"Exception", "BaseException"})


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_text_is_never_run_as_python() -> None:
    found = {
        name
        for name, node in nodes("platform")
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("eval", "exec", "compile", "__import__")
    }

    assert found == set(COMPILERS)


def test_there_is_no_object_relational_mapper() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, node in nodes("platform")
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy.orm"))
        or (isinstance(node, ast.Import) and any("sqlalchemy.orm" in a.name for a in node.names))
    ]

    assert found == []


def test_rows_of_objects_are_written_behind_the_one_door_only() -> None:
    writers = {
        name
        for name, tree in modules("platform")
        for known in [_from_sqlalchemy(tree)]
        for node in ast.walk(tree)
        if known and isinstance(node, ast.Call) and _writes_an_object(node, known)
    }

    assert writers == WRITERS


def _from_sqlalchemy(tree: ast.Module) -> set[str]:
    """Return the names that a module imports from SQLAlchemy."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.asname or a.name for a in node.names if a.name.startswith("sqlalchemy")}
    return found


def _writes_an_object(call: ast.Call, known: set[str]) -> bool:
    """Tell whether a call writes to a table that is no constant: those are the platform's own."""
    function = call.func
    root = function.value if isinstance(function, ast.Attribute) else function
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if not (isinstance(root, ast.Name) and root.id in known and call.args):
        return False
    table = call.args[0]
    constant = isinstance(table, ast.Name) and table.id.isupper()
    return name.endswith(("insert", "update", "delete")) and not constant


@pytest.mark.parametrize(
    ("source", "writes"),
    [
        ("import sqlalchemy as sa\nsa.update(table.table).values(x=1)", True),
        ("from sqlalchemy import delete as sql_delete\nsql_delete(table)", True),
        ("import sqlalchemy as sa\nsa.insert(JOB)", False),
        ("from trellis.engine.records import update\nupdate(tx, key, id, values)", False),
    ],
)
def test_a_write_beside_the_door_would_be_found(source: str, writes: bool) -> None:
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]

    assert any(_writes_an_object(call, _from_sqlalchemy(tree)) for call in calls) is writes


def test_no_row_of_an_object_is_written_by_hand_written_sql() -> None:
    verbs = r"[\"'\s(](?:INSERT\s+INTO|(?<!DO )UPDATE|DELETE\s+FROM)\s+"
    ours = r"(?!trellis_|\{[A-Z_]+\.name\})"
    written = re.compile(verbs + ours + r"[\w{]+[\w.}\"]*\s*(?:\(|SET\b|WHERE\b|$)")

    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files(PLATFORM, ".py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if written.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("folder", ["platform", "apps", "examples"])
def test_no_library_of_others_is_committed(folder: str) -> None:
    long_lines = [
        str(path.relative_to(ROOT))
        for path in files(ROOT / folder, ".js", ".ts", ".css", ".html", ".map")
        if path.name.endswith((".min.js", ".min.css", ".map"))
        or any(len(line) > 1000 for line in path.read_text("utf-8").splitlines())
    ]

    assert long_lines == []
