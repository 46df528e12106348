"""The `trellis` command; a command's own module is loaded when it is the one that is called."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from importlib import import_module

from trellis.problems import ProblemsFoundError

COMMANDS = (
    "serve",
    "worker",
    "package",
    "decision",
    "flow",
    "feel",
    "demo",
    "history",
    "user",
    "token",
)
#: Commands that end soon, whose process takes its memory with it.
_BRIEF = (["package"], ["decision"], ["flow"], ["feel"])


def build_parser(commands: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser with the commands; each module costs the time of what it imports."""
    parser = argparse.ArgumentParser(prog="trellis", description="Applications from definitions.")
    actions = parser.add_subparsers(dest="command", required=True)
    for name in commands:
        import_module(f"trellis.cli.{name}").add_parser(actions)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an author's mistakes are printed, not raised.

    Without arguments it is the command that the process was started for.
    """
    given = sys.argv[1:] if arguments is None else arguments
    is_brief = arguments is None and given[:1] in _BRIEF
    if is_brief:
        # A third of its time would go into looking for garbage among what was just loaded.
        gc.disable()
    named = [name for name in given[:1] if name in COMMANDS]
    parsed = build_parser(named or COMMANDS).parse_args(given)
    try:
        code: int = parsed.run(parsed)
    except ProblemsFoundError as error:
        print(error, file=sys.stderr)
        return 1
    if is_brief:
        gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(main())
