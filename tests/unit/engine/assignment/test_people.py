"""Who is meant by `who:`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from trellis.engine.assignment.people import Asker, People, TooManyPeopleError, resolve
from trellis.metadata.model.flows import Resolver
from trellis.metadata.model.texts import ValueOrExpression
from trellis.problems import Location

HERE = Location("flows.yaml", 1, 1)


@dataclass
class SmallCompany:
    """li → wang → chen (the top); sales below hq; zhou has left."""

    roles: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"desk": ("li", "wu")})
    bosses: dict[str, str] = field(
        default_factory=lambda: {"li": "wang", "wang": "chen", "wu": "zhou", "zhou": "chen"}
    )
    gone: frozenset[str] = frozenset({"zhou"})

    def active(self, users: Iterable[str]) -> frozenset[str]:
        return frozenset(users) - self.gone

    def members_of_role(self, role: str) -> tuple[str, ...]:
        return self.roles.get(role, ())

    def members_of_team(self, team: str) -> tuple[str, ...]:
        return {"night": ("wu",)}.get(team, ())

    def manager_of(self, user: str) -> str | None:
        return self.bosses.get(user)

    def department_of(self, user: str) -> str | None:
        return {"li": "sales", "wu": "hq"}.get(user)

    def head_of(self, department: str) -> str | None:
        return {"sales": "zhou", "hq": "chen"}.get(department)

    def parent_of(self, department: str) -> str | None:
        return {"sales": "hq"}.get(department)


def ids_of(value: ValueOrExpression) -> tuple[str, ...]:
    return tuple(str(value).split()) if value else ()


ASKER = Asker("li", {"first": ("chen",)}, ids_of, lambda login: login)


def who(kind: str, value: str | None = None, **arguments: ValueOrExpression) -> Resolver:
    return Resolver(kind, HERE, value, arguments)


@pytest.mark.parametrize(
    ("resolver", "expected"),
    [
        (who("user", "wang"), ("wang",)),
        (who("user", "zhou"), ()),
        (who("role", "desk"), ("li", "wu")),
        (who("role", "desk", **{"in": "sales"}), ("li",)),
        (who("role", "desk", **{"in": "hq"}), ("wu",)),
        (who("group", "night"), ("wu",)),
        (who("manager_of", "requester", level=1), ("wang",)),
        (who("manager_of", "requester", level=2), ("chen",)),
        (who("manager_of", "requester", level=9), ("chen",)),
        (who("manager_of", "wu"), ("chen",)),
        (who("managers_of", "requester", levels="1..3"), ("wang", "chen")),
        (who("head_of", "sales"), ("chen",)),
        (who("head_of", "sales", up=1), ("chen",)),
        (who("requester"), ("li",)),
        (who("decided", "first"), ("chen",)),
        (who("expression", "wu li wu"), ("wu", "li")),
        (who("expression", None), ()),
    ],
)
def test_a_resolver_finds_its_people(resolver: Resolver, expected: tuple[str, ...]) -> None:
    assert resolve([resolver], ASKER, SmallCompany(), pooled=False).users == expected


def test_people_are_named_once_in_the_authors_order() -> None:
    found = resolve([who("user", "wu"), who("role", "desk")], ASKER, SmallCompany(), pooled=False)

    assert found == People(users=("wu", "li"))


def test_a_plain_role_stays_a_pool_where_work_is_pooled() -> None:
    found = resolve([who("role", "desk")], ASKER, SmallCompany(), pooled=True)

    assert found == People(pools=("desk",))


def test_a_circle_of_managers_ends_the_climb() -> None:
    company = SmallCompany(bosses={"li": "wang", "wang": "li"})

    found = resolve([who("managers_of", "requester", levels=9)], ASKER, company, pooled=False)

    assert found.users == ("wang",)


def test_more_people_than_may_share_a_step_are_refused() -> None:
    crowd = SmallCompany(roles={"all": tuple(f"u{n}" for n in range(101))})

    with pytest.raises(TooManyPeopleError, match="101 people"):
        resolve([who("role", "all")], ASKER, crowd, pooled=False)
