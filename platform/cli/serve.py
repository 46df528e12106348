"""`trellis serve`: the web server of a workspace, and a worker thread for its jobs."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from trellis.cli.opening import add_workspace, settings_of
from trellis.engine.jobs.worker import Worker
from trellis.ids import new_secret
from trellis.settings import Settings
from trellis.web.gate import demo_people
from trellis.web.secret_key import secret_key_mistake
from trellis.web.security import is_loopback
from trellis.wiring import Application, open_application
from trellis.wsgi import app_of, make_ready_to_fork
from werkzeug.serving import WSGIRequestHandler, run_simple

#: Seconds that a stopping server gives to requests and to the job it is doing.
PATIENCE = 20
DEV_KEY_FILE = "secret_key"


class RefusedToStartError(Exception):
    """The server would not be safe like this; the text says what to do."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("serve", help="serve a workspace on the web")
    add_workspace(parser)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--dev",
        action="store_true",
        help="for this machine only: a key is made, demo people may step in",
    )
    parser.add_argument("--no-worker", action="store_true", help="leave jobs to `trellis worker`")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; exit 2 when it would not be safe."""
    try:
        settings = safe_settings(settings_of(arguments.workspace, dev=arguments.dev),
                                 arguments.host)  # fmt: skip
    except RefusedToStartError as error:
        print(f"trellis serve: {error}", file=sys.stderr)
        return 2
    if settings.dev:
        _serve_dev(settings, arguments)
    else:
        _Gunicorn(settings, arguments).run()
    return 0


def safe_settings(settings: Settings, host: str) -> Settings:
    """Return settings a server may start with; RefusedToStartError when it must not.

    In development a key of this machine is made and kept, whatever the environment says: a key
    from a manual would let everybody who read it forge cookies.
    """
    mistake = secret_key_mistake(settings.secret_key)
    if settings.dev:
        if not is_loopback(host):
            raise RefusedToStartError(
                f"--dev serves this machine only, and {host} is reached from others; leave out"
                " --dev and set TRELLIS_SECRET_KEY"
            )
        return settings if mistake is None else replace(settings, secret_key=_dev_key(settings))
    if mistake is not None:
        raise RefusedToStartError(
            f"{mistake}; make one with:\n"
            "  python3 -c 'import secrets; print(secrets.token_urlsafe(48))'\n"
            "or, to try things on this machine, add --dev"
        )
    return settings


def _dev_key(settings: Settings) -> str:
    """Return the key that this workspace's folder keeps for development."""
    path: Path = settings.workspace / DEV_KEY_FILE
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    settings.workspace.mkdir(parents=True, exist_ok=True)
    key = new_secret(384)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.write(key)
    return key


class _QuietHandler(WSGIRequestHandler):
    """Says nothing about versions, and writes a line only for what went wrong."""

    server_version = "trellis"
    sys_version = ""

    def version_string(self) -> str:
        """Return the banner."""
        return self.server_version

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write a line for answers that tell of a fault."""
        if str(code).startswith("5"):
            super().log_request(code, size)


def _serve_dev(settings: Settings, arguments: argparse.Namespace) -> None:
    application = open_application(settings)
    worker = None if arguments.no_worker else start_worker(application, "dev")
    signal.signal(signal.SIGTERM, _interrupt)
    # Werkzeug's words about itself are none that who starts a demo needs.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    print("\n".join(_welcome(application, f"http://{arguments.host}:{arguments.port}")), flush=True)
    try:
        run_simple(arguments.host, arguments.port, app_of(application), threaded=True,
                   request_handler=_QuietHandler)  # fmt: skip
    except KeyboardInterrupt:
        pass
    finally:
        if worker is not None:
            worker.stop()
        application.database.dispose()


def _welcome(application: Application, address: str) -> Iterator[str]:
    """Yield the server's address, and the demo's people where there are some."""
    yield f"Trellis: {address}"
    people = demo_people(application.database)
    if people:
        yield "The sign-in page lets you step in as one of these, without a password:"
    for one in people:
        post = one.get("post", "")
        yield f"  {one['login']:<12} {post.get('en', '') if isinstance(post, dict) else post}"


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Stop as Ctrl-C does: what is under way is finished first."""
    raise KeyboardInterrupt


def start_worker(application: Application, name: str) -> RunningWorker:
    """Start a worker thread and return what stops it."""
    application.begin_upkeep()
    worker = application.worker(name)
    thread = threading.Thread(target=worker.run_forever, name="trellis-worker", daemon=True)
    thread.start()
    return RunningWorker(worker, thread)


@dataclass(frozen=True)
class RunningWorker:
    """A worker in a thread of its own."""

    worker: Worker
    thread: threading.Thread

    def stop(self) -> None:
        """Let the worker end after the job it is doing, and wait for that."""
        self.worker.stop()
        self.thread.join(PATIENCE)


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with threads; the workspace is opened once, before the processes fork."""

    def __init__(self, settings: Settings, arguments: argparse.Namespace) -> None:
        self._settings = settings
        self._arguments = arguments
        self._application: Application | None = None
        self._worker: RunningWorker | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's settings."""
        arguments = self._arguments
        for name, value in {
            "bind": f"{arguments.host}:{arguments.port}",
            "workers": arguments.processes,
            "threads": arguments.threads,
            "worker_class": "gthread",
            "proc_name": "trellis",
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": PATIENCE,
            "post_worker_init": self._begin,
            "worker_exit": self._finish,
            "limit_request_line": 16_380,
            "forwarded_allow_ips": "",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Open the workspace."""
        application = self._application = open_application(self._settings)
        app = app_of(application)
        make_ready_to_fork(application)
        return app

    def _begin(self, _process: object) -> None:
        """Start this process's worker."""
        if self._application is not None and not self._arguments.no_worker:
            self._worker = start_worker(self._application, f"web-{os.getpid()}")

    def _finish(self, _arbiter: object, _process: object) -> None:
        """Let this process's worker finish its job before the process ends."""
        if self._worker is not None:
            self._worker.stop()
