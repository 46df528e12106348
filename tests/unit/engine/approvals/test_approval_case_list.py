"""The list of approval cases of flows.md 2.9: where each is tested, so that none is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[3]
VOTES = "integration/engine/approvals/test_approval_cases_votes.py"
RETURNS = "integration/engine/approvals/test_approval_cases_returns.py"
RACES = "integration/engine/approvals/test_approval_races.py"
PEOPLE = "unit/engine/assignment/test_approval_cases_people.py"
SLA = "integration/engine/clocks/test_node_sla.py"
HANDOVER = "integration/engine/people/test_handover.py"

#: The case as flows.md names it, the file that tests it, and what the file calls it.
CASES = [
    ("any/first reject", VOTES, "any: first rejection"),
    ("any/all reject", VOTES, "any, all must reject: all do"),
    ("all veto", VOTES, "all: veto"),
    ("all no veto", VOTES, "all: no veto rejects in the end"),
    ("seq reject at 2", VOTES, "seq: rejection at the second"),
    ("vote 60 % of 5 = 3", VOTES, "vote 60 % of 5 is 3"),
    ("vote 50 % of 5 = 3", VOTES, "vote 50 % of 5 is 3"),
    ("vote 100 %", VOTES, "vote 100 %: everybody"),
    ("abstain shrinking N", VOTES, "abstentions shrink the vote"),
    ("add parallel turns 3/5 into 3/6", VOTES, "added in parallel, 3 of 5 become 3 of 6"),
    ("remove turns 3/6 into 3/5", VOTES, "taken away, 3 of 6 become 3 of 5 and decide"),
    ("add before nested twice", VOTES, "added before, nested twice"),
    ("add after under any", VOTES, "added after under any: the group opens instead of closing"),
    ("transfer to existing seat", VOTES, "transfer to who has a seat"),
    ("transfer ring A->B->A", VOTES, "transfer there and back"),
    ("delegation chain", PEOPLE, "delegation chain"),
    ("delegation cycle", PEOPLE, "delegation cycle"),
    ("period edge at exactly end", PEOPLE, "period edge at exactly end"),
    ("requester is manager", PEOPLE, "test_nobody_approves_their_own_request_unless_allowed"),
    ("requester is delegate of approver", PEOPLE, "requester is delegate of approver"),
    ("same approver in three nodes, with and without change", PEOPLE,
     "test_the_same_approver_in_three_consecutive_nodes_is_asked_once_for_each_change"),
    ("empty role with each policy", PEOPLE, "test_an_empty_role_with_each_policy"),
    ("manager chain", PEOPLE, "test_a_chain_of_managers_is_asked_in_order"),
    ("return to start, replay", RETURNS, "return to the start and again"),
    ("return to previous, replay", RETURNS, "return to previous"),
    ("return to any, replay", RETURNS, "return to any node passed, replayed"),
    ("return to start, direct", RETURNS, "direct from the start"),
    ("return to any, direct", RETURNS, '"direct"'),
    ("return inside AND", RETURNS, "inside a block, to before it: the siblings go"),
    ("return inside AND, blocked", RETURNS, "inside a block, to before it: refused"),
    ("return keeps votes", RETURNS, "direct keeps votes"),
    ("direct refused because amount changed the route", RETURNS,
     "direct refused: the amount changes the route"),
    ("return twice then direct twice", RETURNS,
     "returned twice, then directly back to the last"),
    ("withdraw before the first decision", RETURNS,
     "test_who_asked_withdraws_before_the_first_decision_and_asks_again"),
    ("withdraw after the first decision", RETURNS, "test_what_is_decided_is_withdrawn_no_more"),
    ("withdraw in a race with it", RACES, "test_a_decision_and_a_withdrawal_never_both_count"),
    ("take back in time", RETURNS, "take back in time"),
    ("take back too late", RETURNS, "take back after others went on"),
    ("take back race", RACES, "test_a_decision_and_taking_it_back_never_both_count"),
    ("urge limit", RETURNS, "test_people_are_urged_once_an_hour_and_three_times_a_day"),
    ("cc and approver same person", RETURNS,
     "test_a_copy_goes_to_each_once_and_not_to_who_decides"),
    ("SLA in working time", SLA,
     "test_reminders_and_what_follows_come_in_working_time_and_once"),
    ("timeout against human", SLA, "test_work_that_was_done_in_time_is_left_alone"),
    ("SLA over suspension", RETURNS, "test_what_is_suspended_waits_and_is_due_later"),
    ("deactivation of a holder", HANDOVER, "def test_"),
    ("record changed while form open", RETURNS,
     "test_the_record_is_looked_at_again_when_another_changed_it"),
    ("double click", RACES, "test_a_double_click_counts_once_and_gets_the_same_answer"),
    ("two tabs", RACES, "test_one_of_two_answers_to_a_seat_counts"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_every_case_of_the_list_is_tested(case: tuple[str, str, str]) -> None:
    _, file, name = case

    assert name in (TESTS / file).read_text("utf-8")
