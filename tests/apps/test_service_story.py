"""The first slice of the service app as people live it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError

from tests.fakes.company import Company


def finish(company: Company, work_order: str, **values: Any) -> None:
    """Let the engineer go, work and finish."""
    for step in ("depart", "check_in", "start"):
        company.move("eve", "work_order", work_order, step)
    facts = {"diagnosis": "Contact burnt", "result": "fixed", "fault_cause": company.ids["cause"]}
    company.move("eve", "work_order", work_order, "finish", {**facts, **values})


def dispatched(company: Company, **values: Any) -> tuple[str, str]:
    """Bring a ticket to an accepted work order."""
    ticket = company.triaged(**values)
    company.answer("dan", "choose", "dispatch", values=company.plan())
    company.answer("eve", "accept", "accept")
    return ticket, company.work_order(ticket)


def test_a_ticket_is_routed_triaged_dispatched_done_confirmed_and_closed(
    company_anywhere: Company,
) -> None:
    company = company_anywhere
    ticket, work_order = dispatched(company, impact="minor")
    finish(company, work_order)
    company.answer("ann", "ask", "works")
    if "look" in company.nodes("sam"):
        company.answer("sam", "look", "pass")
    company.answer("ann", "ask", "yes_closed")

    found = company.get("sam", "ticket", ticket)
    assert found["state"] == "closed"
    assert found["solution"] == "Contact burnt"
    assert found["resolution_kind"] == "onsite"
    assert company.get("sam", "work_order", work_order)["state"] == "closed"


def test_a_new_ticket_gets_priority_team_policy_and_promise(company: Company) -> None:
    ticket = company.ticket(impact="minor", urgency="normal")

    found = company.get("ann", "ticket", ticket)
    assert (found["priority"], found["state"]) == ("P2", "pooled")
    assert found["team"]["title"] == "Desk"
    assert found["sla_policy"]["title"] == "SLA-KEY"
    assert found["respond_by"] == found["received_at"] + timedelta(minutes=30)


def clocks(company: Company, ticket: str) -> dict[str, dict[str, Any]]:
    """Return what a leader sees of a ticket's clocks: the newest of each metric."""
    found = company.page("lea", "sla_clock", "state != null")
    mine = [one for one in found if one["ticket"]["id"] == ticket]
    return {one["metric"]: one for one in sorted(mine, key=lambda one: one["round"])}


def test_a_ticket_s_clocks_run_pause_and_are_met(company: Company) -> None:
    ticket = company.triaged(way="remote", impact="minor")
    begun = clocks(company, ticket)
    company.move("ann", "ticket", ticket, "reply", comment="We look into it")
    company.move("ann", "ticket", ticket, "wait_customer", comment="Which machine?")
    company.clock.advance(timedelta(days=5))
    asked = clocks(company, ticket)
    company.move("ann", "ticket", ticket, "resume")

    found = clocks(company, ticket)
    assert (begun["first_response"]["state"], begun["resolve"]["state"]) == ("running", "running")
    assert found["first_response"]["state"] == "met"
    assert (asked["resolve"]["state"], asked["resolve"]["due_at"]) == ("paused", None)
    assert found["resolve"]["state"] == "running"
    assert found["resolve"]["due_at"] == begun["resolve"]["due_at"] + timedelta(days=5)
    assert company.get("ann", "ticket", ticket)["resolve_by"] == found["resolve"]["due_at"]


def test_a_broken_promise_is_told_and_its_reason_asked_for(company: Company) -> None:
    ticket = company.ticket(impact="line_down")
    company.clock.advance(timedelta(minutes=16))
    company.ring()

    late = clocks(company, ticket)["first_response"]
    company.answer("lea", "why", "said", values={"breach_reason": "dispatch"})

    assert (late["state"], late["warned"]) == ("breached", ["50%", "75%", "90%", "due"])
    assert clocks(company, ticket)["first_response"]["breach_reason"] == "dispatch"
    told = company.messages("lea")
    assert sum(text.startswith("Promise broken") for text in told) == 1
    assert sum(text.startswith("Time runs out") for text in told) == 2


def test_a_raised_priority_shortens_the_promise_and_keeps_what_was_used(company: Company) -> None:
    ticket = company.ticket(impact="minor")
    before = clocks(company, ticket)["resolve"]
    company.clock.advance(timedelta(hours=2))
    company.update("ann", "ticket", ticket, {"impact": "line_down"})

    found = clocks(company, ticket)["resolve"]
    assert (before["target_minutes"], found["target_minutes"]) == (960, 480)
    assert found["due_at"] == before["started_at"] + timedelta(hours=8)
    assert found["elapsed_minutes"] == 120


