"""Who gets a seat: the rows of flows.md 2.9 that are about people, one test each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from trellis.engine.assignment.delegation import Delegation, DelegationMode
from trellis.engine.assignment.people import Asker, People, PeopleError, resolve
from trellis.engine.assignment.seating import Passing, Seat, Seating, seats_for, target_problem
from trellis.metadata.model.people import Resolver, SeatPolicy, WhenEmpty

from tests.fakes.small_company import HERE, NOW, Given, SmallCompany, SmallRecord, facts

DAY = timedelta(days=1)
PLAIN = SeatPolicy()
ADMINS = SmallCompany(roles={"flow_admin": ("chen", "li")})
TO_OTHERS = WhenEmpty("to", (Resolver("role", HERE, "desk"),))


def gives(giver: str, taker: str, **more: Any) -> Delegation:
    more = {"start": NOW - DAY, "end": NOW + DAY, **more}
    return Delegation(f"{giver}-{taker}", giver, taker, **more)


def pairs(seating: Seating) -> list[tuple[str, str]]:
    return [(seat.principal, seat.holder) for seat in seating.seats]


# name: people, delegations, requester, (principal, holder) of each seat
DELEGATED = {
    "delegation chain": (
        ["chen"], [gives("chen", "wang"), gives("wang", "wu")], "li", [("chen", "wu")]),
    "delegation cycle": (
        ["chen"], [gives("chen", "wang"), gives("wang", "chen")], "li", [("chen", "wang")]),
    "period edge at exactly end": (
        ["chen"], [gives("chen", "wu", end=NOW)], "li", [("chen", "chen")]),
    "period edge at exactly start": (
        ["chen"], [gives("chen", "wu", start=NOW)], "li", [("chen", "wu")]),
    "requester is delegate of approver": (
        ["wang"], [gives("wang", "li")], "li", [("wang", "wang")]),
    "requester is delegate and has a delegate": (
        ["wang"], [gives("wang", "li"), gives("li", "wu")], "li", [("wang", "wu")]),
    "delegate has a seat already": (
        ["wang", "chen"], [gives("wang", "chen")], "li", [("wang", "wang"), ("chen", "chen")]),
    "two people with one delegate": (
        ["wang", "chen"], [gives("wang", "wu"), gives("chen", "wu")], "li",
        [("wang", "wu"), ("chen", "chen")]),
    "two people who delegate to each other": (
        ["wang", "chen"], [gives("wang", "chen"), gives("chen", "wang")], "li",
        [("wang", "wang"), ("chen", "chen")]),
    "delegate has left": (
        ["wang"], [gives("wang", "zhou")], "li", [("wang", "wang")]),
    "approver has left and somebody acts for them": (
        ["zhou"], [gives("zhou", "wu")], "li", [("zhou", "wu")]),
}  # fmt: skip


@pytest.mark.parametrize("case", DELEGATED)
def test_delegation_gives_each_person_one_vote(case: str) -> None:
    people, rules, requester, expected = DELEGATED[case]

    found = seats_for(People(tuple(people)), PLAIN,
                      facts(record=SmallRecord(rules), requester=requester))  # fmt: skip

    assert pairs(found) == expected


def test_beside_the_approver_the_delegate_may_act_too() -> None:
    record = SmallRecord([gives("chen", "wu", mode=DelegationMode.ALSO)])

    (seat,) = seats_for(People(("chen",)), PLAIN, facts(record=record)).seats

    assert (seat.holder, seat.also, seat.via) == ("chen", "wu", "rule")


# name: people, rule for the requester, who started it, (principal, passing) of each seat
OWN = {
    "requester is approver, escalate": (["li", "chen"], "escalate", "li", ["wang", "chen"]),
    "requester is manager, escalate": (["wang"], "escalate", "wang", ["chen"]),
    "escalation finds an approver who is there": (["li", "wang"], "escalate", "li", ["wang"]),
    "head is requester": (["chen", "wu"], "escalate", "chen", ["wu"]),
    "requester is approver, allow": (["li"], "allow", "li", ["li"]),
    "requester is approver, skip": (["li", "wu"], "skip", "li", ["(li)", "wu"]),
    "all are the requester, skip": (["li"], "skip", "li", ["(li)"]),
}


@pytest.mark.parametrize("case", OWN)
def test_nobody_approves_their_own_request_unless_allowed(case: str) -> None:
    people, rule, requester, expected = OWN[case]

    found = seats_for(People(tuple(people)), replace(PLAIN, requester=rule),
                      facts(requester=requester))  # fmt: skip

    shown = [f"({seat.principal})" if seat.passing is Passing.REQUESTER else seat.principal
             for seat in found.seats]  # fmt: skip
    assert shown == expected


def test_the_requester_is_approver_and_blocked() -> None:
    with pytest.raises(PeopleError, match="their own request"):
        seats_for(People(("li",)), replace(PLAIN, requester="block"), facts())


def test_the_top_of_the_company_asks_the_administrators_about_itself() -> None:
    found = seats_for(People(("chen",)), PLAIN, facts(
        SmallCompany(roles={"flow_admin": ("wu",)}), requester="chen"))  # fmt: skip

    assert (pairs(found), found.fallback) == ([("wu", "wu")], True)


# name: policy, company, fallback, result
EMPTY = {
    "default": (WhenEmpty(), ADMINS, (), ["chen"]),
    "to others": (TO_OTHERS, ADMINS, ("wu",), ["wu"]),
    "to others, the requester among them": (TO_OTHERS, ADMINS, ("li", "wu"), ["wu"]),
    "approve": (WhenEmpty("approve"), ADMINS, (), "approve"),
    "reject": (WhenEmpty("reject"), ADMINS, (), "reject"),
    "pick": (WhenEmpty("pick"), ADMINS, (), "pick"),
    "block": (WhenEmpty("block"), ADMINS, (), "incident"),
    "default, no administrator": (WhenEmpty(), SmallCompany(), (), "incident"),
    "to others, of whom there are none": (TO_OTHERS, ADMINS, (), "incident"),
    "to others, who are the requester alone": (TO_OTHERS, ADMINS, ("li",), "incident"),
}


@pytest.mark.parametrize("case", EMPTY)
def test_an_empty_role_with_each_policy(case: str) -> None:
    empty, company, others, expected = EMPTY[case]

    try:
        found = seats_for(People(), replace(PLAIN, empty=empty), facts(company, others=others))
        result: object = found.outcome or [seat.principal for seat in found.seats]
    except PeopleError:
        result = "incident"

    assert result == expected


# name: how repeats are treated, who gave approvals that stand, of these in the last step, seats
REPEATED = {
    "ask": ("ask", {"wang"}, {"wang"}, ["wang", "chen"]),
    "skip without field change": ("skip", {"wang"}, set(), ["(wang)", "chen"]),
    "skip with field change": ("skip", set(), set(), ["wang", "chen"]),
    "skip_adjacent after the step before": ("skip_adjacent", {"wang"}, {"wang"},
                                            ["(wang)", "chen"]),
    "skip_adjacent after an earlier step": ("skip_adjacent", {"wang"}, set(), ["wang", "chen"]),
    "skip all": ("skip", {"wang", "chen"}, set(), ["(wang)", "(chen)"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REPEATED)
def test_who_has_approved_before_is_asked_again_or_not(case: str) -> None:
    rule, approved, adjacent, expected = REPEATED[case]
    record = SmallRecord(
        approved={user: Given(f"seat of {user}") for user in approved},
        adjacent=frozenset(adjacent),
    )

    found = seats_for(People(("wang", "chen")), replace(PLAIN, repeat=rule), facts(record=record))

    shown = [f"({seat.principal})" if seat.passing else seat.principal for seat in found.seats]
    assert shown == expected
    assert found.skipped is (case == "skip all")


def test_a_repeat_names_the_earlier_vote_and_stays_the_principals_when_delegated() -> None:
    record = SmallRecord([gives("wang", "wu")], approved={"wang": Given("s1"), "wu": Given("s2")})

    found = seats_for(People(("wang",)), replace(PLAIN, repeat="skip"), facts(record=record))

    assert [(seat.principal, seat.because) for seat in found.seats] == [("wang", "s1")]


def test_the_same_approver_in_three_consecutive_nodes_is_asked_once_for_each_change() -> None:
    policy, people = replace(PLAIN, repeat="skip_adjacent"), People(("wang",))
    first = SmallRecord()
    second = SmallRecord(approved={"wang": Given("s1")}, adjacent=frozenset({"wang"}))
    third_changed = SmallRecord(adjacent=frozenset({"wang"}))

    asked = [not seats_for(people, policy, facts(record=record)).skipped
             for record in (first, second, third_changed)]  # fmt: skip

    assert asked == [True, False, True]


def test_who_did_an_earlier_step_is_kept_apart_and_escalation_goes_above_them() -> None:
    record = SmallRecord(did={"make": frozenset({"wang"})})
    policy = replace(PLAIN, apart=("make",))

    found = seats_for(People(("wang", "li", "wu")), policy, facts(record=record))

    assert [seat.principal for seat in found.seats] == ["chen", "wu"]


def test_a_delegate_who_is_kept_apart_does_not_act() -> None:
    record = SmallRecord([gives("chen", "wang")], did={"make": frozenset({"wang"})})

    found = seats_for(People(("chen",)), replace(PLAIN, apart=("make",)), facts(record=record))

    assert pairs(found) == [("chen", "chen")]


# name: whom it goes to, what is refused
TARGETS = {
    "somebody else": ("chen", None),
    "who has a seat": ("wu", "DUPLICATE_SEAT"),
    "the requester": ("li", "REQUESTER"),
    "who did the step": ("wang", "SEPARATION"),
    "who has left": ("zhou", "INACTIVE"),
}


@pytest.mark.parametrize("case", TARGETS)
def test_a_seat_goes_by_hand_only_to_who_might_have_had_it(case: str) -> None:
    user, expected = TARGETS[case]
    record = SmallRecord(did={"make": frozenset({"wang"})})
    policy = replace(PLAIN, apart=("make",))

    assert target_problem(user, policy, facts(record=record), ["wu"]) == expected


# name: who reports to whom, who has left, levels, chain
CHAINS = {
    "chain": ({"li": "wang", "wang": "chen"}, set(), 2, ["wang", "chen"]),
    "chain with gap": ({"li": "wang", "wang": "zhou", "zhou": "chen"}, {"zhou"}, 2,
                       ["wang", "chen"]),
    "chain with cycle": ({"li": "wang", "wang": "chen", "chen": "wang"}, set(), 9,
                         ["wang", "chen"]),
    "chain back to the requester": ({"li": "wang", "wang": "li"}, set(), 9, ["wang"]),
    "chain to the top": ({"li": "wang", "wang": "chen"}, set(), 9, ["wang", "chen"]),
    "no manager": ({}, set(), 3, ["wu"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CHAINS)
def test_a_chain_of_managers_is_asked_in_order(case: str) -> None:
    bosses, gone, levels, expected = CHAINS[case]
    company = SmallCompany(bosses=bosses, gone=frozenset(gone), roles={"flow_admin": ("wu",)})
    asker = Asker("li", {}, lambda value: value, lambda login: login)
    chain = Resolver("managers_of", HERE, "requester", {"levels": levels})

    people = resolve([chain], asker, company, pooled=False)
    found = seats_for(people, PLAIN, facts(company))

    assert [seat.principal for seat in found.seats] == expected
    assert found.chained is (case != "no manager")


def test_a_pool_is_a_seat_for_whoever_claims_it() -> None:
    found = seats_for(People(("wang",), ("desk",)), PLAIN, facts())

    assert (found.seats, found.pools) == ((Seat("wang", "wang"),), ("desk",))


def test_more_than_a_hundred_seats_are_refused() -> None:
    crowd = People(tuple(f"u{n}" for n in range(101)))

    with pytest.raises(PeopleError, match="101 people"):
        seats_for(crowd, PLAIN, facts())
