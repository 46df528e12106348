"""What instances wait for, as rows: found by name and key, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.storage.platform_tables.flows import SUBSCRIPTION


@dataclass(frozen=True)
class Subscription:
    """A token, frame or instance (`owner`) that waits for an event at a node.

    `kind` is message, signal or conditional; `catch` the position of a boundary event. A message
    is found by `path` and `key` (`matching`), a condition by the object (`name`) and id (`key`)
    of the record that it reads.
    """

    id: str
    instance_id: str
    owner: str
    node: str
    kind: str
    name: str
    catch: int | None = None
    path: str = ""
    key: str | None = None


def subscribe(connection: Connection, subscriptions: Sequence[Subscription]) -> None:
    """Insert subscriptions."""
    if subscriptions:
        connection.execute(sa.insert(SUBSCRIPTION), [asdict(one) for one in subscriptions])


def unsubscribe(connection: Connection, owners: Sequence[str]) -> None:
    """Delete the subscriptions of tokens, frames and instances."""
    if owners:
        connection.execute(sa.delete(SUBSCRIPTION).where(SUBSCRIPTION.c.owner.in_(owners)))


def paths_of(connection: Connection, kind: str, name: str) -> Iterator[str]:
    """Yield the paths by which anybody waits for an event: one look into the index for each."""
    c = SUBSCRIPTION.c
    last = sa.select(sa.func.min(c.path)).where(c.kind == kind, c.name == name)
    path = connection.execute(last).scalar()
    while path is not None:
        yield str(path)
        path = connection.execute(last.where(c.path > path)).scalar()


def waiting_for(
    connection: Connection, kind: str, name: str, path: str = "", key: str | None = None
) -> tuple[Subscription, ...]:
    """Return who waits for an event at a path, with a key or (None) with any; the oldest first."""
    c = SUBSCRIPTION.c
    statement = sa.select(SUBSCRIPTION).where(c.kind == kind, c.name == name, c.path == path)
    if key is not None:
        statement = statement.where(c.key == key)
    rows = connection.execute(statement.order_by(c.id)).mappings()
    return tuple(Subscription(**row) for row in rows)


def of_instance(connection: Connection, instance_id: str, kind: str) -> tuple[Subscription, ...]:
    """Return what an instance waits for, of one kind."""
    c = SUBSCRIPTION.c
    statement = sa.select(SUBSCRIPTION).where(c.instance_id == instance_id, c.kind == kind)
    rows = connection.execute(statement.order_by(c.id)).mappings()
    return tuple(Subscription(**row) for row in rows)


def of_record(connection: Connection, object_key: str, record_id: str) -> tuple[str, ...]:
    """Return the instances that wait until something holds of a record."""
    c = SUBSCRIPTION.c
    statement = sa.select(c.instance_id).where(
        c.kind == "conditional", c.name == object_key, c.path == "", c.key == record_id
    )
    return tuple(connection.execute(statement.distinct()).scalars())


def waited_objects(connection: Connection) -> tuple[str, ...]:
    """Return the objects of whose records somebody waits until something holds."""
    statement = sa.select(SUBSCRIPTION.c.name).where(SUBSCRIPTION.c.kind == "conditional")
    return tuple(connection.execute(statement.distinct()).scalars())


def find(connection: Connection, subscription_id: str) -> Subscription | None:
    """Return a subscription that still stands."""
    statement = sa.select(SUBSCRIPTION).where(SUBSCRIPTION.c.id == subscription_id)
    row = connection.execute(statement).mappings().first()
    return None if row is None else Subscription(**row)


def drop(connection: Connection, ids: Sequence[str]) -> None:
    """Delete subscriptions that have had what they waited for."""
    if ids:
        connection.execute(sa.delete(SUBSCRIPTION).where(SUBSCRIPTION.c.id.in_(ids)))
