"""Which seats an approval gets: nobody twice, nobody for themselves, never a silent approval.

Pure: from the people that were found, the node's policy and the facts of the instance to seats,
the reasons of those that are passed over, or the reason why nobody can decide (flows.md 2.2, 2.6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from trellis.engine.assignment.delegation import Matter, StandIn, stand_in
from trellis.engine.assignment.people import MAX_SEATS, People, PeopleError, managers
from trellis.engine.assignment.ports import Decisions, Delegations, Organisation
from trellis.metadata.model.people import Resolver, SeatPolicy

#: Who gets work that nobody was found for: never a silent approval (flows.md 2.2).
FALLBACK_ROLE = "flow_admin"


class Passing(StrEnum):
    """Why a seat needs no answer."""

    REPEAT = "repeat"  # the same person approved an earlier step, nothing changed since
    REQUESTER = "requester"  # the requester's own seat


@dataclass(frozen=True)
class Seat:
    """One vote: `principal` is whose it is, `holder` may act, `also` may too.

    Seats of one `chain` open one after the other. `passing` seats are decided at once; `because`
    is the id of the earlier seat that decided a repeat.
    """

    principal: str
    holder: str
    via: str = "rule"
    also: str | None = None
    chain: int = 0
    passing: Passing | None = None
    because: str | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seating:
    """The seats of an approval, or its `outcome` without any (approve, reject, pick)."""

    seats: tuple[Seat, ...] = ()
    pools: tuple[str, ...] = ()
    outcome: str | None = None
    fallback: bool = False

    @property
    def chained(self) -> bool:
        """Tell whether the seats are one chain of managers, asked one after the other."""
        return bool(self.seats) and not self.pools and all(seat.chain for seat in self.seats)

    @property
    def skipped(self) -> bool:
        """Tell whether no seat needs an answer, so that the approval is skipped."""
        return bool(self.seats) and all(seat.passing is not None for seat in self.seats)


@dataclass(frozen=True)
class Facts:
    """What is true of the instance when seats open; `others` resolves people of the policy."""

    requester: str | None
    matter: Matter
    now: datetime
    organisation: Organisation
    delegations: Delegations
    decisions: Decisions
    others: Callable[[Iterable[Resolver]], People]


@dataclass
class _Table:
    """Seats being laid: `barred` may neither have a seat nor act in somebody's place."""

    policy: SeatPolicy
    facts: Facts
    apart: frozenset[str]
    taken: set[str] = field(default_factory=set)

    def barred(self, user: str) -> bool:
        own = user == self.facts.requester and self.policy.requester != "allow"
        return own or user in self.apart or user in self.taken

    def stand_in(self, principal: str) -> StandIn:
        facts = self.facts
        return stand_in(principal, facts.matter, facts.now, facts.delegations.of_giver,
                        self.barred, facts.organisation.active)  # fmt: skip


def seats_for(people: People, policy: SeatPolicy, facts: Facts) -> Seating:
    """Return the seats of an approval for the people that its `who:` found.

    Raises PeopleError when nobody may decide: the caller makes it an incident.
    """
    apart = facts.decisions.people_at(policy.apart) if policy.apart else frozenset()
    table = _Table(policy, facts, apart)
    seats = _lay(table, people)
    if seats or people.pools:
        return Seating(_passed(policy, facts, seats), people.pools)
    return _when_empty(table)


def _lay(table: _Table, people: People) -> tuple[Seat, ...]:
    """Return the seats of people: principals first, then who acts for them."""
    principals: dict[str, tuple[int, bool]] = {}
    for user in people.users:
        found = _principal(table, user)
        if found is not None:
            principals.setdefault(found[0], (people.chains.get(user, 0), found[1]))
    table.taken.update(principals)
    able = table.facts.organisation.active(principals) if principals else frozenset()
    seats: list[Seat] = []
    for user, (chain, own) in principals.items():
        if own:
            seats.append(Seat(user, user, chain=chain, passing=Passing.REQUESTER))
            continue
        acting = table.stand_in(user)
        if acting.holder == user and user not in able:
            if acting.also is None:
                continue
            acting = StandIn(acting.also, None, acting.path)
        table.taken.update((acting.holder, acting.also or acting.holder))
        via = "rule" if acting.holder == user else "delegation"
        seats.append(Seat(user, acting.holder, via, acting.also, chain, path=acting.path))
    return tuple(seats)


def _principal(table: _Table, user: str) -> tuple[str, bool] | None:
    """Return whose vote it is instead of `user`'s and whether it is skipped; None for nobody's."""
    if user in table.apart:
        return None
    if user != table.facts.requester or table.policy.requester == "allow":
        return user, False
    if table.policy.requester == "skip":
        return user, True
    if table.policy.requester == "block":
        raise PeopleError("the requester would decide about their own request")
    above = managers(user, table.facts.organisation)
    found = next((one for one in above if one not in table.apart), None)
    return None if found is None else (found, False)


def _when_empty(table: _Table) -> Seating:
    empty = table.policy.empty
    if empty.kind in ("approve", "reject", "pick"):
        return Seating(outcome=empty.kind)
    if empty.kind == "block":
        raise PeopleError("nobody was found who could decide")
    if empty.people:
        others = table.facts.others(empty.people)
    else:
        others = People(table.facts.organisation.members_of_role(FALLBACK_ROLE))
    allowed = tuple(user for user in others.users if not table.barred(user))
    seats = _lay(table, People(allowed, chains=others.chains))
    if not seats and not others.pools:
        named = "whom `empty` names" if empty.people else f"role `{FALLBACK_ROLE}`"
        raise PeopleError(f"nobody was found who could decide, not even {named}")
    return Seating(seats, others.pools, fallback=True)


def _passed(policy: SeatPolicy, facts: Facts, seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
    """Mark the seats of people who approved before; too many people are refused."""
    if len(seats) > MAX_SEATS:
        raise PeopleError(f"{len(seats)} people were found, at most {MAX_SEATS} may share a step")
    if policy.repeat == "ask":
        return seats
    return tuple(_repeated(policy, facts, seat) for seat in seats)


def _repeated(policy: SeatPolicy, facts: Facts, seat: Seat) -> Seat:
    adjacent = policy.repeat == "skip_adjacent"
    earlier = facts.decisions.approval_of(seat.principal, adjacent=adjacent)
    if earlier is None or seat.passing is not None:
        return seat
    return Seat(seat.principal, seat.holder, seat.via, seat.also, seat.chain,
                Passing.REPEAT, earlier.seat, seat.path)  # fmt: skip


def target_problem(
    user: str, policy: SeatPolicy, facts: Facts, holding: Iterable[str]
) -> str | None:
    """Return why a seat may not go to `user` by transfer, add-sign or delegation by hand.

    The code of the refusal: DUPLICATE_SEAT, REQUESTER, SEPARATION or INACTIVE; None when it may.
    `holding` are the people who have an undecided seat in the approval.
    """
    if user in holding:
        return "DUPLICATE_SEAT"
    if user == facts.requester and policy.requester != "allow":
        return "REQUESTER"
    if policy.apart and user in facts.decisions.people_at(policy.apart):
        return "SEPARATION"
    return None if facts.organisation.active((user,)) else "INACTIVE"
