"""The application for a WSGI server: `gunicorn 'trellis.wsgi:make_app()'`."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from flask import Flask
from trellis.settings import Settings, read_settings
from trellis.web.app import create_app
from trellis.web.pages.joining import WorkspacePages
from trellis.wiring import Application, open_application


def make_app() -> Flask:
    """Return the application of the workspace in `TRELLIS_WORKSPACE`, the folder `var` if unset."""
    folder = Path(os.environ.get("TRELLIS_WORKSPACE", "var"))
    application = open_application(read_settings(folder))
    app = app_of(application)
    make_ready_to_fork(application)
    return app


def make_ready_to_fork(application: Application) -> None:
    """Let the processes of a server share what is loaded, and no connection to the database."""
    application.database.dispose()
    gc.collect()
    # Looking for garbage writes into every object, which would give each process its own copy.
    gc.freeze()


def app_of(application: Application) -> Flask:
    """Return the Flask application of an opened workspace."""
    settings: Settings = application.settings
    pages = WorkspacePages(application.workspace, application.flows, reload=settings.dev)
    return create_app(application.workspace, settings, application.access, pages)
