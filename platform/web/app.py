"""The Flask application of one workspace: door, answers, API, and pages where there are any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from wsgiref.headers import Headers

from flask import Flask, Response
from trellis.access.room import AccessRoom
from trellis.engine.workspace import Workspace
from trellis.settings import Settings
from trellis.web.api import api
from trellis.web.audit import audit_refusal
from trellis.web.door import Door
from trellis.web.errors import Refusal, install_errors
from trellis.web.gate import Gate
from trellis.web.operations import operations
from trellis.web.policy import Policy, policies_of
from trellis.web.security import STATIC_HEADERS, PageSessions, Surroundings, add_headers
from trellis.web.serving import EXTENSION, Server
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

STATIC = Path(__file__).parent / "static"
#: The largest request at all; single addresses take less (see `api/reading.py`).
MAX_REQUEST = 64 * 1024 * 1024
MAX_FORM_PARTS = 2_000
MAX_FORM_MEMORY = 2 * 1024 * 1024
#: Files whose name holds a hash of their content never change.
_IMMUTABLE = r"^.+[.-][0-9a-zA-Z_-]{8,12}\..+$"


class Pages(Protocol):
    """What the pages bring: how they install themselves, and a page for a refusal."""

    def install(self, app: Flask, gate: Gate) -> None:
        """Give the pages to an application."""
        ...

    def fault(self, refusal: Refusal) -> Response:
        """Return the page of a refusal."""
        ...


class _Application(Flask):
    """Flask without asking of every function, at every call, whether it is asynchronous."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none of ours is."""
        return func


def create_app(
    workspace: Workspace,
    settings: Settings,
    access: AccessRoom,
    pages: Pages | None = None,
) -> Flask:
    """Return the application; without `pages` it is the API alone."""
    app = _Application("trellis", static_folder=None, root_path=str(STATIC.parent),
                instance_path=str(STATIC.parent))  # fmt: skip
    app.secret_key = settings.secret_key
    app.session_interface = PageSessions()
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_MEMORY,
        SESSION_COOKIE_NAME="trellis_notes",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions[EXTENSION] = Server(workspace, access, settings)
    app.register_blueprint(api)
    app.register_blueprint(operations)
    surroundings = Surroundings.of(settings.base_url, dev=settings.dev)
    app.config["SESSION_COOKIE_SECURE"] = surroundings.https
    policies: dict[str, Policy] = {}
    door = Door(access, surroundings, policies, settings.secret_key)
    door.install(app)
    if pages is not None:
        pages.install(app, Gate(door, access, demo=settings.demo and settings.dev))
    policies.update(policies_of(app))
    install_errors(app, pages.fault if pages is not None else None)
    _install_headers(app, https=surroundings.https)
    _install_files(app, surroundings)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies
        )
    return app


def _install_headers(app: Flask, *, https: bool) -> None:
    def finish(answer: Response) -> Response:
        return add_headers(answer, https=https)

    app.after_request(finish)
    app.after_request(audit_refusal)


def _install_files(app: Flask, surroundings: Surroundings) -> None:
    """Serve our own files before Flask is asked at all."""

    def add(headers: Headers, _path: str, _url: str) -> None:
        for name, value in STATIC_HEADERS:
            headers[name] = value
        if surroundings.https:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(STATIC), prefix="static/", allow_all_origins=False,
        immutable_file_test=_IMMUTABLE, add_headers_function=add,
    )  # fmt: skip
