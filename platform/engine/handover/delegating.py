"""Making and revoking delegations: who may, and what makes sense."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from trellis.access.audit import write_audit
from trellis.engine.assignment.delegation import Delegation, DelegationMode
from trellis.engine.assignment.delegations import SqlDelegations
from trellis.engine.assignment.organisation import SqlOrganisation
from trellis.engine.errors import ConflictError, InvalidError, NotFoundError, problem
from trellis.engine.handover.by_hand import may_lead, stop_unless_leading
from trellis.engine.handover.periods import end_now, schedule
from trellis.engine.transactions import Transaction

#: Delegations of one person that have not ended.
MOST = 50
LONGEST_REASON = 500


@dataclass(frozen=True)
class DelegationWish:
    """What somebody wants to delegate; see `assignment.delegation.Delegation`."""

    giver: str
    taker: str
    start: datetime
    end: datetime | None = None
    mode: str = "instead"
    flows: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    limit: Decimal | None = None
    reason: str = ""
    include_open: bool = False
    give_back: bool = True
    absence: bool = False


def delegate(tx: Transaction, wish: DelegationWish) -> Delegation:
    """Make a delegation of one's own, or of somebody whom one leads.

    Raises ForbiddenError, NotFoundError, and InvalidError with every field that does not fit.
    """
    if wish.giver != tx.actor.principal.id:
        stop_unless_leading(tx, wish.giver)
    problems = list(_problems(tx, wish))
    if problems:
        raise InvalidError(problems)
    made = Delegation(
        id=tx.ids.new(), giver=wish.giver, taker=wish.taker, start=wish.start, end=wish.end,
        mode=DelegationMode(wish.mode), flows=wish.flows, objects=wish.objects, limit=wish.limit,
        reason=wish.reason, include_open=wish.include_open or wish.absence,
        give_back=wish.give_back, absence=wish.absence, created_at=tx.now,
        created_by=tx.actor.principal.id,
    )  # fmt: skip
    SqlDelegations(tx).add(made)
    schedule(tx, made)
    _audit(tx, "delegate", made)
    return made


def revoke(tx: Transaction, delegation_id: str) -> None:
    """End a delegation of one's own, or of somebody whom one leads, now."""
    book = SqlDelegations(tx)
    found = book.get(delegation_id)
    if found.giver != tx.actor.principal.id and not may_lead(tx, found.giver):
        raise NotFoundError("delegation")
    if found.revoked_at is not None or (found.end is not None and found.end <= tx.now):
        raise ConflictError("ENDED", "this delegation has ended already")
    end_now(tx, book.revoke(found, tx.actor.principal.id))
    _audit(tx, "revoke_delegation", found)


def _audit(tx: Transaction, action: str, delegation: Delegation) -> None:
    details: dict[str, Any] = {"to": delegation.taker, "delegation": delegation.id}
    write_audit(tx.connection, tx.ids, tx.now, action, actor=tx.actor.principal.id,
                user=delegation.giver, details=details)  # fmt: skip


def _problems(tx: Transaction, wish: DelegationWish) -> Iterator[dict[str, Any]]:
    if wish.taker == wish.giver:
        yield problem("to", "SELF", "is the same person")
    elif not SqlOrganisation(tx).active((wish.taker,)):
        yield problem("to", "INACTIVE", "is nobody who may sign in")
    yield from _period_problems(tx, wish)
    if wish.mode not in set(DelegationMode):
        yield problem("mode", "UNKNOWN", "is `instead` or `also`")
    elif wish.absence and wish.mode != DelegationMode.INSTEAD:
        yield problem("mode", "ABSENT", "who is away is replaced: `instead`")
    yield from _scope_problems(tx, wish)
    if len(wish.reason) > LONGEST_REASON:
        yield problem("reason", "TOO_LONG", f"has at most {LONGEST_REASON} letters")


def _period_problems(tx: Transaction, wish: DelegationWish) -> Iterator[dict[str, Any]]:
    if wish.end is None and wish.absence:
        yield problem("end", "REQUIRED", "an absence has an end")
    elif wish.end is not None and wish.end <= wish.start:
        yield problem("end", "BEFORE_START", "is not after the start")
    elif wish.end is not None and wish.end <= tx.now:
        yield problem("end", "PAST", "has passed already")
    running = [one for one in SqlDelegations(tx).of_giver(wish.giver)
               if one.end is None or one.end > tx.now]  # fmt: skip
    if len(running) >= MOST:
        yield problem(None, "TOO_MANY", f"one person has at most {MOST} delegations at a time")


def _scope_problems(tx: Transaction, wish: DelegationWish) -> Iterator[dict[str, Any]]:
    catalog = tx.compiled.catalog
    for name in sorted(set(wish.flows) - set(catalog.flows)):
        yield problem("flows", "UNKNOWN", f"there is no flow `{name}`")
    for name in sorted(set(wish.objects) - set(catalog.objects)):
        yield problem("objects", "UNKNOWN", f"there is no object `{name}`")
    if wish.limit is not None and wish.limit < 0:
        yield problem("limit", "RANGE", "is not below zero")