def test_a_reopened_ticket_has_half_the_time(company: Company) -> None:
    ticket = company.triaged(way="remote", impact="minor")
    solved = {"solution": "Reset", "resolution_kind": "advice",
              "fault_cause": company.ids["cause"]}  # fmt: skip
    company.answer("ann", "remote", "solved", values=solved)
    company.move("ann", "ticket", ticket, "reopen", comment="It is back")

    found = clocks(company, ticket)["resolve"]
    assert (found["round"], found["target_minutes"], found["state"]) == (2, 480, "running")


def test_the_clocks_of_a_work_order_follow_its_states(company: Company) -> None:
    ticket, _ = dispatched(company, impact="minor")

    found = clocks(company, ticket)
    assert found["dispatch"]["state"] == "met"
    assert found["arrive"]["target_minutes"] == 480
    assert {"accept", "arrive", "dispatch", "first_response", "resolve"} == set(found)


def test_the_priority_follows_the_impact_until_somebody_lowers_it(company: Company) -> None:
    ticket = company.ticket(impact="minor")
    company.answer("ann", "pool", "take")

    company.update("ann", "ticket", ticket, {"impact": "line_down"})

    assert company.get("ann", "ticket", ticket)["priority"] == "P1"
    with pytest.raises(InvalidError) as refused:
        company.update("ann", "ticket", ticket, {"priority": "P3"})
    assert "downgrade_reason" in str(refused.value.details)


def test_a_customer_on_credit_hold_is_released_on_two_levels(
    company_anywhere: Company,
) -> None:
    company = company_anywhere
    ticket = company.triaged("hold", charge_type="billable", credit_amount=3000)
    assert company.get("ann", "ticket", ticket)["state"] == "processing"

    company.answer("sam", "first", "approve", comment="Fine")
    assert company.get("ann", "ticket", ticket)["state"] == "processing"
    company.answer("rob", "second", "approve", comment="Fine")

    found = company.get("ann", "ticket", ticket)
    assert found["state"] == "dispatched"
    assert found["credit_released_until"] == company.clock.now() + timedelta(days=1)


def test_the_fast_lane_asks_one_level_for_a_vip(company: Company) -> None:
    ticket = company.triaged("vip", charge_type="billable", credit_amount=3000)

    company.answer("sam", "fast", "approve", comment="Fine")

    assert company.get("ann", "ticket", ticket)["state"] == "dispatched"


def test_the_fast_lane_passes_by_itself_after_a_quarter_of_an_hour(company: Company) -> None:
    ticket = company.triaged("vip", charge_type="billable", credit_amount=3000)

    company.clock.moment = company.clock.now() + timedelta(minutes=16)
    company.ring()

    assert company.get("ann", "ticket", ticket)["state"] == "dispatched"


def test_a_vip_above_the_limit_takes_the_long_way(company: Company) -> None:
    company.triaged("vip", charge_type="billable", credit_amount=8000)

    assert "first" in company.nodes("sam")


def test_a_refused_release_goes_back_to_the_agent(company: Company) -> None:
    ticket = company.triaged("hold", charge_type="billable", credit_amount=3000)

    company.answer("sam", "first", "reject", comment="Three bills are open")

    assert "refused" in company.nodes("ann")
    assert company.get("ann", "ticket", ticket)["state"] == "processing"


def test_work_under_warranty_needs_no_release(company: Company) -> None:
    ticket = company.triaged("hold", charge_type="warranty")

    assert company.get("ann", "ticket", ticket)["state"] == "dispatched"


def test_a_job_turned_down_comes_back_to_the_dispatcher_with_the_reason(company: Company) -> None:
    ticket = company.triaged()
    company.answer("dan", "choose", "dispatch", values=company.plan())

    company.answer("eve", "accept", "reject", comment="I am on leave")

    found = company.get("dan", "work_order", company.work_order(ticket))
    assert (found["state"], found["reject_count"], found["engineer"]) == ("pending", 1, None)
    assert "choose" in company.nodes("dan")


def test_a_job_that_did_not_help_is_decided_by_the_agent(company: Company) -> None:
    ticket, work_order = dispatched(company, impact="minor")
    finish(company, work_order, result="need_expert", incomplete_reason="skill")

    company.answer("ann", "go_on", "another")
    if "look" in company.nodes("sam"):
        company.answer("sam", "look", "pass")

    again = company.work_order(ticket)
    assert again != work_order
    assert company.get("dan", "work_order", again)["min_level"] == "l4"
    assert company.get("ann", "ticket", ticket)["state"] == "dispatched"


def test_a_job_given_up_takes_the_ticket_back_to_the_desk(company: Company) -> None:
    ticket, work_order = dispatched(company)
    company.move("eve", "work_order", work_order, "check_in")

    company.move("eve", "work_order", work_order, "abort", {"incomplete_reason": "tool"})

    assert company.get("ann", "ticket", ticket)["state"] == "processing"
    assert "again" in company.nodes("ann")


