"""Delegation with a period: who gets the work, what goes over, what comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from trellis.engine.errors import ForbiddenError, InvalidError
from trellis.engine.handover.delegating import revoke

from tests.integration.engine.people.conftest import Firm

DAY = timedelta(days=1)


def test_new_work_goes_to_the_delegate_and_stays_the_givers(firm: Firm) -> None:
    firm.delegates("bo", "bea")
    firm.ask("li", "to_one")

    task = firm.only("bea")
    assert (task.principal, task.via) == (firm.ids["bo"], "delegation")
    firm.answer("bea", task, "approve")

    assert firm.states() == ["done"]
    (row,) = firm.rows("SELECT actor, on_behalf_of FROM trellis_approval_history"
                       " WHERE action = 'approve'")  # fmt: skip
    assert row == (firm.ids["bea"], firm.ids["bo"])


def test_tasks_are_delegated_too(firm: Firm) -> None:
    firm.delegates("bo", "wu")
    firm.ask("li", "direct")

    assert firm.holders() == ["wu"]


def test_beside_the_giver_the_first_decides(firm: Firm) -> None:
    firm.delegates("bo", "bea", mode="also")
    firm.ask("li", "to_one")

    assert [firm.only(login).holder for login in ("bo", "bea")] == [firm.ids["bo"]] * 2
    firm.answer("bea", firm.only("bea"), "approve")

    assert (firm.mine("bo"), firm.states()) == ([], ["done"])


def test_the_period_ends_at_its_end(firm: Firm) -> None:
    firm.delegates("bo", "bea", end=firm.clock.now() + DAY)
    firm.clock.advance(DAY)
    firm.ask("li", "to_one")

    assert firm.holders() == ["bo"]


def test_a_scope_leaves_other_work_alone(firm: Firm) -> None:
    firm.delegates("bo", "bea", flows=("direct",))
    firm.ask("li", "to_one")
    firm.ask("li", "direct")

    assert sorted(firm.holders()) == ["bea", "bo"]


def test_a_limit_keeps_larger_amounts(firm: Firm) -> None:
    firm.delegates("bo", "bea", limit=100)
    firm.ask("li", "to_one", amount=100)
    firm.ask("li", "to_one", amount="100.01")

    assert sorted(firm.holders()) == ["bea", "bo"]


def test_open_work_goes_over_at_the_start_and_comes_back_at_the_end(firm: Firm) -> None:
    firm.ask("li", "to_one")
    firm.delegates("bo", "bea", include_open=True, end=firm.clock.now() + DAY)
    firm.ring()
    during = firm.holders()
    firm.clock.advance(DAY)
    firm.ring()

    assert (during, firm.holders()) == (["bea"], ["bo"])


def test_open_work_stays_unless_it_is_included(firm: Firm) -> None:
    firm.ask("li", "to_one")
    firm.delegates("bo", "bea")
    firm.ring()

    assert firm.holders() == ["bo"]


def test_a_revoked_delegation_gives_back_what_is_undecided(firm: Firm) -> None:
    made = firm.delegates("bo", "bea")
    firm.ask("li", "to_one")
    with firm.writing("bo") as tx:
        revoke(tx, made)
    firm.ring()

    assert firm.holders() == ["bo"]


def test_two_seats_of_one_approval_never_meet_in_one_person(firm: Firm) -> None:
    firm.ask("li", "to_many")
    firm.delegates("bo", "bea", include_open=True)
    firm.ring()

    assert firm.holders() == ["bea", "bo"]


def test_only_oneself_a_leader_or_an_administrator_delegates(firm: Firm) -> None:
    firm.delegates("li", "wu", by="bea")

    with pytest.raises(ForbiddenError, match="do not lead"):
        firm.delegates("bo", "li", by="li")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"end": timedelta(0)}, "end"),
        ({"mode": "twice"}, "mode"),
        ({"flows": ("nope",)}, "flows"),
        ({"objects": ("nope",)}, "objects"),
        ({"limit": -1}, "limit"),
        ({"absence": True}, "end"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_what_makes_no_sense_is_refused(firm: Firm, more: dict, field: str) -> None:
    if more.get("end") is not None:
        more = {**more, "end": firm.clock.now() + more["end"]}

    with pytest.raises(InvalidError) as caught:
        firm.delegates("bo", "bea", **more)

    assert [detail["field"] for detail in caught.value.details] == [field]


def test_nobody_delegates_to_themselves_or_to_who_left(firm: Firm) -> None:
    firm.change("user", firm.ids["wu"], active=False)

    for taker in ("bo", "wu"):
        with pytest.raises(InvalidError, match="to:"):
            firm.delegates("bo", taker)
