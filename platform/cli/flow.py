"""`trellis flow`: flows out as BPMN 2.0 files, BPMN files in as flows, flows drawn."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from trellis.formbuilder.flow_drawing import draw_flow
from trellis.metadata.bpmn.files import (
    drawn_flow,
    export_flow,
    files_of,
    flow_named,
    flows_in,
    told_of_import,
)
from trellis.metadata.model.texts import LOCALES
from trellis.metadata.package import read_package

_STYLE = Path(__file__).parent.parent / "web" / "static" / "flow-drawing.css"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("flow", help="flows as BPMN 2.0 files and drawings")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, words, ending in (("export", "write a flow as a BPMN 2.0 file", "bpmn"),
                                ("draw", "draw a flow as an SVG file", "svg")):  # fmt: skip
        out = actions.add_parser(name, help=words)
        out.add_argument("flow", metavar="FLOW")
        out.add_argument("-o", "--output", type=Path, required=True, metavar=f"FILE.{ending}")
        out.add_argument("--locale", choices=LOCALES, default="en", help="language of the names")
        _add_app(out)
    bring = actions.add_parser("import", help="make flows of a BPMN 2.0 file")
    bring.add_argument("file", type=Path, metavar="FILE.bpmn")
    bring.add_argument("--dry-run", action="store_true", help="only tell what would become of it")
    _add_app(bring)
    parser.set_defaults(run=run)


def _add_app(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--app", type=Path, default=Path(), metavar="DIR",
                        help="the app's folder; else the current one")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Export, draw or import."""
    package = read_package(arguments.app)
    flows = flows_in(package)
    if arguments.action == "import":
        return _import(arguments, list(flows))
    source = flow_named(flows, arguments.flow)
    if arguments.action == "export":
        arguments.output.write_bytes(export_flow(source, arguments.locale))
        return 0
    process, drawing = drawn_flow(source, arguments.locale)
    style = _STYLE.read_text("utf-8")
    arguments.output.write_text(draw_flow(process, drawing, style=style), "utf-8")
    return 0


def _import(arguments: argparse.Namespace, taken: list[str]) -> int:
    data = arguments.file.read_bytes()
    imported, files = files_of(data, file=str(arguments.file), taken=taken)
    for line in told_of_import(imported):
        print(line)
    for name, content in files.items():
        path = arguments.app / name
        if not arguments.dry_run:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        print(f"{'would write' if arguments.dry_run else 'wrote'} {path}", file=sys.stderr)
    return 0