def test_silence_closes_a_resolved_ticket(company: Company) -> None:
    ticket = company.triaged(way="remote")
    solved = {"solution": "Reset", "resolution_kind": "advice",
              "fault_cause": company.ids["cause"]}  # fmt: skip
    company.answer("ann", "remote", "solved", values=solved)

    company.clock.moment = company.clock.now() + timedelta(days=15)
    company.ring()

    assert company.get("ann", "ticket", ticket)["state"] == "closed"


def test_a_reopened_ticket_is_work_again_within_seven_days_only(company: Company) -> None:
    ticket = company.triaged(way="remote")
    solved = {"solution": "Reset", "resolution_kind": "advice",
              "fault_cause": company.ids["cause"]}  # fmt: skip
    company.answer("ann", "remote", "solved", values=solved)
    resolved_at = company.clock.now()
    company.clock.moment = resolved_at + timedelta(days=8)

    with pytest.raises(ConflictError, match="open a new ticket"):
        company.move("lea", "ticket", ticket, "reopen", comment="It is back")

    company.clock.moment = resolved_at + timedelta(days=2)
    company.move("lea", "ticket", ticket, "reopen", comment="It is back")
    assert company.get("ann", "ticket", ticket)["reopen_count"] == 1
    assert "again" in company.nodes("ann")


def test_the_same_fault_within_thirty_days_is_marked(company: Company) -> None:
    first = company.triaged(way="remote")
    solved = {"solution": "Reset", "resolution_kind": "advice",
              "fault_cause": company.ids["cause"]}  # fmt: skip
    company.answer("ann", "remote", "solved", values=solved)
    company.answer("ann", "ask", "yes_closed")

    second = company.ticket(impact="major", urgency="today")

    found = company.get("ann", "ticket", second)
    assert found["repeat_of"]["id"] == first
    assert found["priority"] == "P1"


def test_a_repair_is_not_resolved_without_its_cause(company: Company) -> None:
    company.triaged(way="remote")

    with pytest.raises(ConflictError, match="names its cause"):
        company.answer("ann", "remote", "solved",
                       values={"solution": "Reset", "resolution_kind": "advice"})  # fmt: skip


def test_somebody_elses_job_is_not_accepted(company: Company) -> None:
    ticket = company.triaged()
    company.answer("dan", "choose", "dispatch", values=company.plan())

    with pytest.raises(ForbiddenError):
        company.move("dan", "work_order", company.work_order(ticket), "accept")


def test_an_engineer_of_another_region_is_not_dispatched(company: Company) -> None:
    company.triaged()
    company.update("sam", "engineer", company.ids["engineer"], {"regions": [company.ids["far"]]})

    with pytest.raises(ConflictError, match="does not serve this region"):
        company.answer("dan", "choose", "dispatch", values=company.plan())


def test_tickets_of_different_customers_are_not_merged(company: Company) -> None:
    one, other = company.ticket("key"), company.ticket("hold")

    with pytest.raises(ConflictError, match="same customer"):
        company.move("lea", "ticket", one, "merge", {"merged_into": other})


def test_a_ticket_with_somebody_on_the_way_is_not_cancelled(company: Company) -> None:
    ticket, _ = dispatched(company)

    with pytest.raises(ConflictError, match="open work orders first"):
        company.move("lea", "ticket", ticket, "cancel", comment="A mistake")


def test_no_work_order_is_made_for_a_finished_ticket(company: Company) -> None:
    ticket = company.ticket()
    company.move("lea", "ticket", ticket, "cancel", comment="A mistake")

    with pytest.raises(InvalidError, match="reopen it first"):
        company.create("dan", "work_order", {"ticket": ticket})


def test_a_customer_sees_the_own_account_and_nothing_internal(
    company_anywhere: Company,
) -> None:
    company = company_anywhere
    company.ticket("key")
    company.ticket("hold")

    found = company.page("cus", "ticket")

    assert len(found) == 1
    assert "assignee" not in found[0]
    shown = company.get("cus", "ticket", str(found[0]["id"]))
    assert not {"assignee", "credit_amount", "fault_cause", "tags"} & set(shown)


def test_an_engineer_sees_a_contact_from_acceptance(company: Company) -> None:
    ticket = company.triaged(contact=company.ids["key_contact"])
    company.answer("dan", "choose", "dispatch", values=company.plan())
    assert company.page("eve", "contact") == []

    company.answer("eve", "accept", "accept")

    assert company.work_order(ticket)
    assert [one["mobile"] for one in company.page("eve", "contact")] == ["13812345678"]


def test_numbers_of_contacts_are_masked_for_finance(company: Company) -> None:
    found = company.page("fay", "contact")

    assert {one["mobile"] for one in found} == {"138****5678"}
