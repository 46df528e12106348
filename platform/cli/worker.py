"""`trellis worker`: a process that does the jobs of a workspace."""

from __future__ import annotations

import argparse
import os
import signal
import socket

from trellis.cli.opening import add_workspace, open_named


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("worker", help="do the jobs of a workspace")
    add_workspace(parser)
    parser.add_argument("--once", action="store_true", help="do what is due now, then end")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do jobs until interrupted."""
    application = open_named(arguments)
    application.begin_upkeep()
    worker = application.worker(f"{socket.gethostname()}-{os.getpid()}")
    if arguments.once:
        while worker.run_due():
            pass
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run_forever()
    return 0
