"""Rows that only ever join a log: kept while a transaction runs, written in one go at its end.

The event log and notifications grow by many small rows a step; one statement a table writes them.
Whoever reads such a table inside the transaction that may have added to it calls `flush` before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.storage.prepared import Kept

#: Where PostgreSQL tells workers that a job is due at once.
JOBS_CHANNEL = "trellis_jobs"
_NOTIFY = Kept(sa.select(sa.func.pg_notify(JOBS_CHANNEL, "")))
#: A transaction of many writes does not keep more rows than about this many.
ENOUGH = 500
Row = Mapping[str, Any]


@dataclass
class PendingRows:
    """What a transaction has still to write into logs, in the order in which it was added."""

    _rows: dict[Kept, list[Row]] = field(default_factory=dict)
    _attempts: int = 0
    #: A job was put into the queue that is due at once.
    wakes_workers: bool = False

    def add(self, insert: Kept, row: Row) -> None:
        """Keep a row for `insert`, an insert that takes a value for every column."""
        self._rows.setdefault(insert, []).append(row)

    def flush(self, connection: Connection, insert: Kept | None = None) -> None:
        """Write what is kept for `insert`, or everything."""
        for one in [insert] if insert is not None else list(self._rows):
            rows = self._rows.pop(one, None)
            if rows:
                one.of(connection).run_many(connection, rows)

    def finish(self, connection: Connection) -> None:
        """Write everything; workers of PostgreSQL hear of their work as it commits."""
        self.flush(connection)
        if self.wakes_workers and connection.dialect.name == "postgresql":
            _NOTIFY.of(connection).all(connection, {})

    def clear(self) -> None:
        """Forget what is kept, because what caused it is undone."""
        self._rows.clear()

    @contextmanager
    def attempt(self, connection: Connection) -> Iterator[None]:
        """Undo what is written and forget what is added inside when it raises."""
        # Not inside another attempt: undoing that would undo rows from before it.
        if not self._attempts and sum(map(len, self._rows.values())) > ENOUGH:
            self.flush(connection)
        before = {insert: list(rows) for insert, rows in self._rows.items()}
        self._attempts += 1
        try:
            with connection.begin_nested():
                yield
        except BaseException:
            # What was flushed meanwhile is undone as well, rows from before included.
            self._rows.clear()
            self._rows.update(before)
            raise
        finally:
            self._attempts -= 1
