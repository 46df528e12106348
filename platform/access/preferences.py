"""What people chose for themselves: small values by name, kept until they choose otherwise."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.storage.platform_tables.access import PREFERENCE
from trellis.storage.prepared import Kept

_OWN = PREFERENCE.c
_READ = Kept(
    sa.select(_OWN.value).where(
        _OWN.user_id == sa.bindparam("person", type_=_OWN.user_id.type),
        _OWN.name == sa.bindparam("called", type_=sa.Text()),
    )
)


def preference(connection: Connection, user_id: str, name: str) -> object:
    """Return what a person chose, None when they chose nothing."""
    row = _READ.of(connection).first(connection, {"person": user_id, "called": name})
    return None if row is None else row[0]


def keep_preference(connection: Connection, user_id: str, name: str, value: object) -> None:
    """Keep what a person chose; None forgets it."""
    connection.execute(sa.delete(PREFERENCE).where(_OWN.user_id == user_id, _OWN.name == name))
    if value is not None:
        row = {"user_id": user_id, "name": name, "value": value}
        connection.execute(sa.insert(PREFERENCE), row)
