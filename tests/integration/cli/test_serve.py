"""`trellis serve` stops when it is told to: what is under way is finished, and nothing is left."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from trellis.cli.serve import start_worker
from trellis.engine.actors import SYSTEM
from trellis.engine.jobs.rows import enqueue
from trellis.engine.jobs.worker import Worker
from trellis.engine.transactions import Transaction
from trellis.ids import new_secret
from trellis.settings import Settings
from trellis.wiring import Application, open_application


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize("options", [["--dev"], ["--processes", "1"]])
def test_a_server_ends_cleanly_when_it_is_told_to(tmp_path: Path, options: list[str]) -> None:
    port = free_port()
    command = [sys.executable, "-m", "trellis.cli.main", "serve", "--workspace", str(tmp_path),
               "--port", str(port), *options]  # fmt: skip
    environment = {"TRELLIS_SECRET_KEY": new_secret(384), "LANG": "C.UTF-8"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process)

            process.send_signal(signal.SIGTERM)

            _, said = process.communicate(timeout=60)
        finally:
            process.kill()

    assert process.returncode == 0, said
    assert b"Traceback" not in said


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    pause = threading.Event()
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
                assert answer.status == 200
                return
        except OSError:
            pause.wait(0.2)
    raise AssertionError("the server did not answer")


def test_a_stopping_worker_finishes_the_job_it_is_doing(tmp_path: Path) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'w.db'}", "k" * 40, tmp_path / "files")
    app = open_application(settings)
    begun, done = threading.Event(), threading.Event()

    def slow(_tx: Transaction, _payload: Mapping[str, Any]) -> None:
        begun.set()
        threading.Event().wait(0.5)
        done.set()

    with app.workspace.transaction(SYSTEM) as tx:
        enqueue(tx, "slow", {}, due=tx.now - timedelta(seconds=1))
        enqueue(tx, "slow", {}, due=tx.now)
    running = start_worker(Doing(app, Worker(app.workspace, {"slow": slow})), "w")  # type: ignore[arg-type]
    assert begun.wait(30)

    running.stop()

    assert done.is_set() and not running.thread.is_alive()
    with app.database.read() as connection:
        states = connection.exec_driver_sql("SELECT state FROM trellis_job ORDER BY due_at").all()
    assert [row[0] for row in states] == ["done", "ready"]
    app.database.dispose()


class Doing:
    """An application whose worker is given."""

    def __init__(self, app: Application, worker: Worker) -> None:
        self.app, self.given = app, worker

    def begin_upkeep(self) -> None:
        """Put nothing into the queue."""

    def worker(self, _name: str) -> Worker:
        """Return the worker."""
        return self.given
