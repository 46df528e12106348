"""Write `docs/reference/problems.md`: every code that somebody can meet, and its words.

The list is read from the code itself, so it cannot name what is not there; a test compares.
Usage: `python tools/problem_reference.py`, after a code was added or its words changed.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = ROOT / "platform"
TARGET = ROOT / "docs" / "reference" / "problems.md"

PROBLEM = re.compile(r"[A-Z]{3,5}\d{3}")
ANSWER = re.compile(r"[A-Z]{3,}(_[A-Z]+)*")
FAMILIES = {
    "META": "Definitions: the files of a package",
    "APPLY": "Publishing: what cannot be done to tables that hold data",
    "FEEL": "Expressions",
    "DMN": "Decision models in DMN files",
    "BPMN": "Flows in BPMN files",
    "XML": "XML files",
    "PKG": "Uploads of packages",
    "HIST": "The history and its chain of hashes",
}
#: Words that are put together elsewhere, or are an author's own.
WORDS = {
    "META005": "lists and maps are nested too deep",
    "META024": "`…` is none of the values that stand here",
    "META180": "a stored value reads what changes without its record",
    "META157": "a decision with `hit: U` has no row for an input; an example is told",
    "META158": "two rows of a decision with `hit: U` take the same input; an example is told",
    "FEEL003": "a date, time or duration that is written out is none",
    "FEEL024": "`…` is no option of this choice, so that this is never true",
    "FEEL026": "the value has another type than is needed here",
    "FEEL050": "the evaluation does more than it may: steps, items of lists, calls",
    "DMN003": "this part of a model is not as DMN says, or not of a kind that is read",
    "AMBIGUOUS_DECISION": "several rows of a decision table hold, and one may",
    "COMPUTED_VALUE": "what was computed does not fit its field",
    "DECISION_INPUT": "an input of a decision table has a value that is none of its options",
    "FILE_SIZE": "the file is larger than its field allows",
    "GUARD": "the transition's guard does not hold; its author's words",
    "INTERNAL": "something failed on our side; it was written down",
    "PASSWORD_WEAK": "why the password is too easy to guess",
    "PROBLEMS": "a definition has problems; `details` lists them with their places",
    "ROLE_ABOVE_OWN": "nobody gives a role that may do more than they may",
    "RULE": "a rule of the app refuses this; its author's words",
    "TABLE": "the file cannot be read as a table",
    "TOKEN": "what is asked for is no token that may be made",
    "UNAVAILABLE": "the database does not answer; try again in a moment",
    "UNIQUE": "another record has this value already",
    "VALIDATION": "a validation of the app refuses this; its author's words",
}
HEAD = """# Problem codes

What is wrong with a definition, an expression, a file or a request is told with a code that does
not change, the place, what is wrong and how to mend it. `…` stands for what the author wrote.

Made from the code by `tools/problem_reference.py`; a test compares.
"""


def reference() -> str:
    """Return the page."""
    problems: dict[str, set[str]] = {}
    answers: dict[str, set[str]] = {}
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(PLATFORM.rglob("*.py"))]
    names = dict(pair for tree in trees for pair in _constants(tree))
    for tree in trees:
        for code, words in _told(tree, names):
            found = problems if PROBLEM.fullmatch(code) else answers
            found.setdefault(code, set()).update(words)
    for code in names.values():
        problems.setdefault(code, set())
    for found in (problems, answers):
        for code, words in found.items():
            if not words and code in WORDS:
                words.add(WORDS[code])
    return HEAD + "".join(_sections(problems)) + _table("Answers of the API", answers)


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names of a module that stand for a code."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            code = node.value.value
            if isinstance(code, str) and PROBLEM.fullmatch(code):
                yield from ((t.id, code) for t in node.targets if isinstance(t, ast.Name))


def _told(tree: ast.Module, names: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each code that is told, with the words that follow it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            parts = [*node.args, None]
        elif isinstance(node, ast.Tuple):
            parts = [*node.elts, None]
        else:
            continue
        for part, following in pairwise(parts):
            code = None if part is None else _code(part, names, node)
            if code is not None:
                words = _words(following) if following is not None else None
                yield code, [words] if words else []


def _code(node: ast.expr, names: dict[str, str], inside: ast.Call | ast.Tuple) -> str | None:
    if isinstance(node, ast.Name | ast.Attribute):
        return names.get(node.id if isinstance(node, ast.Name) else node.attr)
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return None
    if PROBLEM.fullmatch(node.value):
        return node.value
    refusal = isinstance(inside, ast.Call) and _refuses(inside.func)
    return node.value if refusal and ANSWER.fullmatch(node.value) else None


def _refuses(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name.endswith("Error") or name in ("problem", "Refusal")


def _words(node: ast.expr) -> str | None:
    """Return a text as its author wrote it, with `…` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
        return "".join(str(part) for part in parts)
    return None


def _sections(problems: dict[str, set[str]]) -> Iterator[str]:
    families = sorted({code.rstrip("0123456789") for code in problems})
    for family in sorted(families, key=[*FAMILIES, *families].index):
        chosen = {code: words for code, words in problems.items() if code.startswith(family)}
        yield _table(FAMILIES.get(family, family), chosen)


def _table(title: str, codes: dict[str, set[str]]) -> str:
    rows = "".join(
        f"| `{code}` | {'<br>'.join(sorted(_cell(words) for words in codes[code]))} |\n"
        for code in sorted(codes)
    )
    return f"\n## {title}\n\n| code | words |\n|---|---|\n{rows}"


def _cell(words: str) -> str:
    return " ".join(words.replace("|", "\\|").replace("<", "&lt;").split())


def main() -> int:
    """Write the page."""
    TARGET.write_text(reference(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
