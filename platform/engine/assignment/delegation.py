"""Delegation with a period: who acts for whom, as pure functions (flows.md 2.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

#: A delegates to B, B to C, C to D: further it is not followed.
MAX_CHAIN = 3


class DelegationMode(StrEnum):
    """Whether the delegate acts in place of the giver, or both may and the first decides."""

    INSTEAD = "instead"
    ALSO = "also"


@dataclass(frozen=True)
class Delegation:
    """`giver` lets `taker` act in [start, end); an empty scope is everything, `end` None lasts.

    `limit` is the largest amount of a record that the taker decides about. With `include_open`
    work that is open at the start goes over too, with `give_back` what is undecided returns.
    `absence` means that the giver is away: records go over as well.
    """

    id: str
    giver: str
    taker: str
    start: datetime
    end: datetime | None = None
    mode: DelegationMode = DelegationMode.INSTEAD
    flows: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    limit: Decimal | None = None
    reason: str = ""
    include_open: bool = False
    give_back: bool = True
    absence: bool = False
    created_at: datetime | None = None
    created_by: str | None = None
    revoked_at: datetime | None = None

    def runs(self, now: datetime) -> bool:
        """Tell whether the period has begun and not ended: the end itself is outside."""
        return (
            self.revoked_at is None and self.start <= now and (self.end is None or now < self.end)
        )


@dataclass(frozen=True)
class Matter:
    """What is to be decided: `amount` gives the largest amount of the record, when asked."""

    flow: str
    object: str | None = None
    amount: Callable[[], Decimal | None] = field(default=lambda: None)


@dataclass(frozen=True)
class StandIn:
    """Who acts for somebody: `holder` may act, `also` may too; `path` is who passed it on."""

    holder: str
    also: str | None = None
    path: tuple[str, ...] = ()


Book = Callable[[str], Sequence[Delegation]]
Barred = Callable[[str], bool]
Able = Callable[[Iterable[str]], frozenset[str]]


def covers(delegation: Delegation, matter: Matter, now: datetime) -> bool:
    """Tell whether a delegation holds now and for the matter."""
    if not delegation.runs(now):
        return False
    if delegation.flows and matter.flow not in delegation.flows:
        return False
    if delegation.objects and matter.object not in delegation.objects:
        return False
    if delegation.limit is None:
        return True
    amount = matter.amount()
    return amount is None or amount <= delegation.limit


def stand_in(
    person: str, matter: Matter, now: datetime, book: Book, barred: Barred, able: Able
) -> StandIn:
    """Return who acts for `person`.

    The chain ends before a circle and before somebody who may not sign in. Who is barred (the
    requester, somebody kept apart, somebody who has a vote already) is passed over to the next.
    """
    holder, also, path = person, None, [person]
    current, beside = person, False
    for _ in range(MAX_CHAIN):
        rule = next((one for one in book(current) if covers(one, matter, now)), None)
        if rule is None or rule.taker in path or not able((rule.taker,)):
            break
        if rule.mode is DelegationMode.ALSO:
            if beside:
                break
            beside = True
        path.append(rule.taker)
        current = rule.taker
        if barred(current):
            continue
        if beside:
            also = current
        else:
            holder = current
    last = also or holder
    return StandIn(holder, also, tuple(path[: path.index(last) + 1]) if last != person else ())
