"""`trellis history`: verify that the record of what happened is whole, or seal it now."""

from __future__ import annotations

import argparse
from itertools import chain, islice

from trellis.cli.opening import add_workspace, opened
from trellis.engine.actors import SYSTEM
from trellis.storage.anchors import anchor_problems, seal
from trellis.storage.history import chain_problems, head_problems
from trellis.wiring import Application

#: Problems that are printed; one deleted record can break a great many.
MOST_SHOWN = 200


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("history", help="verify or seal the history of records")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("verify", help="say what was altered, removed or put in; exit 1 if anything")
    actions.add_parser("seal", help="seal what was written since the last seal (hourly by itself)")
    for action in actions.choices.values():
        add_workspace(action)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Verify or seal."""
    with opened(arguments) as application:
        return _seal(application) if arguments.action == "seal" else _verify(application)


def _seal(application: Application) -> int:
    with application.database.write() as connection:
        number = seal(connection, application.clock.now())
    print("nothing to seal" if number is None else f"sealed as number {number}")
    return 0


def _verify(application: Application) -> int:
    with application.workspace.reading(SYSTEM) as tx:
        heads = head_problems(tx.connection, tx.compiled.physical.objects)
        found = chain(anchor_problems(tx.connection), chain_problems(tx.connection), heads)
        problems = list(islice(found, MOST_SHOWN + 1))
    for problem in problems[:MOST_SHOWN]:
        print(problem)
    if len(problems) > MOST_SHOWN:
        print(f"more than {MOST_SHOWN} problems")
    elif not problems:
        print("the history is whole")
    return 1 if problems else 0
