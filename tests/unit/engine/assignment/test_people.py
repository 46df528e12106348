"""Who is meant by `who:`."""

from __future__ import annotations

from typing import Any

import pytest
from trellis.engine.assignment.people import (
    Asker,
    People,
    PeopleError,
    TooManyPeopleError,
    resolve,
)
from trellis.metadata.model.people import Resolver
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression

from tests.fakes.small_company import HERE, SmallCompany


def value_of(value: ValueOrExpression) -> Any:
    """Return the words of a text as a list: the expression language of these tests."""
    text = value.text if isinstance(value, ExpressionText) else value
    if isinstance(text, str) and text.isdigit():
        return int(text)
    return text.split() if isinstance(text, str) and " " in text else text


ASKER = Asker("li", {"first": ("chen",)}, value_of, lambda login: login, picked=("wang",))


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
        (who("manager_of", "requester", level=9, top="empty"), ()),
        (who("manager_of", "wu"), ("chen",)),
        (who("manager_of", "chen"), ()),
        (who("managers_of", "requester", levels="1..3"), ("wang", "chen")),
        (who("managers_of", "requester", levels=3, top="empty"), ()),
        (who("managers_of", "requester", levels=1), ("wang",)),
        (who("managers_of", "requester", until={"title": "lead"}), ("wang",)),
        (who("managers_of", "requester", until={"title": "Director"}), ("wang", "chen")),
        (who("managers_of", "requester", until={"title": "Owner"}), ("wang", "chen")),
        (who("managers_of", "requester", until={"title": "Owner"}, top="empty"), ()),
        (who("managers_of", "requester", until={"limit": "900"}), ("wang",)),
        (who("managers_of", "requester", until={"limit": "1001"}), ("wang", "chen")),
        (who("managers_of", "requester", until={"limit": "99999"}), ()),
        (who("managers_of", "requester", until={"limit": "99999"}, top="last"), ("wang", "chen")),
        (who("managers_of", "wang li"), ("chen", "wang")),
        (who("managers_of", "li wang", levels=2), ("wang", "chen")),
        (who("managers_of", "wang li", levels=2), ("wang", "chen")),
        (who("head_of", "sales"), ("chen",)),
        (who("head_of", "sales", up=1), ("chen",)),
        (who("head_of", "requester"), ("chen",)),
        (who("head_of", "hq", up=1), ()),
        (who("requester"), ("li",)),
        (who("decided", "first"), ("chen",)),
        (who("decided", "second"), ()),
        (who("pick", "previous"), ("wang",)),
        (who("expression", "wu li wu"), ("wu", "li")),
        (who("expression", None), ()),
        (who("expr", "wu li"), ("wu", "li")),
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


def test_a_role_to_be_claimed_is_a_pool_in_an_approval_too() -> None:
    found = resolve([who("role", "desk", claim=True)], ASKER, SmallCompany(), pooled=False)

    assert found == People(pools=("desk",))


def test_a_circle_of_managers_ends_the_climb() -> None:
    company = SmallCompany(bosses={"li": "wang", "wang": "li"})

    found = resolve([who("managers_of", "requester", levels=9)], ASKER, company, pooled=False)

    assert found.users == ("wang",)


def test_managers_of_somebody_are_a_chain() -> None:
    resolvers = [who("user", "wu"), who("managers_of", "requester", levels=2)]

    found = resolve(resolvers, ASKER, SmallCompany(), pooled=False)

    assert found.chains == {"wang": 2, "chen": 2}


def test_who_has_left_is_kept_while_somebody_acts_for_them() -> None:
    asker = Asker("li", {}, value_of, lambda login: login, replaced=lambda user: user == "zhou")

    found = resolve([who("user", "zhou")], asker, SmallCompany(), pooled=False)

    assert found.users == ("zhou",)


@pytest.mark.parametrize("value", [None, "nobody", 7, "wu nobody"])
def test_an_expression_that_gives_no_users_is_an_error_not_an_empty_list(value: Any) -> None:
    with pytest.raises(PeopleError, match="does not give users"):
        resolve([who("expr", value)], ASKER, SmallCompany(), pooled=False)


def test_a_chain_up_to_an_unknown_amount_is_an_error() -> None:
    with pytest.raises(PeopleError, match="amount"):
        resolve([who("managers_of", "requester", until={"limit": None})], ASKER, SmallCompany(),
                pooled=False)  # fmt: skip


def test_more_people_than_may_share_a_step_are_refused() -> None:
    crowd = SmallCompany(roles={"all": tuple(f"u{n}" for n in range(101))})

    with pytest.raises(TooManyPeopleError, match="101 people"):
        resolve([who("role", "all")], ASKER, crowd, pooled=False)
