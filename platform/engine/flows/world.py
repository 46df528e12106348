"""What flows do to records and people, in the same transaction: the `World` of a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from trellis.engine.approvals.work import Task
from trellis.engine.assignment.decisions import SqlDecisions
from trellis.engine.assignment.delegations import SqlDelegations
from trellis.engine.assignment.organisation import SqlOrganisation
from trellis.engine.assignment.watched import largest_amount, watched_fields
from trellis.engine.clocks.calendars import catalog_hours, department_hours
from trellis.engine.clocks.hours import WorkingHours
from trellis.engine.errors import EngineError, InvalidError, LoopError, problem
from trellis.engine.events import log as event_log
from trellis.engine.events.entries import EventEntry
from trellis.engine.flows.approving.facts import SqlApprovalFacts
from trellis.engine.flows.ports import Called
from trellis.engine.flows.state import BusinessError, Case, FlowError
from trellis.engine.flows.values import revived
from trellis.engine.notifications.inbox import send
from trellis.engine.notifications.work import NEW_WORK, OVERDUE, tell_work
from trellis.engine.records import create, transition, update
from trellis.engine.records.lifecycle import transition_to
from trellis.engine.rules.plan import decide
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of, view_of
from trellis.metadata.model.flows import Flow, Node
from trellis.metadata.model.texts import Label

#: The instances that are in the middle of a step of their own, among the notes of a transaction.
STEPPING = "flows stepping"


class OtherFlows(Protocol):
    """The other flows of the workspace."""

    def start(
        self, tx: Transaction, flow: str, object_key: str | None, record_id: str | None,
        variables: Mapping[str, Any],
    ) -> str:  # fmt: skip
        """Start a flow and return the instance's id."""
        ...

    def call(self, tx: Transaction, case: Case, called: Called) -> str:
        """Start the flow that a token calls and return its instance's id."""
        ...

    def cancel_called(self, tx: Transaction, token_ids: Sequence[str]) -> None:
        """Cancel what the given tokens have called."""
        ...


