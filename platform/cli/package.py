"""`trellis package check PATH`: every problem with its place; `schema`: what editors need."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from trellis.engine.publishing.listed import listed_problems
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import read_package
from trellis.metadata.shape import KINDS, whole_schema
from trellis.problems import Problem, ProblemsFoundError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("package", help="check the files of an app")
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help="say what is wrong with a package; exit 1 if anything")
    check.add_argument("path", type=Path)
    check.add_argument("--format", choices=["text", "json"], default="text")
    check.set_defaults(run=run)
    schema = actions.add_parser(
        "schema", help="print the JSON Schema of a kind of file, or write all of them for editors"
    )
    schema.add_argument("kind", nargs="?", choices=KINDS)
    schema.add_argument("-o", "--output", type=Path, metavar="DIR")
    schema.set_defaults(run=run_schema)


def run_schema(arguments: argparse.Namespace) -> int:
    """Print one schema, with what it refers to inside; or write every schema into a folder."""
    kinds = KINDS if arguments.kind is None else (arguments.kind,)
    if arguments.output is None:
        found = {kind: whole_schema(kind) for kind in kinds}
        print(_pretty(found[arguments.kind] if arguments.kind else found))
        return 0
    arguments.output.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        path = arguments.output / f"{kind}.schema.json"
        path.write_text(_pretty(whole_schema(kind)) + "\n", encoding="utf-8")
        print(f"# yaml-language-server: $schema={path}")
    return 0


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def run(arguments: argparse.Namespace) -> int:
    """Check a package and print its problems."""
    problems = package_problems(arguments.path)
    if arguments.format == "json":
        json.dump([as_json(problem) for problem in problems], sys.stdout, ensure_ascii=False)
        print()
    else:
        for problem in problems:
            print(problem)
        count = len(problems)
        print(f"{count} problem{'s' if count != 1 else ''}" if count else "no problems")
    return 1 if problems else 0


def package_problems(path: Path) -> tuple[Problem, ...]:
    """Return every problem of the first stage of a package that has any."""
    try:
        catalog = compile_catalog([read_package(path)])
    except ProblemsFoundError as error:
        return error.problems
    # What one database cannot say the other cannot either, nearly always; applying asks both.
    return tuple(sorted(listed_problems(catalog, ("postgresql",))))


def as_json(problem: Problem) -> dict[str, object]:
    """Return a problem for programs."""
    location = problem.location
    return {"file": location.file, "line": location.line, "column": location.column,
            "code": problem.code, "message": problem.message, "help": problem.help,
            "severity": problem.severity}  # fmt: skip
