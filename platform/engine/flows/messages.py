"""Messages and signals: whom they reach, and how early ones wait (a table is their inbox).

A message goes to one waiting instance of each flow, the one that waits longest, and starts the
flows that begin with it and were not reached. What nobody takes waits until its time is over and
is then shown among the jobs that need a person. A signal goes to everybody who waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from trellis.engine.flows.happening import DELIVER_JOB, FlowEvents, Happened
from trellis.engine.flows.matching import key_of, value_at
from trellis.engine.flows.subscriptions import Subscription, find, paths_of, waiting_for
from trellis.engine.jobs.rows import cancel, enqueue, report
from trellis.engine.transactions import Transaction
from trellis.metadata.model.flows import Flow, Node, NodeKind
from trellis.storage.platform_tables.flows import MESSAGE

#: How long a message waits for somebody when its sender says nothing.
USUAL_TTL = timedelta(hours=1)
UNMATCHED_JOB = "flow.unmatched"
REDELIVER_JOB = "flow.redeliver"
WAITING, CORRELATED, UNMATCHED = "waiting", "correlated", "unmatched"


@dataclass(frozen=True)
class Message:
    """A message as its sender gives it; the same `dedupe` of one name is the same message."""

    name: str
    payload: Mapping[str, Any]
    key: str | None = None
    dedupe: str | None = None
    ttl: timedelta = USUAL_TTL


@dataclass(frozen=True)
class Receipt:
    """What became of a message: its state, and the instances that it reached or started."""

    id: str
    state: str
    instances: tuple[str, ...]
    duplicate: bool = False


class Starting(Protocol):
    """Starts the flows that begin with an event."""

    def __call__(
        self, tx: Transaction, flow: Flow, start: Node, payload: Mapping[str, Any]
    ) -> str | None:
        """Return the id of the instance, None where the start does not fit."""
        ...


@dataclass(frozen=True)
class FlowMessages:
    """Messages and signals of one transaction."""

    tx: Transaction
    events: FlowEvents
    start: Starting

    def send(self, message: Message) -> Receipt:
        """Keep a message and let it reach who waits for it; a known one is told again, not sent."""
        known = self._known(message)
        if known is not None:
            return known
        identity = self.tx.ids.new()
        row = {"id": identity, "name": message.name, "key": message.key, "state": WAITING,
               "payload": dict(message.payload), "dedupe": message.dedupe,
               "received_at": self.tx.now, "expires_at": self.tx.now + message.ttl}  # fmt: skip
        try:
            with self.tx.connection.begin_nested():
                self.tx.connection.execute(sa.insert(MESSAGE).values(**row))
        except sa.exc.IntegrityError:
            # Somebody else was quicker with the same message.
            found = self._known(message)
            if found is None:
                raise
            return found
        return self._deliver(row, begins=True)

    def redeliver(self, message_id: str) -> Receipt | None:
        """Try once more to find who waits for a message that nobody took."""
        row = self._row(MESSAGE.c.id == message_id)
        if row is None or row["state"] == CORRELATED:
            return None
        return self._deliver(row, begins=True)

    def unmatched(self, message_id: str) -> None:
        """Show a message whose time is over among the jobs that need a person."""
        row = self._row(MESSAGE.c.id == message_id)
        if row is None or row["state"] != WAITING:
            return
        self._set(message_id, state=UNMATCHED)
        report(self.tx, REDELIVER_JOB, {"message": message_id}, key=f"message:{message_id}",
               error=f"message `{row['name']}`: nothing waited for it")  # fmt: skip

    def early(self, instance_id: str, subscription_id: str) -> None:
        """Give a new subscription the oldest message that came before it and fits."""
        one = find(self.tx.connection, subscription_id)
        if one is None:
            return
        waiting = sa.select(MESSAGE).where(
            MESSAGE.c.state == WAITING, MESSAGE.c.name == one.name,
            MESSAGE.c.expires_at > self.tx.now,
        )  # fmt: skip
        found = self.tx.connection.execute(waiting.order_by(MESSAGE.c.received_at)).mappings()
        for row in map(dict, found):
            if self._may_fit(one, row) and self._reach(one, row, set()) is not None:
                self._settle(row["id"], [instance_id])
                return

    def signal(self, name: str, payload: Mapping[str, Any]) -> int:
        """Tell everybody who waits for a signal, each by a job; start flows; return how many."""
        told = 0
        for one in waiting_for(self.tx.connection, "signal", name):
            event = Happened(one.instance_id, one.owner, one.node, "signal", one.catch, payload)
            enqueue(self.tx, DELIVER_JOB, event.as_job(), due=self.tx.now)
            told += 1
        for flow, start in self._starts("signal", name):
            told += self.start(self.tx, flow, start, payload) is not None
        return told

    def _deliver(self, row: Mapping[str, Any], *, begins: bool) -> Receipt:
        reached: list[str] = []
        flows: set[str] = set()
        for one in self._candidates(row):
            flow = self._reach(one, row, flows)
            if flow is not None:
                flows.add(flow)
                reached.append(one.instance_id)
        for flow_, start in self._starts("message", row["name"]) if begins else ():
            if flow_.key not in flows:
                begun = self.start(self.tx, flow_, start, self._payload(row))
                reached += [] if begun is None else [begun]
        identity = str(row["id"])
        if reached:
            self._settle(identity, reached)
            return Receipt(identity, CORRELATED, tuple(reached))
        if row["expires_at"] <= self.tx.now:
            self._set(identity, state=WAITING)
            self.unmatched(identity)
            return Receipt(identity, UNMATCHED, ())
        enqueue(self.tx, UNMATCHED_JOB, {"message": identity}, due=row["expires_at"],
                key=f"unmatched:{identity}")  # fmt: skip
        return Receipt(identity, WAITING, ())

    def _reach(self, one: Subscription, row: Mapping[str, Any], reached: set[str]) -> str | None:
        """Let a message reach a subscription that it fits; return the flow of its instance."""
        case = self.events.store.lock(one.instance_id)
        payload = self._payload(row)
        if case.flow in reached or find(self.tx.connection, one.id) is None:
            return None
        if not self.events.matches(case, one, payload):
            return None
        event = Happened(case.id, one.owner, one.node, "message", one.catch, payload)
        return case.flow if self.events.happen(event) else None

    def _candidates(self, row: Mapping[str, Any]) -> Iterator[Subscription]:
        connection, name = self.tx.connection, str(row["name"])
        for path in list(paths_of(connection, "message", name)):
            if path == "*":
                yield from waiting_for(connection, "message", name, path)
            elif path == "":
                key = None if row["key"] is None else key_of(row["key"])
                yield from waiting_for(connection, "message", name, path, key)
            else:
                key = key_of(value_at(self._payload(row), path))
                if key is not None:
                    yield from waiting_for(connection, "message", name, path, key)

    def _may_fit(self, one: Subscription, row: Mapping[str, Any]) -> bool:
        """Tell by the keys alone whether a message may be the one that somebody waits for."""
        if one.path == "*":
            return True
        if one.path == "":
            return row["key"] is None or key_of(row["key"]) == one.key
        return key_of(value_at(self._payload(row), one.path)) == one.key

    def _starts(self, kind: str, name: str) -> Iterator[tuple[Flow, Node]]:
        for flow in self.tx.compiled.catalog.flows.values():
            for node in flow.nodes.values():
                begins = node.kind is NodeKind.START and node.trigger == kind
                if begins and node.settings.get(kind) == name:
                    yield flow, node

    @staticmethod
    def _payload(row: Mapping[str, Any]) -> dict[str, Any]:
        payload = dict(row["payload"] or {})
        return payload if row["key"] is None else {"key": row["key"], **payload}

    def _known(self, message: Message) -> Receipt | None:
        if message.dedupe is None:
            return None
        row = self._row(MESSAGE.c.name == message.name, MESSAGE.c.dedupe == message.dedupe)
        if row is None:
            return None
        return Receipt(row["id"], row["state"], tuple(row["instances"] or ()), duplicate=True)

    def _row(self, *conditions: Any) -> dict[str, Any] | None:
        statement = sa.select(MESSAGE).where(*conditions)
        row = self.tx.connection.execute(statement).mappings().first()
        return None if row is None else dict(row)

    def _settle(self, message_id: str, instances: list[str]) -> None:
        self._set(message_id, state=CORRELATED, correlated_at=self.tx.now, instances=instances)
        cancel(self.tx, [f"unmatched:{message_id}", f"message:{message_id}"])

    def _set(self, message_id: str, **values: Any) -> None:
        self.tx.connection.execute(
            sa.update(MESSAGE).where(MESSAGE.c.id == message_id).values(**values)
        )
