"""The `trellis` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from trellis.cli import decision, demo, history, package, serve, token, user, worker
from trellis.connect.demo.values import DemoError
from trellis.problems import ProblemsFoundError

COMMANDS = (serve, worker, package, decision, demo, history, user, token)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every command."""
    parser = argparse.ArgumentParser(prog="trellis", description="Applications from definitions.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an author's mistakes are printed, not raised."""
    parsed = build_parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except (ProblemsFoundError, DemoError) as error:
        print(error, file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
