"""A database: connections with our own transactions, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool
from trellis.storage.sqlite_functions import register_functions

BUSY_MILLISECONDS = 15_000


class Database:
    """One workspace's database."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(_driver_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._engine()

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            engine = sa.create_engine(self.url, pool_size=8, max_overflow=8, pool_pre_ping=True)
            event.listen(engine, "connect", _prepare_postgresql)
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

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in a transaction that may write; it commits at the end."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                self._finish(connection, "ROLLBACK")
                raise
            self._finish(connection, "COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database and writes nothing."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                self._finish(connection, "ROLLBACK")

    def _finish(self, connection: Connection, word: str) -> None:
        if self.is_sqlite:
            connection.exec_driver_sql(word)
            connection.rollback()
        elif word == "COMMIT":
            connection.commit()
        else:
            connection.rollback()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


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


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
    connection.autocommit = False