@dataclass(frozen=True)
class SqlWorld:
    """Acts through the engine's own door, as the platform on behalf of who acts."""

    tx: Transaction
    flows: OtherFlows

    @property
    def organisation(self) -> SqlOrganisation:
        """Return the people of the workspace."""
        return SqlOrganisation(self.tx)

    @property
    def approvals(self) -> SqlApprovalFacts:
        """Return what approvals must know."""
        return SqlApprovalFacts(self.tx)

    @property
    def delegations(self) -> SqlDelegations:
        """Return who acts for whom."""
        return SqlDelegations(self.tx)

    def decisions(self, case: Case, node: Node) -> SqlDecisions:
        """Return what people decided earlier in the instance, as `node` looks at it."""
        watched = watched_fields(self.tx.compiled.catalog, case.object, node)
        return SqlDecisions(self.tx, case.id, case.object, case.record_id, watched)

    def amount_of(self, case: Case) -> Decimal | None:
        """Return the largest amount of the instance's record, None when it holds none."""
        return largest_amount(self.tx, case.object, case.record_id)

    def _system(self, case: Case) -> Transaction:
        """Return the door as the platform, for a step of `case`: it does not overtake itself."""
        tx = self.tx.acting(self.tx.actor.as_system()).deeper()
        stepping = tx.notes.get(STEPPING, frozenset()) | {case.id}
        return replace(tx, notes={**tx.notes, STEPPING: stepping})

    def context(self, case: Case, extra: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the names that the instance's expressions see."""
        record = None
        if case.object is not None and case.record_id is not None:
            record = RecordView(self.tx, case.object, case.record_id)
        requester = view_of(self.tx, "user", case.starter)
        base = context_of(self.tx, record, vars=case.vars, requester=requester)
        known = revived(dict(extra), lambda key, identity: view_of(self.tx, key, identity))
        # What an action returns never hides the platform's own names.
        return {**known, **base}

    def move_record(self, case: Case, state: str, actor: str | None) -> None:
        """Run the lifecycle transition of the instance's record to `state`."""
        item = self.tx.compiled.object(case.object or "")
        if item is None or item.lifecycle is None or case.record_id is None:
            raise FlowError(state, "the flow has no record with a lifecycle")
        view = RecordView(self.tx, item.key, case.record_id)
        current = str(view.stored.get(item.lifecycle.field))
        if current == state:
            return
        found = transition_to(item, current, state)
        if found is None:
            raise FlowError(state, f"no transition of `{item.key}` leads from `{current}` "
                            f"to `{state}`")  # fmt: skip
        comment = None if found.comment == "none" else "flow"
        transition(self._system(case), item.key, case.record_id, found.key, {}, comment=comment)

    def set_fields(self, case: Case, values: Mapping[str, Any], actor: str | None) -> None:
        """Write fields of the instance's record as the platform."""
        if case.object is None or case.record_id is None:
            raise FlowError("record", "the flow has no record to write to")
        update(
            self._system(case),
            case.object,
            case.record_id,
            {k: _plain(v) for k, v in values.items()},
        )

    def edit_fields(self, case: Case, values: Mapping[str, Any]) -> None:
        """Write fields of the instance's record with the rights of who acts."""
        if case.object is None or case.record_id is None:
            raise InvalidError([problem(None, "NO_RECORD", "this work fills in no record")])
        update(self.tx.deeper(), case.object, case.record_id, values)

    def act(self, case: Case, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run a built-in action and return its results by name."""
        try:
            return _ACTIONS[action](self, case, arguments)
        except LoopError:
            raise
        except EngineError as error:
            raise BusinessError(action, f"{action}: {error.message}", error.code) from error

    def call(self, case: Case, called: Called) -> str:
        """Start the flow that a token calls and return its instance's id."""
        return self.flows.call(self._system(case), case, called)

    def cancel_called(self, token_ids: Sequence[str]) -> None:
        """Cancel what the given tokens have called and what is not over."""
        self.flows.cancel_called(self.tx.deeper(), token_ids)

    def notify_work(self, tasks: Sequence[Task], label: Label, *, overdue: bool = False) -> None:
        """Tell people that work waits for them, or has waited too long."""
        tell_work(self.tx, tasks, label, OVERDUE if overdue else NEW_WORK)

    def notify(self, case: Case, notification: str, people: Sequence[str]) -> None:
        """Send a notification of the catalog."""
        found = self.tx.compiled.catalog.notifications.get(notification)
        if found is not None and case.object is not None and case.record_id is not None:
            send(self.tx, found, case.object, case.record_id, people)

    def user_of_login(self, login: str) -> str | None:
        """Return the id of the user with this login."""
        return self.organisation.user_of_login(login)

    def hours_for(self, node: Node, flow: Flow, holder: str | None) -> WorkingHours | None:
        """Return whose working time counts: the `sla`'s, the flow's, the holder's department's."""
        sla = node.settings.get("sla")
        named = sla.get("calendar") if isinstance(sla, Mapping) else None
        if named is not None or flow.calendar is not None:
            return catalog_hours(self.tx.compiled, str(named or flow.calendar))
        return department_hours(self.tx, holder)

    def log(self, entry: EventEntry) -> None:
        """Append to the event log."""
        event_log.record(self.tx, entry)

    # Actions
    def create_record(self, case: Case, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """`record.create`: object, values → id, created (the record)."""
        key = str(arguments.get("object"))
        values = {k: _plain(v) for k, v in dict(arguments.get("values") or {}).items()
                  if v is not None}  # fmt: skip
        identity = create(self._system(case), key, values)
        return {"id": identity, "created": RecordView(self.tx, key, identity)}

    def update_record(self, case: Case, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """`record.update`: values of the instance's record, or of `object` and `id`."""
        values = arguments.get("values")
        fields = dict(values) if isinstance(values, Mapping) else dict(arguments)
        key, identity = self._named(case, arguments)
        changed = {k: _plain(v) for k, v in fields.items() if k not in ("object", "id", "values")}
        return {"rev": update(self._system(case), key, identity, changed)}

    def transition_record(self, case: Case, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """`record.transition`: transition, values, comment of the instance's record or another."""
        key, identity = self._named(case, arguments)
        name = str(arguments.get("transition"))
        values = {k: _plain(v) for k, v in dict(arguments.get("values") or {}).items()}
        comment = arguments.get("comment") or "flow"
        return {
            "rev": transition(self._system(case), key, identity, name, values, comment=str(comment))
        }

    def run_decision(self, case: Case, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """`decide`: a decision table over the record and the given inputs."""
        inputs = arguments.get("inputs")
        context = self.context(case, dict(inputs) if isinstance(inputs, Mapping) else {})
        found = decide(self.tx, str(arguments.get("decision")), context)
        return found if isinstance(found, Mapping) else {"result": found}

    def notify_people(self, case: Case, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """`notify`: notification, to (users) of the catalog about the instance's record."""
        to = arguments.get("to")
        people = [_plain(one) for one in (to if isinstance(to, list) else [to])]
        known = [person for person in people if isinstance(person, str)]
        self.notify(case, str(arguments.get("notification")), known)
        return {"told": len(known)}

    def start_other(self, case: Case, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """`flow.start`: another flow, on this record or another."""
        key, identity = self._named(case, arguments)
        variables = dict(arguments.get("vars") or {})
        started = self.flows.start(
            self._system(case), str(arguments.get("flow")), key, identity, variables
        )
        return {"id": started}

    def _named(self, case: Case, arguments: Mapping[str, Any]) -> tuple[str, str]:
        key = str(arguments.get("object") or case.object or "")
        identity = _plain(arguments.get("id")) or case.record_id
        if not key or not isinstance(identity, str):
            raise FlowError("record", "the action names no record")
        return key, identity


Action = Callable[[SqlWorld, Case, Mapping[str, Any]], Mapping[str, Any]]
_ACTIONS: Mapping[str, Action] = {
    "record.create": SqlWorld.create_record,
    "record.update": SqlWorld.update_record,
    "record.transition": SqlWorld.transition_record,
    "decide": SqlWorld.run_decision,
    "notify": SqlWorld.notify_people,
    "flow.start": SqlWorld.start_other,
}


def _plain(value: Any) -> Any:
    identity = getattr(value, "id", None)
    if isinstance(value, RecordView):
        return identity
    return [_plain(item) for item in value] if isinstance(value, list) else value
