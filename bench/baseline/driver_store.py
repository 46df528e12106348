"""The raw variant: the same store over the bare drivers, to know what the libraries cost."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from psycopg.types.string import TextLoader

from bench.baseline.schema import CASE, moment_text
from bench.baseline.store import Case, User, Wanted

_COLUMNS = tuple(column.name for column in CASE.columns)
_NAMES = (*_COLUMNS, "account_name", "device_name", "assignee_name")
_MOMENTS = frozenset({"created_at", "updated_at", "opened_at", "due_at", "closed_at"})
_CENTS = frozenset({"estimate", "cost"})
_VISIBLE = "(c.is_public OR c.assignee_id = ? OR c.created_by = ?)"
_WHOLE = (
    f"SELECT {', '.join('c.' + name for name in _COLUMNS)}, a.name, d.name, u.name"
    " FROM cases c JOIN accounts a ON a.id = c.account_id"
    " LEFT JOIN devices d ON d.id = c.device_id LEFT JOIN users u ON u.id = c.assignee_id"
)
_USER_OF = (
    "SELECT u.id, u.name, u.role FROM tokens t JOIN users u ON u.id = t.user_id"
    " WHERE t.hash = ? AND t.revoked_at IS NULL AND t.expires_at > ? AND u.active"
)
_READ = f"{_WHOLE} WHERE c.id = ? AND {_VISIBLE}"
_LOCK = f"SELECT {', '.join(_COLUMNS)} FROM cases c WHERE c.id = ? AND {_VISIBLE}"
_INSERT = f"INSERT INTO cases ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' for _ in _COLUMNS)})"
_REMEMBER = (
    "INSERT INTO history (case_id, rev, at, user_id, action, changes) VALUES (?, ?, ?, ?, ?, ?)"
)


@cache
def _where(names: tuple[str, ...], *, after: bool) -> str:
    text = f" WHERE {_VISIBLE}" + "".join(
        " AND c.score >= ?" if name == "score_from" else f" AND c.{name} = ?" for name in names
    )
    return text + (" AND (c.opened_at, c.id) < (?, ?)" if after else "")


@cache
def _page(names: tuple[str, ...], *, after: bool) -> str:
    where = _where(names, after=after)
    return f"{_WHOLE}{where} ORDER BY c.opened_at DESC, c.id DESC LIMIT ?"


@cache
def _update(names: tuple[str, ...]) -> str:
    new = ", ".join(f"{name} = ?" for name in names)
    return f"UPDATE cases SET {new} WHERE id = ? AND rev = ?"


class DriverSession:
    """One request's connection."""

    def __init__(self, store: DriverStore, cursor: Any) -> None:
        self._store = store
        self._cursor = cursor

    def _run(self, sql: str, values: Sequence[Any]) -> Any:
        return self._cursor.execute(self._store.sql(sql), values)

    def user_of(self, token_hash: str, now: datetime) -> User | None:
        """Return whose token this is."""
        row = self._run(_USER_OF, (token_hash, self._store.out(now))).fetchone()
        return None if row is None else User(*row)

    def read(self, case_id: str, me: str) -> Case | None:
        """Return a case that `me` may see, with the names of what it refers to."""
        row = self._run(_READ, (case_id, me, me)).fetchone()
        return None if row is None else self._store.case(_NAMES, row)

    def page(self, wanted: Wanted, me: str) -> Sequence[Case]:
        """Return cases that `me` may see."""
        sql = _page(tuple(wanted.filters), after=wanted.after is not None)
        rows = self._run(sql, (*self._bound(wanted, me), wanted.limit)).fetchall()
        case = self._store.case
        return [case(_NAMES, row) for row in rows]

    def count(self, wanted: Wanted, me: str) -> int:
        """Return how many there are."""
        where = _where(tuple(wanted.filters), after=False)
        row = self._run(f"SELECT count(*) FROM cases c{where}", self._bound(wanted, me)).fetchone()
        return int(row[0])

    def _bound(self, wanted: Wanted, me: str) -> tuple[Any, ...]:
        if wanted.after is None:
            return (me, me, *wanted.filters.values())
        at, identity = wanted.after
        return (me, me, *wanted.filters.values(), self._store.out(datetime.fromisoformat(at)),
                identity)  # fmt: skip

    def locked(self, case_id: str, me: str) -> Mapping[str, Any] | None:
        """Return the columns of a case that is about to be changed."""
        row = self._run(_LOCK + self._store.for_update, (case_id, me, me)).fetchone()
        return None if row is None else self._store.case(_COLUMNS, row)

    def insert(self, values: Mapping[str, Any]) -> None:
        """Write a new case."""
        out = self._store.out
        self._run(_INSERT, [out(values.get(name)) for name in _COLUMNS])

    def update(self, case_id: str, rev: int, values: Mapping[str, Any]) -> bool:
        """Change a case that still has this revision."""
        out = self._store.out
        sql = _update(tuple(values))
        done = self._run(sql, [*(out(value) for value in values.values()), case_id, rev])
        return bool(done.rowcount == 1)

    def remember(
        self, case_id: str, rev: int, at: datetime, me: str, action: str,
        changes: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Write a row of history."""
        out = self._store.out
        self._run(_REMEMBER, (case_id, rev, out(at), me, action, out(changes)))


class DriverStore:
    """A database of cases through sqlite3 or psycopg; every thread has its connection."""

    def __init__(self, url: str) -> None:
        self._sqlite = url.startswith("sqlite")
        self._url = url.removeprefix("sqlite:///").replace("+psycopg", "")
        self._own = threading.local()
        self.for_update = "" if self._sqlite else " FOR UPDATE"
        self.sql: Callable[[str], str] = (lambda text: text) if self._sqlite else _numbered
        self.out = _to_sqlite if self._sqlite else _to_postgres
        self.case = _from_sqlite if self._sqlite else _from_postgres

    @property
    def _connection(self) -> Any:
        if not hasattr(self._own, "connection"):
            self._own.connection = (
                _open_sqlite(self._url) if self._sqlite else _open_postgres(self._url)
            )
        return self._own.connection

    @contextmanager
    def reading(self) -> Iterator[DriverSession]:
        """Give a session that only reads."""
        yield DriverSession(self, self._connection.cursor())

    @contextmanager
    def writing(self) -> Iterator[DriverSession]:
        """Give a session in a transaction that is committed at the end."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")
        try:
            yield DriverSession(self, connection.cursor())
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


@cache
def _numbered(text: str) -> str:
    return text.replace("?", "%s")


def _open_sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=15, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON",
                   "cache_size=-32000"):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _open_postgres(url: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(url, autocommit=True)
    connection.adapters.register_loader("uuid", TextLoader)
    return connection


def _to_sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, Decimal):
        return int(value * 100)
    return json.dumps(value) if isinstance(value, dict) else value


def _to_postgres(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def _from_sqlite(names: Sequence[str], row: Sequence[Any]) -> Case:
    found = dict(zip(names, row, strict=True))
    for name in _MOMENTS:
        if found[name] is not None:
            found[name] = datetime.fromisoformat(found[name])
    for name in _CENTS:
        if found[name] is not None:
            found[name] = Decimal(found[name]).scaleb(-2)
    found["is_public"] = bool(found["is_public"])
    return found


def _from_postgres(names: Sequence[str], row: Sequence[Any]) -> Case:
    return dict(zip(names, row, strict=True))
