"""The jobs of flows: timers, events, called flows, messages, cycles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trellis.engine.flows.calling import MESSAGE_JOB, SIGNAL_JOB
from trellis.engine.flows.happening import DELIVER_JOB, WAIT_IN_INCIDENT, Happened
from trellis.engine.flows.late import do_step
from trellis.engine.flows.listening import EARLY_JOB
from trellis.engine.flows.messages import REDELIVER_JOB, UNMATCHED_JOB, USUAL_TTL, Message
from trellis.engine.flows.outside import Outside, ServiceErrand
from trellis.engine.flows.runner import SYSTEM_PERSON
from trellis.engine.flows.running import Flows
from trellis.engine.flows.services import SERVICE_JOB
from trellis.engine.flows.starting import CYCLE_JOB, FlowCycles
from trellis.engine.flows.state import InstanceState
from trellis.engine.flows.steps import CONDITIONS_JOB, RETURN_JOB
from trellis.engine.flows.store import DUE_JOB, RETRY_JOB, TIMER_JOB, SqlFlowStore
from trellis.engine.flows.subscriptions import drop, of_instance
from trellis.engine.flows.waiting import SLA_JOB
from trellis.engine.jobs.errands import Errand
from trellis.engine.jobs.rows import enqueue
from trellis.engine.jobs.worker import JobHandler
from trellis.engine.transactions import Transaction
from trellis.metadata.model.cycles import interval_of

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class FlowWork:
    """Does the jobs of flows; every method is one kind of job."""

    flows: Flows
    outside: Outside

    def handlers(self) -> Mapping[str, JobHandler | Errand]:
        """Return what does which kind of job."""
        return {
            TIMER_JOB: self.timer,
            DUE_JOB: self.overdue,
            SLA_JOB: self.late,
            RETRY_JOB: self.retry,
            DELIVER_JOB: self.deliver,
            RETURN_JOB: self.returned,
            CONDITIONS_JOB: self.conditions,
            EARLY_JOB: self.early,
            MESSAGE_JOB: self.message,
            SIGNAL_JOB: self.signal,
            UNMATCHED_JOB: self.unmatched,
            REDELIVER_JOB: self.redeliver,
            CYCLE_JOB: FlowCycles(self.flows).run,
            SERVICE_JOB: ServiceErrand(self.flows, self.outside),
        }

    def timer(self, tx: Transaction, payload: Payload) -> None:
        """Let a flow's timer fire."""
        self.flows.events(tx).happen(Happened.of_job(payload, "timer"))

    def deliver(self, tx: Transaction, payload: Payload) -> None:
        """Let an event reach who waits for it."""
        self.flows.events(tx).happen(Happened.of_job(payload, "signal"))

    def overdue(self, tx: Transaction, payload: Payload) -> None:
        """Tell people that their work is overdue."""
        self.flows.runner(tx).overdue(
            *(str(payload[name]) for name in ("instance", "token", "node"))
        )

    def late(self, tx: Transaction, payload: Payload) -> None:
        """Do a step of a node's `sla`."""
        do_step(self.flows.runner(tx), payload)

    def retry(self, tx: Transaction, payload: Payload) -> None:
        """Run an instance on after an incident; nothing when somebody did already."""
        runner, instance = self.flows.runner(tx), str(payload["instance"])
        if SqlFlowStore(tx).read(instance).state is InstanceState.INCIDENT:
            runner.retry(instance, SYSTEM_PERSON)

    def returned(self, tx: Transaction, payload: Payload) -> None:
        """Tell a caller that what it called is over."""
        called = SqlFlowStore(tx).read(str(payload["called"]))
        instance, token = str(payload["instance"]), str(payload["token"])
        if not self.flows.events(tx).returned(instance, token, called):
            enqueue(tx, RETURN_JOB, payload, due=tx.now + WAIT_IN_INCIDENT)

    def conditions(self, tx: Transaction, payload: Payload) -> None:
        """Ask whether what an instance waits for holds by now."""
        instance = str(payload["instance"])
        waiting = of_instance(tx.connection, instance, "conditional")
        drop(tx.connection, self.flows.events(tx).conditions(instance, waiting))

    def early(self, tx: Transaction, payload: Payload) -> None:
        """Give a new subscription a message that came before it."""
        self.flows.messages(tx).early(str(payload["instance"]), str(payload["subscription"]))

    def message(self, tx: Transaction, payload: Payload) -> None:
        """Send a message that a flow threw."""
        ttl = interval_of(str(payload.get("ttl") or ""))
        self.flows.messages(tx).send(
            Message(
                str(payload["name"]),
                payload.get("payload") or {},
                dedupe=payload.get("dedupe"),
                ttl=USUAL_TTL if ttl is None else ttl,
            )
        )

    def signal(self, tx: Transaction, payload: Payload) -> None:
        """Send a signal that a flow threw."""
        self.flows.messages(tx).signal(str(payload["name"]), payload.get("payload") or {})

    def unmatched(self, tx: Transaction, payload: Payload) -> None:
        """Show a message that nobody took in time."""
        self.flows.messages(tx).unmatched(str(payload["message"]))

    def redeliver(self, tx: Transaction, payload: Payload) -> None:
        """Try once more to find who waits for a message; with nobody it is shown again."""
        self.flows.messages(tx).redeliver(str(payload["message"]))
