"""States and transitions: which may run, for whom, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError, problem
from trellis.engine.records.checks import rows_allow
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of
from trellis.metadata.model.access import Action
from trellis.metadata.model.objects import Lifecycle, Object, Transition
from trellis.metadata.model.texts import ExpressionText
from trellis.problems import suggest

ANY_STATE = "*"


def initial_state(tx: Transaction, item: Object, lifecycle: Lifecycle, wanted: Any) -> str:
    """Return the state a new record begins in; raise InvalidError for one it may not."""
    default = next(iter(lifecycle.initial))
    if wanted is None or wanted == default:
        return default
    roles = lifecycle.initial.get(wanted)
    allowed = roles is not None and (
        tx.actor.is_system or not roles or tx.actor.principal.roles.intersection(roles)
    )
    if not allowed:
        raise InvalidError([problem(lifecycle.field, "INITIAL_STATE",
                                    f"a new record cannot begin as `{wanted}`")])  # fmt: skip
    return str(wanted)


def leaves(lifecycle: Lifecycle, transition: Transition, state: Any) -> bool:
    """Tell whether a transition starts from a state."""
    if state in transition.source:
        return True
    current = lifecycle.states.get(state)
    return ANY_STATE in transition.source and current is not None and not current.final


def find_transition(item: Object, name: str) -> tuple[Lifecycle, Transition]:
    """Return a transition by name; raise InvalidError when there is none."""
    lifecycle = item.lifecycle
    found = lifecycle.transitions.get(name) if lifecycle is not None else None
    if lifecycle is None or found is None:
        known = lifecycle.transitions if lifecycle is not None else {}
        raise InvalidError([problem(None, "UNKNOWN_TRANSITION",
                                    f"`{item.key}` has no transition `{name}`")],
                           hint=suggest(name, known))  # fmt: skip
    return lifecycle, found


def check_transition(
    tx: Transaction, item: Object, transition: Transition, view: RecordView
) -> None:
    """Raise when the transition does not start here, is not the actor's, or its guard is false."""
    lifecycle, _ = find_transition(item, transition.key)
    state = view.stored.get(lifecycle.field)
    if not leaves(lifecycle, transition, state):
        details = [{"state": state, "from": list(transition.source)}]
        raise ConflictError("NOT_FROM_HERE", f"`{transition.key}` does not start from `{state}`",
                            details=details)  # fmt: skip
    if not may_run(tx, item, transition, view):
        raise ForbiddenError("NOT_YOURS", f"`{transition.key}` is not yours to run")


def check_guard(tx: Transaction, item: Object, transition: Transition, view: RecordView) -> None:
    """Raise ConflictError when the transition's guard is not true for the record as it will be."""
    if transition.guard is None:
        return
    guard = tx.compiled.expression(transition.guard.text, item.key)
    if guard(context_of(tx, view, view.stored)) is not True:
        locale = tx.actor.principal.locale
        message = transition.guard_message.text(
            locale, f"the condition of `{transition.key}` does not hold"
        )
        raise ConflictError("GUARD", message, hint=None if transition.guard_message
                            else f"it needs: {transition.guard.text}")  # fmt: skip


def may_run(tx: Transaction, item: Object, transition: Transition, view: RecordView) -> bool:
    """Tell whether the actor is among those who may run a transition on a record."""
    if tx.actor.is_system:
        return True
    rights = tx.rights(item.key)
    if rights.transitions is not None and transition.key not in rights.transitions:
        return False
    if not transition.who:
        # Whoever may update the record, or whose role names the transition.
        return rights.transitions is not None or rows_allow(tx, rights.may(Action.UPDATE), view)
    context: Mapping[str, Any] | None = None
    for who in transition.who:
        if isinstance(who, ExpressionText):
            context = context or context_of(tx, view, view.stored)
            if tx.compiled.expression(who.text, item.key)(context) is True:
                return True
        elif who in tx.actor.principal.roles:
            return True
    return False


def open_transitions(tx: Transaction, item: Object, view: RecordView) -> Iterator[Transition]:
    """Yield the transitions that the actor may run on the record now, guards included."""
    if item.lifecycle is None:
        return
    state = view.stored.get(item.lifecycle.field)
    for transition in item.lifecycle.transitions.values():
        if not leaves(item.lifecycle, transition, state) or not may_run(tx, item, transition, view):
            continue
        # A guard may hang on what the transition's form fills in: then the form is offered.
        asks = bool(transition.require or transition.fields)
        guard = transition.guard
        if (
            guard is None
            or asks
            or (
                tx.compiled.expression(guard.text, item.key)(context_of(tx, view, view.stored))
                is True
            )
        ):
            yield transition


def transition_to(item: Object, state: str, target: str) -> Transition | None:
    """Return the first transition from one state to another."""
    if item.lifecycle is None:
        return None
    for transition in item.lifecycle.transitions.values():
        if transition.target == target and leaves(item.lifecycle, transition, state):
            return transition
    return None


def is_locked(item: Object, row: Mapping[str, Any]) -> bool:
    """Tell whether a record's state makes it read-only."""
    if item.lifecycle is None:
        return False
    state = item.lifecycle.states.get(str(row.get(item.lifecycle.field)))
    return state is not None and state.readonly
