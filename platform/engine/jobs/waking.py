"""Waking workers: a job that is due at once need not wait until a worker looks again.

On PostgreSQL the transaction that puts the job into the queue notifies every worker on every
machine as it commits; on SQLite it wakes the worker thread of its own process.
"""

from __future__ import annotations

import threading
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa
import structlog
from trellis.engine.pending import JOBS_CHANNEL
from trellis.storage.database import Database

_log = structlog.get_logger("trellis.jobs")


class Alarm(Protocol):
    """What a worker without work sleeps on."""

    def wait(self, seconds: float) -> None:
        """Sleep until there may be work, at most `seconds`."""
        ...

    def close(self) -> None:
        """Let go of what the alarm holds."""
        ...


class ThreadAlarm:
    """Wakes by an event of the same process."""

    def __init__(self, bell: threading.Event) -> None:
        self._bell = bell

    def wait(self, seconds: float) -> None:
        """Sleep until the bell rings."""
        self._bell.wait(seconds)
        self._bell.clear()

    def close(self) -> None:
        """Hold nothing."""


class ListeningAlarm:
    """Wakes by notifications of PostgreSQL, over a connection of its own that is made anew."""

    def __init__(self, database: Database, stopped: threading.Event) -> None:
        self._database = database
        self._stopped = stopped
        self._connection: psycopg.Connection[Any] | None = None

    def wait(self, seconds: float) -> None:
        """Sleep until somebody notifies; just sleep while the server is away.

        The first time it only begins to listen: a job may have come before that.
        """
        try:
            if self._connection is None:
                self._connection = self._listen()
                return
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass
        except (psycopg.Error, sa.exc.SQLAlchemyError) as error:
            _log.warning("not listening for jobs", error=str(error))
            self.close()
            self._stopped.wait(seconds)

    def _listen(self) -> psycopg.Connection[Any]:
        arguments, options = self._database.engine.dialect.create_connect_args(
            self._database.engine.url
        )
        made = psycopg.connect(*arguments, autocommit=True, **options)
        made.execute(f"LISTEN {JOBS_CHANNEL}")
        return made

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
