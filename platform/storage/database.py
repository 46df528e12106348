"""A database: connections with our own transactions, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import orjson
import sqlalchemy as sa
from psycopg.types.json import set_json_loads
from psycopg.types.string import TextLoader
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool
from trellis.storage.sqlite_functions import register_functions

BUSY_MILLISECONDS = 15_000
#: A connection that rested longer is asked whether it still lives before it is used.
RESTED_SECONDS = 20.0
_RETURNED = "returned"
#: Connections of SQLite that wait outside the pool, which lends two more for each of them.
MOST_RESTED = 5


class Database:
    """One workspace's database."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(_driver_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._engine()
        #: Connections of SQLite that are at rest: taking one of them sets nothing up again.
        self._rested: deque[Connection] = deque()

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            engine = sa.create_engine(self.url, pool_size=8, max_overflow=8)
            event.listen(engine, "connect", _prepare_postgresql)
            event.listen(engine, "checkin", _remember_return)
            event.listen(engine, "checkout", _ping_rested)
            return engine
        in_memory = self.url.database in (None, "", ":memory:")
        engine = sa.create_engine(
            self.url,
            connect_args={"check_same_thread": False, "timeout": BUSY_MILLISECONDS / 1000},
            poolclass=sa.StaticPool if in_memory else QueuePool,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_nothing)
        return engine

    def write(self) -> AbstractContextManager[Connection]:
        """Give a connection in a transaction that may write; it commits at the end."""
        return self._ours("BEGIN IMMEDIATE", "COMMIT") if self.is_sqlite else self.engine.begin()

    def read(self) -> AbstractContextManager[Connection]:
        """Give a connection that writes nothing.

        On SQLite it sees one state of the database. On PostgreSQL every statement sees what was
        committed when it began, as it would in a transaction, so that none is opened: see `whole`.
        """
        return self._ours("BEGIN", "ROLLBACK") if self.is_sqlite else self.look()

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """Give a connection that writes nothing, for statements that need not see one state."""
        if not self.is_sqlite:
            with self.engine.connect() as connection, _autocommit(connection, on=True):
                yield connection
            return
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    @contextmanager
    def _ours(self, begin: str, end: str) -> Iterator[Connection]:
        """Give a connection of SQLite in a transaction of our own; SQLAlchemy's beside it is empty.

        What raises is rolled back.
        """
        connection = self._take()
        driver = cast(sqlite3.Connection, connection.connection.driver_connection)
        try:
            driver.execute(begin)
            try:
                yield connection
            except BaseException:
                driver.execute("ROLLBACK")
                raise
            driver.execute(end)
        finally:
            self._give_back(connection)

    def _take(self) -> Connection:
        try:
            return self._rested.pop()
        except IndexError:
            return self.engine.connect()

    def _give_back(self, connection: Connection) -> None:
        """Let a connection rest; the pool has those that are broken or more than enough."""
        if connection.in_transaction():
            connection.rollback()
        if len(self._rested) < MOST_RESTED and _is_at_rest(connection):
            self._rested.append(connection)
        else:
            connection.close()

    def dispose(self) -> None:
        """Close every connection."""
        while self._rested:
            self._rested.pop().close()
        self.engine.dispose()


@contextmanager
def whole(connection: Connection) -> Iterator[Connection]:
    """Let a reading connection see one state, as answers need that are read bit by bit."""
    if connection.dialect.name == "sqlite":
        yield connection
        return
    with _autocommit(connection, on=False):
        yield connection


@contextmanager
def _autocommit(connection: Connection, *, on: bool) -> Iterator[None]:
    """Turn the driver's transactions off or on for a while; what was open is rolled back."""
    driver = cast(Any, connection.connection.driver_connection)
    before = driver.autocommit
    if before == on:
        yield
        return
    driver.autocommit = on
    try:
        yield
    finally:
        if not driver.closed:
            driver.rollback()
            driver.autocommit = before


def _is_at_rest(connection: Connection) -> bool:
    if connection.closed or connection.invalidated:
        return False
    return not cast(sqlite3.Connection, connection.connection.driver_connection).in_transaction


def _driver_url(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Our own BEGIN and COMMIT: the driver's start transactions late and end them early.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    register_functions(connection)


def _begin_nothing(_connection: Connection) -> None:
    """Leave SQLAlchemy's implicit transaction empty; `write` and `read` begin for themselves."""


def _remember_return(_connection: Any, record: Any) -> None:
    record.info[_RETURNED] = time.monotonic()


def _ping_rested(connection: Any, record: Any, _proxy: Any) -> None:
    """Let the pool replace a connection that died while it rested."""
    if time.monotonic() - record.info.get(_RETURNED, 0.0) < RESTED_SECONDS:
        return
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except connection.Error as error:
        raise DisconnectionError from error


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # Ids stay texts, and JSON is read by the same parser as on SQLite.
    connection.adapters.register_loader("uuid", TextLoader)
    set_json_loads(orjson.loads, connection)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
    connection.autocommit = False
