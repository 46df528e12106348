"""Instances, tokens, tasks and approvals as rows: the `FlowStore` of a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from trellis.engine.approvals.rows import SqlWork
from trellis.engine.errors import NotFoundError
from trellis.engine.flows.rows import load_case, save_case
from trellis.engine.flows.state import Case, InstanceState
from trellis.engine.flows.subscriptions import Subscription, subscribe, unsubscribe
from trellis.engine.jobs.rows import cancel, cancel_prefixes, enqueue, report
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.flows import INSTANCE, MESSAGE
from trellis.storage.prepared import Kept

TIMER_JOB = "flow.timer"
DUE_JOB = "flow.due"
RETRY_JOB = "flow.retry"
_ONE = sa.select(INSTANCE).where(INSTANCE.c.id == sa.bindparam("this"))
_READ, _LOCK = Kept(_ONE), Kept(_ONE.with_for_update())
_ALIVE = (str(InstanceState.RUNNING), str(InstanceState.INCIDENT),
          str(InstanceState.SUSPENDED))  # fmt: skip


@dataclass(frozen=True)
class SqlFlowJobs:
    """What flows leave to the clock and to people, among the jobs of the transaction."""

    tx: Transaction

    def schedule(
        self, key: str, due: datetime, payload: Mapping[str, Any], *, reminds: bool = False
    ) -> None:
        """Put a timer into the job queue."""
        kind = DUE_JOB if reminds else TIMER_JOB
        enqueue(self.tx, kind, payload, due=due, key=f"timer:{key}")

    def leave(
        self, kind: str, payload: Mapping[str, Any], *, key: str | None = None,
        after: timedelta = timedelta(0), times: int = 5,
    ) -> None:  # fmt: skip
        """Put work into the queue that is done once this transaction has committed, or later."""
        own = None if key is None else f"timer:{key}"
        enqueue(self.tx, kind, payload, due=self.tx.now + after, key=own, times=times)

    def unschedule(self, instance_id: str, token_ids: Sequence[str]) -> None:
        """Remove the timers of the given tokens."""
        cancel_prefixes(self.tx, [f"timer:{token}:" for token in token_ids])

    def report(self, case: Case) -> None:
        """Show an incident among the jobs that need a person; running it again goes on."""
        report(self.tx, RETRY_JOB, {"instance": case.id}, key=f"incident:{case.id}",
               error=f"{case.flow}: {case.incident}")  # fmt: skip

    def resolve(self, instance_id: str) -> None:
        """Take the report of an incident back."""
        cancel(self.tx, [f"incident:{instance_id}"])


@dataclass(frozen=True)
class SqlFlowStore(SqlWork):
    """The rows of one transaction."""

    @property
    def jobs(self) -> SqlFlowJobs:
        """Return the jobs of the same transaction."""
        return SqlFlowJobs(self.tx)

    def lock(self, instance_id: str) -> Case:
        """Return the instance, locked until the transaction ends."""
        kept = _READ if self.tx.sqlite else _LOCK
        row = kept.first(self.tx.connection, {"this": instance_id})
        if row is None:
            raise NotFoundError("instance")
        return self._case(row)

    def read(self, instance_id: str) -> Case:
        """Return the instance without a lock."""
        row = _READ.first(self.tx.connection, {"this": instance_id})
        if row is None:
            raise NotFoundError("instance")
        return self._case(row)

    def _case(self, row: Mapping[str, Any]) -> Case:
        return load_case(self.tx.connection, row)

    def save(self, before: Case | None, after: Case) -> None:
        """Write what differs between two states of an instance."""
        save_case(self.tx.connection, before, after)

    def subscribe(self, subscriptions: Sequence[Subscription]) -> None:
        """Note what instances wait for."""
        subscribe(self.tx.connection, subscriptions)

    def unsubscribe(self, owners: Sequence[str]) -> None:
        """Forget what the given tokens, frames or instances waited for."""
        unsubscribe(self.tx.connection, owners)

    def has_waiting_message(self, name: str) -> bool:
        """Tell whether a message of this name came before anybody waited for it."""
        statement = sa.select(MESSAGE.c.id).where(
            MESSAGE.c.state == "waiting", MESSAGE.c.name == name
        )
        return self.tx.connection.execute(statement.limit(1)).first() is not None

    def is_first(self, flow: str, dedupe: str) -> bool:
        """Tell whether a flow has not begun with this key yet, and note that it has now."""
        row = {"id": self.tx.ids.new(), "name": f"start:{flow}", "dedupe": dedupe,
               "state": "correlated", "received_at": self.tx.now,
               "expires_at": self.tx.now}  # fmt: skip
        try:
            with self.tx.connection.begin_nested():
                self.tx.connection.execute(sa.insert(MESSAGE).values(**row))
        except sa.exc.IntegrityError:
            return False
        return True

    def called_by(self, token_ids: Sequence[str]) -> tuple[str, ...]:
        """Return the instances that given tokens have called and that are not over."""
        statement = sa.select(INSTANCE.c.id).where(
            INSTANCE.c.parent_token.in_(token_ids), INSTANCE.c.state.in_(_ALIVE)
        )
        return tuple(self.tx.connection.execute(statement).scalars())

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what is written inside when it raises, and nothing else of the transaction."""
        try:
            with self.tx.pending.attempt(self.tx.connection):
                yield
        except BaseException:
            # Records that expressions have read inside may not be there any more.
            self.tx.views.clear()
            raise

    def following(self, instance_id: str) -> str | None:
        """Return the instance that is the next try of a withdrawn one, None when there is none."""
        statement = sa.select(INSTANCE.c.id).where(INSTANCE.c.previous == instance_id)
        found = self.tx.connection.execute(statement.limit(1)).scalar()
        return None if found is None else str(found)

    def running_on(self, flow: str, object_key: str, record_id: str) -> str | None:
        """Return the instance of a flow that is not over on a record, None when there is none."""
        statement = sa.select(INSTANCE.c.id).where(
            INSTANCE.c.object == object_key, INSTANCE.c.record_id == record_id,
            INSTANCE.c.flow == flow, INSTANCE.c.state.in_(_ALIVE),
        )  # fmt: skip
        found = self.tx.connection.execute(statement.limit(1)).scalar()
        return None if found is None else str(found)
