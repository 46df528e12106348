"""A company in memory for whom resolvers and seats are asked: four people, two departments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from trellis.engine.assignment.delegation import Delegation, Matter
from trellis.engine.assignment.people import People
from trellis.engine.assignment.seating import Facts
from trellis.metadata.model.people import Resolver
from trellis.problems import Location

HERE = Location("flows.yaml", 1, 1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass
class SmallCompany:
    """li → wang → chen (the top); wu → zhou, who has left, → chen; sales below hq."""

    roles: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"desk": ("li", "wu")})
    bosses: dict[str, str] = field(
        default_factory=lambda: {"li": "wang", "wang": "chen", "wu": "zhou", "zhou": "chen"}
    )
    gone: frozenset[str] = frozenset({"zhou"})
    titles: Mapping[str, str] = field(default_factory=lambda: {"wang": "Lead", "chen": "Director"})
    limits: Mapping[str, int] = field(default_factory=lambda: {"wang": 1000, "chen": 50000})
    heads: Mapping[str, str] = field(default_factory=lambda: {"sales": "zhou", "hq": "chen"})
    departments: Mapping[str, str] = field(default_factory=lambda: {"li": "sales", "wu": "hq"})

    def known(self, users: Iterable[str]) -> frozenset[str]:
        return frozenset(users) - {"nobody"}

    def active(self, users: Iterable[str]) -> frozenset[str]:
        return self.known(users) - self.gone

    def members_of_role(self, role: str) -> tuple[str, ...]:
        return self.roles.get(role, ())

    def members_of_team(self, team: str) -> tuple[str, ...]:
        return {"night": ("wu",)}.get(team, ())

    def manager_of(self, user: str) -> str | None:
        return self.bosses.get(user)

    def title_of(self, user: str) -> str | None:
        return self.titles.get(user)

    def limit_of(self, user: str) -> Decimal | None:
        return Decimal(self.limits[user]) if user in self.limits else None

    def department_of(self, user: str) -> str | None:
        return self.departments.get(user)

    def head_of(self, department: str) -> str | None:
        return self.heads.get(department)

    def parent_of(self, department: str) -> str | None:
        return {"sales": "hq"}.get(department)


@dataclass(frozen=True)
class Given:
    """An approval given earlier."""

    seat: str
    node: str = "first"


@dataclass
class SmallRecord:
    """Delegations and earlier decisions in memory."""

    delegations: Sequence[Delegation] = ()
    did: Mapping[str, frozenset[str]] = field(default_factory=dict)
    approved: Mapping[str, Given] = field(default_factory=dict)
    adjacent: frozenset[str] = frozenset()

    def of_giver(self, user: str) -> Sequence[Delegation]:
        return [one for one in self.delegations if one.giver == user]

    def people_at(self, nodes: Iterable[str]) -> frozenset[str]:
        return frozenset(user for node in nodes for user in self.did.get(node, ()))

    def approval_of(self, user: str, *, adjacent: bool) -> Given | None:
        return None if adjacent and user not in self.adjacent else self.approved.get(user)


def facts(
    company: SmallCompany | None = None,
    record: SmallRecord | None = None,
    *,
    requester: str | None = "li",
    others: tuple[str, ...] = (),
    now: datetime = NOW,
) -> Facts:
    """Return the facts of an instance that `requester` started; `others` is the fallback."""
    written = record or SmallRecord()

    def fallback(_resolvers: Iterable[Resolver]) -> People:
        return People(others)

    return Facts(requester, Matter("leave", "request", lambda: Decimal(500)), now,
                 company or SmallCompany(), written, written, fallback)  # fmt: skip
