"""What the views of the API find in the running application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app
from trellis.access.room import AccessRoom
from trellis.engine.workspace import Workspace
from trellis.settings import Settings

EXTENSION = "trellis"


@dataclass(frozen=True)
class Server:
    """One workspace behind the application."""

    workspace: Workspace
    access: AccessRoom
    settings: Settings


def server() -> Server:
    """Return what the running application serves."""
    return cast(Server, current_app.extensions[EXTENSION])
