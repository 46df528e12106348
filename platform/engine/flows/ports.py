"""What a flow step asks of the rooms around it: `store` and `world`, and fakes in tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from trellis.engine.approvals.ports import WorkStore
from trellis.engine.approvals.work import Task
from trellis.engine.assignment.ports import Decisions, Delegations, Organisation
from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.events.entries import EventEntry
from trellis.engine.flows.state import Case
from trellis.engine.flows.subscriptions import Subscription
from trellis.metadata.model.flows import Flow, Node
from trellis.metadata.model.texts import Label


@dataclass(frozen=True)
class Called:
    """A flow to be called by a token: which version of it, on which record, with what."""

    token: str
    flow: str
    pin: str | int
    record_id: str | None
    variables: Mapping[str, Any]


class FlowJobs(Protocol):
    """What flows leave to the clock and to people, in the same transaction."""

    def schedule(
        self, key: str, due: Any, payload: Mapping[str, Any], *, reminds: bool = False
    ) -> None:
        """Put a timer into the job queue; the same key again moves it; some only remind."""
        ...

    def leave(
        self, kind: str, payload: Mapping[str, Any], *, key: str | None = None,
        after: timedelta = timedelta(0), times: int = 5,
    ) -> None:  # fmt: skip
        """Put work into the queue that is done once this transaction has committed, or later."""
        ...

    def unschedule(self, instance_id: str, token_ids: Sequence[str]) -> None:
        """Remove the timers of the given tokens."""
        ...

    def report(self, case: Case) -> None:
        """Show an incident where jobs that need a person are seen."""
        ...

    def resolve(self, instance_id: str) -> None:
        """Take the report of an incident back."""
        ...


class FlowStore(WorkStore, Protocol):
    """Instances and tokens (and their work) as rows of the running transaction."""

    @property
    def jobs(self) -> FlowJobs:
        """Return where timers and incidents are kept."""
        ...

    def lock(self, instance_id: str) -> Case:
        """Return the instance, locked until the transaction ends; NotFoundError when unknown."""
        ...

    def read(self, instance_id: str) -> Case:
        """Return the instance without a lock; NotFoundError when unknown."""
        ...

    def save(self, before: Case | None, after: Case) -> None:
        """Write what differs between two states of an instance (all of it when new)."""
        ...

    def subscribe(self, subscriptions: Sequence[Subscription]) -> None:
        """Note what instances wait for."""
        ...

    def unsubscribe(self, owners: Sequence[str]) -> None:
        """Forget what the given tokens, frames or instances waited for."""
        ...

    def has_waiting_message(self, name: str) -> bool:
        """Tell whether a message of this name came before anybody waited for it."""
        ...

    def is_first(self, flow: str, dedupe: str) -> bool:
        """Tell whether a flow has not begun with this key yet, and note that it has now."""
        ...

    def called_by(self, token_ids: Sequence[str]) -> tuple[str, ...]:
        """Return the instances that given tokens have called and that are not over."""
        ...

    def attempt(self) -> AbstractContextManager[None]:
        """Undo what is written inside when it raises, and nothing else of the transaction."""
        ...

    def following(self, instance_id: str) -> str | None:
        """Return the instance that is the next try of a withdrawn one, None when there is none."""
        ...

    def running_on(self, flow: str, object_key: str, record_id: str) -> str | None:
        """Return the instance of a flow that is not over on a record, None when there is none."""
        ...


class ApprovalFacts(Protocol):
    """What approvals must know of the app and the record around them."""

    def defaults(self, app: str) -> Mapping[str, Any]:
        """Return what the app says of its approvals."""
        ...

    def record_rev(self, case: Case) -> int | None:
        """Return the revision of the instance's record, None without one."""
        ...

    def changed_by_others(self, case: Case, since: int, actor: str) -> bool:
        """Tell whether another person changed the record after its revision `since`."""
        ...

    def fingerprint(self, case: Case, fields: Sequence[str]) -> str:
        """Return a digest of the values of the record's fields; equal values, equal digest."""
        ...

    def form_fields(self, case: Case, form: str | None) -> tuple[str, ...]:
        """Return the fields of a form, none without one."""
        ...

    def amounts(self, case: Case) -> tuple[str, ...]:
        """Return the record's fields that hold money."""
        ...

    def first_state(self, case: Case) -> str | None:
        """Return the state in which the record's lifecycle begins, None without one."""
        ...

    def seal(self, parts: Sequence[Any]) -> str:
        """Return a keyed hash over `parts`, which only the platform can make."""
        ...

    def effects_since(self, case: Case, moment: datetime) -> tuple[str, ...]:
        """Return the nodes that the instance left from `moment` on."""
        ...

    def tell(self, task: Task, words: Label, label: Label) -> None:
        """Tell the holder of a piece of work something about it; `{}` stands for its label."""
        ...


class World(Protocol):
    """What a flow does outside of itself, inside the same transaction."""

    @property
    def organisation(self) -> Organisation:
        """Return the people whom resolvers ask about."""
        ...

    @property
    def approvals(self) -> ApprovalFacts:
        """Return what approvals must know."""
        ...

    @property
    def delegations(self) -> Delegations:
        """Return who acts for whom."""
        ...

    def decisions(self, case: Case, node: Node) -> Decisions:
        """Return what people decided earlier in the instance, as `node` looks at it."""
        ...

    def amount_of(self, case: Case) -> Decimal | None:
        """Return the largest amount of the instance's record, None when it holds none."""
        ...

    def context(self, case: Case, extra: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the names that the instance's expressions see."""
        ...

    def move_record(self, case: Case, state: str, actor: str | None) -> None:
        """Run the lifecycle transition of the instance's record to `state`, as the platform."""
        ...

    def set_fields(self, case: Case, values: Mapping[str, Any], actor: str | None) -> None:
        """Write fields of the instance's record as the platform."""
        ...

    def edit_fields(self, case: Case, values: Mapping[str, Any]) -> None:
        """Write fields of the instance's record with the rights of who acts."""
        ...

    def call(self, case: Case, called: Called) -> str:
        """Start the flow that a token calls and return its instance's id."""
        ...

    def cancel_called(self, token_ids: Sequence[str]) -> None:
        """Cancel what the given tokens have called and what is not over."""
        ...

    def act(self, case: Case, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run a built-in action and return its results by name."""
        ...

    def notify_work(self, tasks: Sequence[Task], label: Label, *, overdue: bool = False) -> None:
        """Tell people that work waits for them, or has waited too long."""
        ...

    def notify(self, case: Case, notification: str, people: Sequence[str]) -> None:
        """Send a notification of the catalog."""
        ...

    def user_of_login(self, login: str) -> str | None:
        """Return the id of the user with this login."""
        ...

    def hours_for(self, node: Node, flow: Flow, holder: str | None) -> WorkingHours | None:
        """Return whose working time counts at a node, None when all time does."""
        ...

    def log(self, entry: EventEntry) -> None:
        """Append to the event log."""
        ...
