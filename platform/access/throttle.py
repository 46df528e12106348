"""Slows down guessing: attempts are counted in the database, so that all processes agree."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.access.secrets import hash_secret
from trellis.ids import IdSource
from trellis.storage.platform_tables.access import LOGIN_ATTEMPT


@dataclass(frozen=True)
class Limit:
    """At most `count` failures within `window`."""

    count: int
    window: timedelta

    def wait(self, failures: Sequence[datetime], now: datetime) -> int:
        """Return the seconds until the next attempt may be made; `failures` newest first."""
        recent = [at for at in failures if at > now - self.window]
        if len(recent) < self.count:
            return 0
        return max(1, ceil((recent[self.count - 1] + self.window - now).total_seconds()))


@dataclass(frozen=True)
class Throttle:
    """Limits for one name at one address, for an address, and for a name from anywhere.

    The last two spare addresses from which the user entered before: neither somebody who tries
    passwords from a thousand machines nor a neighbour behind the same address may lock an
    honest user out.
    """

    pair: Limit = Limit(5, timedelta(minutes=15))
    address: Limit = Limit(30, timedelta(minutes=15))
    login: Limit = Limit(100, timedelta(hours=1))
    known_for: timedelta = timedelta(days=30)

    def wait(self, connection: Connection, login: str, address: str, now: datetime) -> int:
        """Return the seconds to wait before this name may be tried from this address."""
        name, place = hash_secret(login), address_key(address)
        pair = (_ATTEMPT.login_key == name) & (_ATTEMPT.address == place)
        since = {"since": now - self.known_for}
        entered: datetime | None = connection.execute(_entered(pair), since).scalar()
        waits = [self._wait(connection, self.pair, pair, now, entered)]
        if entered is None:
            place_only, name_only = (
                _ATTEMPT.address == place,
                _ATTEMPT.login_key == name,
            )
            waits.append(self._wait(connection, self.address, place_only, now, None))
            waits.append(self._wait(connection, self.login, name_only, now, None))
        return max(waits)

    def _wait(
        self,
        connection: Connection,
        limit: Limit,
        which: sa.ColumnElement[bool],
        now: datetime,
        since: datetime | None,
    ) -> int:
        begin = now - limit.window if since is None else max(since, now - limit.window)
        statement = (
            sa.select(_ATTEMPT.at)
            .where(which, _ATTEMPT.succeeded == 0, _ATTEMPT.at > begin)
            .order_by(_ATTEMPT.at.desc())
            .limit(limit.count)
        )
        return limit.wait(list(connection.execute(statement).scalars()), now)

    def record(
        self,
        connection: Connection,
        ids: IdSource,
        login: str,
        address: str,
        now: datetime,
    ) -> str:
        """Write an attempt as a failure; return its id, by which it may become a success."""
        number = ids.new()
        connection.execute(
            _INSERT,
            {"id": number, "login_key": hash_secret(login), "address": address_key(address),
             "at": now, "succeeded": 0},
        )  # fmt: skip
        return number

    def record_success(self, connection: Connection, number: str, now: datetime) -> None:
        """Turn an attempt into a success, and forget those that no limit looks at any more."""
        connection.execute(_SUCCEED, {"number": number})
        connection.execute(_FORGET, {"before": now - self.known_for})


_ATTEMPT = LOGIN_ATTEMPT.c
_INSERT = sa.insert(LOGIN_ATTEMPT)
_SUCCEED = sa.update(LOGIN_ATTEMPT).where(_ATTEMPT.id == sa.bindparam("number")).values(succeeded=1)
_FORGET = sa.delete(LOGIN_ATTEMPT).where(_ATTEMPT.at < sa.bindparam("before"))


def _entered(pair: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the statement for the last success of a pair."""
    return (
        sa.select(_ATTEMPT.at)
        .where(pair, _ATTEMPT.succeeded == 1, _ATTEMPT.at > sa.bindparam("since"))
        .order_by(_ATTEMPT.at.desc())
        .limit(1)
    )


def address_key(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or a /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
