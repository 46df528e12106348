"""What commands share: the `--workspace` option, and the application behind it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from trellis.settings import Settings, read_settings
from trellis.wiring import Application, open_application

DEFAULT_FOLDER = "var"


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the workspace."""
    parser.add_argument(
        "--workspace", default=DEFAULT_FOLDER, metavar="DIR|URL",
        help=f"folder of the workspace, or the address of its database ({DEFAULT_FOLDER})",
    )  # fmt: skip


def settings_of(workspace: str, *, dev: bool = False) -> Settings:
    """Return the settings of a workspace that was named by its folder or its database."""
    if "://" in workspace:
        settings = read_settings(Path(DEFAULT_FOLDER), dev=dev, demo=dev)
        return replace(settings, database_url=workspace)
    return read_settings(Path(workspace), dev=dev, demo=dev)


def open_named(arguments: argparse.Namespace) -> Application:
    """Open the workspace that the command line names."""
    return open_application(settings_of(arguments.workspace))


@contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[Application]:
    """Open the workspace that the command line names, and close its connections at the end."""
    application = open_named(arguments)
    try:
        yield application
    finally:
        application.database.dispose()
