"""`hand_core`: the store over SQLAlchemy Core, with statements that are built once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from bench.baseline.schema import ACCOUNT, CASE, DEVICE, HISTORY, TOKEN, USER
from bench.baseline.store import Case, User, Wanted

_ASSIGNEE = USER.alias("assignee")
_ME = sa.bindparam("me")
_VISIBLE = sa.or_(CASE.c.is_public, CASE.c.assignee_id == _ME, CASE.c.created_by == _ME)
_WHOLE = sa.select(
    CASE,
    ACCOUNT.c.name.label("account_name"),
    DEVICE.c.name.label("device_name"),
    _ASSIGNEE.c.name.label("assignee_name"),
).select_from(
    CASE.join(ACCOUNT, ACCOUNT.c.id == CASE.c.account_id)
    .outerjoin(DEVICE, DEVICE.c.id == CASE.c.device_id)
    .outerjoin(_ASSIGNEE, _ASSIGNEE.c.id == CASE.c.assignee_id)
)
_USER_OF = (
    sa.select(USER.c.id, USER.c.name, USER.c.role)
    .join(TOKEN, TOKEN.c.user_id == USER.c.id)
    .where(
        TOKEN.c.hash == sa.bindparam("hash"),
        TOKEN.c.revoked_at.is_(None),
        TOKEN.c.expires_at > sa.bindparam("now"),
        USER.c.active,
    )
)
_READ = _WHOLE.where(CASE.c.id == sa.bindparam("case_id"), _VISIBLE)
_LOCK = sa.select(CASE).where(CASE.c.id == sa.bindparam("case_id"), _VISIBLE).with_for_update()
_INSERT = sa.insert(CASE)
_REMEMBER = sa.insert(HISTORY)


def _condition(name: str) -> sa.ColumnElement[bool]:
    value = sa.bindparam(f"is_{name}")
    return CASE.c.score >= value if name == "score_from" else CASE.c[name] == value


def _conditions(names: tuple[str, ...], *, after: bool) -> list[sa.ColumnElement[bool]]:
    found = [_VISIBLE, *(_condition(name) for name in names)]
    if after:
        found.append(
            sa.tuple_(CASE.c.opened_at, CASE.c.id)
            < sa.tuple_(sa.bindparam("after_at"), sa.bindparam("after_id"))
        )
    return found


@cache
def _page(names: tuple[str, ...], *, after: bool) -> sa.Select[Any]:
    return (
        _WHOLE.where(*_conditions(names, after=after))
        .order_by(CASE.c.opened_at.desc(), CASE.c.id.desc())
        .limit(sa.bindparam("most"))
    )


@cache
def _count(names: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(sa.func.count()).where(*_conditions(names, after=False))


@cache
def _update(names: tuple[str, ...]) -> sa.Update:
    return (
        sa.update(CASE)
        .where(CASE.c.id == sa.bindparam("case_id"), CASE.c.rev == sa.bindparam("old_rev"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )


class CoreSession:
    """One request's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def user_of(self, token_hash: str, now: datetime) -> User | None:
        """Return whose token this is."""
        row = self._connection.execute(_USER_OF, {"hash": token_hash, "now": now}).first()
        return None if row is None else User(*row)

    def read(self, case_id: str, me: str) -> Case | None:
        """Return a case that `me` may see, with the names of what it refers to."""
        found = self._connection.execute(_READ, {"case_id": case_id, "me": me})
        return found.mappings().first()

    def page(self, wanted: Wanted, me: str) -> Sequence[Case]:
        """Return cases that `me` may see."""
        statement = _page(tuple(wanted.filters), after=wanted.after is not None)
        bound = self._bound(wanted, me) | {"most": wanted.limit}
        return self._connection.execute(statement, bound).mappings().all()

    def count(self, wanted: Wanted, me: str) -> int:
        """Return how many there are."""
        statement = _count(tuple(wanted.filters))
        return int(self._connection.execute(statement, self._bound(wanted, me)).scalar_one())

    @staticmethod
    def _bound(wanted: Wanted, me: str) -> dict[str, Any]:
        bound: dict[str, Any] = {f"is_{name}": value for name, value in wanted.filters.items()}
        if wanted.after is not None:
            at, identity = wanted.after
            bound |= {"after_at": datetime.fromisoformat(at), "after_id": identity}
        return bound | {"me": me}

    def locked(self, case_id: str, me: str) -> Mapping[str, Any] | None:
        """Return the columns of a case that is about to be changed."""
        found = self._connection.execute(_LOCK, {"case_id": case_id, "me": me})
        return found.mappings().first()

    def insert(self, values: Mapping[str, Any]) -> None:
        """Write a new case."""
        self._connection.execute(_INSERT, values)

    def update(self, case_id: str, rev: int, values: Mapping[str, Any]) -> bool:
        """Change a case that still has this revision."""
        bound = {f"new_{name}": value for name, value in values.items()}
        statement = _update(tuple(values))
        done = self._connection.execute(statement, {**bound, "case_id": case_id, "old_rev": rev})
        return done.rowcount == 1

    def remember(
        self, case_id: str, rev: int, at: datetime, me: str, action: str,
        changes: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Write a row of history."""
        self._connection.execute(
            _REMEMBER,
            {"case_id": case_id, "rev": rev, "at": at, "user_id": me, "action": action,
             "changes": changes},
        )  # fmt: skip


class CoreStore:
    """A database of cases through SQLAlchemy Core."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._sqlite = self.engine.dialect.name == "sqlite"
        # Reading on PostgreSQL needs no transaction: two round trips less.
        self._reader = (
            self.engine
            if self._sqlite
            else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )

    @contextmanager
    def reading(self) -> Iterator[CoreSession]:
        """Give a session that only reads."""
        with self._reader.connect() as connection:
            yield CoreSession(connection)

    @contextmanager
    def writing(self) -> Iterator[CoreSession]:
        """Give a session in a transaction that is committed at the end."""
        with self.engine.begin() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield CoreSession(connection)


def make_engine(url: str) -> Engine:
    """Return an engine whose SQLite connections wait for each other."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=8)
    engine = sa.create_engine(url, connect_args={"check_same_thread": False, "timeout": 15})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # Transactions begin where we say; SQLAlchemy still commits and rolls back.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON",
                       "cache_size=-32000"):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    return engine
