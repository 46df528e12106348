"""`trellis decision`: decision tables out as DMN files, and DMN files run."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from trellis.cli.json_values import value_of_json
from trellis.connect.decision_files import decision_file
from trellis.expressions import encode
from trellis.expressions.dmn import load
from trellis.metadata.compile import compile_catalog
from trellis.metadata.package import read_package
from trellis.problems import suggest


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("decision", help="decision tables as DMN files, and DMN files run")
    actions = parser.add_subparsers(dest="action", required=True)
    export = actions.add_parser("export", help="write an app's decision tables as one DMN file")
    export.add_argument("path", type=Path, help="the app's folder")
    export.add_argument(
        "keys", nargs="*", metavar="DECISION", help="all of them when none is named"
    )
    export.add_argument("-o", "--output", type=Path, required=True)
    run_one = actions.add_parser("run", help="evaluate a decision of DMN files")
    run_one.add_argument("name", metavar="DECISION")
    run_one.add_argument("files", nargs="+", type=Path, metavar="FILE.dmn")
    run_one.add_argument("--inputs", type=Path, metavar="FILE.json",
                         help="the data by name; values of kinds that JSON lacks in wire form, "
                              '`{"t": "date", "v": "2026-03-02"}`')  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Export or run."""
    return _export(arguments) if arguments.action == "export" else _run(arguments)


def _export(arguments: argparse.Namespace) -> int:
    package = read_package(arguments.path)
    catalog = compile_catalog([package])
    own = [key for key, one in catalog.decisions.items() if one.app == package.app]
    unknown = [key for key in arguments.keys if key not in own]
    if unknown:
        hint = suggest(unknown[0], own)
        print(f"there is no decision `{unknown[0]}` in `{package.app}`; {hint}", file=sys.stderr)
        return 1
    arguments.output.write_bytes(decision_file(catalog, arguments.keys or own))
    return 0


def _run(arguments: argparse.Namespace) -> int:
    model = load(arguments.files)
    given = {} if arguments.inputs is None else json.loads(arguments.inputs.read_text("utf-8"))
    try:
        answer = model.explain(
            arguments.name, {key: value_of_json(one) for key, one in given.items()}
        )
    except KeyError as error:
        print(error.args[0], file=sys.stderr)
        return 1
    json.dump(encode(answer.value), sys.stdout, ensure_ascii=False)
    print()
    for problem in (*model.problems, *answer.warnings):
        print(problem, file=sys.stderr)
    return 0
