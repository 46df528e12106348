"""The resource patterns that the platform must express, each test by the pattern's name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from trellis.engine.errors import ConflictError, ForbiddenError
from trellis.engine.flows import inbox

from tests.integration.engine.people.conftest import Firm


def test_r1_direct_distribution(firm: Firm) -> None:
    firm.ask("li", "direct")

    assert firm.holders() == ["bo"]


def test_r2_role_based_distribution(firm: Firm) -> None:
    firm.ask("li", "by_role")

    assert [len(firm.claimable(login)) for login in ("bo", "bea", "li")] == [1, 1, 0]


def test_r3_deferred_distribution(firm: Firm) -> None:
    firm.ask("li", "by_field", helper=firm.ids["wu"])
    firm.ask("li", "by_expr", helper=firm.ids["bea"])

    assert sorted(firm.holders()) == ["bea", "wu"]


def test_r3_an_expression_without_people_is_an_incident(firm: Firm) -> None:
    firm.ask("li", "by_expr")

    (row,) = firm.rows("SELECT state, incident FROM trellis_flow_instance")
    assert row[0] == "incident"
    assert "does not give users" in row[1]


def test_r4_authorization(firm: Firm) -> None:
    firm.ask("li", "to_one")

    with pytest.raises(ForbiddenError, match="not yours"):
        firm.answer("bea", firm.only("bo"), "approve")


def test_r5_separation_of_duties(firm: Firm) -> None:
    firm.ask("bea", "apart")
    firm.answer_claim("li")
    firm.answer("li", firm.only("li"), "complete")

    assert firm.holders() == ["wu"]


def test_r7_retain_familiar(firm: Firm) -> None:
    firm.ask("li", "familiar")
    firm.answer_claim("wu")
    firm.answer("wu", firm.only("wu"), "complete")

    assert firm.holders("again") == ["wu"]


def test_r10_organisational_distribution_by_managers(firm: Firm) -> None:
    firm.ask("li", "chain")
    first = firm.holders()
    firm.answer("bo", firm.only("bo"), "approve")

    assert (first, firm.holders()) == (["bo"], ["bea"])


def test_r10_organisational_distribution_by_amount(firm: Firm) -> None:
    firm.ask("li", "limit", amount=1000)
    small = firm.rows("SELECT COUNT(*) FROM trellis_task")
    firm.ask("li", "limit", amount=1001)
    large = firm.rows("SELECT COUNT(*) FROM trellis_task")
    firm.ask("li", "limit", amount=9001)

    assert (small, large) == ([(1,)], [(3,)])
    assert "adm" in firm.holders()


def test_r10_organisational_distribution_by_department(firm: Firm) -> None:
    firm.ask("li", "head", unit=firm.ids["shop"])

    assert firm.holders() == ["bea"]


def test_r10_people_are_kept_from_the_start(firm: Firm) -> None:
    firm.ask("li", "at_start")
    firm.change("user", firm.ids["li"], manager=firm.ids["wu"])
    firm.answer_claim("wu")
    firm.answer("wu", firm.only("wu"), "complete")

    assert firm.holders() == ["bo"]


def test_r11_automatic_execution(firm: Firm) -> None:
    record = firm.ask("li", "automatic")

    assert firm.get(record)["title"] == "done"


def test_r12_offer_to_one(firm: Firm) -> None:
    firm.ask("li", "to_one")

    assert firm.holders() == ["bo"]


def test_r13_offer_to_many(firm: Firm) -> None:
    firm.ask("li", "to_many")

    assert firm.holders() == ["bea", "bo"]


def test_r21_resource_initiated_allocation(firm: Firm) -> None:
    firm.ask("li", "claimed")
    firm.answer_claim("bea")
    firm.answer("bea", firm.only("bea"), "approve")

    assert firm.states() == ["done"]


def test_r24_the_work_list_is_in_the_systems_order(firm: Firm) -> None:
    first = firm.ask("li", "direct")
    firm.clock.advance(timedelta(hours=1))
    second = firm.ask("li", "direct")

    assert [task.record_id for task in firm.mine("bo")] == [first, second]


def test_r27_delegation(firm: Firm) -> None:
    firm.delegates("bo", "bea", end=firm.clock.now() + timedelta(days=1))
    firm.ask("li", "to_one")

    assert (firm.only("bea").principal, firm.only("bea").via) == (firm.ids["bo"], "delegation")


def test_r29_deallocation(firm: Firm) -> None:
    firm.ask("li", "by_role")
    firm.answer_claim("bo")
    firm.act_on("bo", "give_back")

    assert [len(firm.claimable(login)) for login in ("bo", "bea")] == [1, 1]


def test_r30_stateful_reallocation(firm: Firm) -> None:
    firm.ask("li", "to_one")
    firm.answer("bo", firm.only("bo"), "transfer", people=(firm.ids["wu"],))

    assert firm.only("wu").principal == firm.ids["wu"]


def test_r33_skip_of_somebody_who_has_approved_already(firm: Firm) -> None:
    firm.ask("li", "repeat", amount=1)
    firm.answer("bo", firm.only("bo"), "approve")

    # The second step is skipped; before the third the amount has changed.
    rows = firm.rows("SELECT node, state, outcome FROM trellis_task ORDER BY opened_at, id")
    assert [tuple(row) for row in rows] == [
        ("one", "approved", "approve"),
        ("two", "skipped", "repeat"),
        ("three", "open", None),
    ]


def test_r40_work_that_nobody_has_is_seen_about_its_record(firm: Firm) -> None:
    record = firm.ask("li", "by_role")

    with firm.reading("cy") as tx:
        assert [task.node for task in inbox.of_record(tx, "request", record)] == ["do"]


def test_r42_several_at_the_same_time(firm: Firm) -> None:
    for _ in range(3):
        firm.ask("li", "direct")

    assert len(firm.mine("bo")) == 3


def test_r43_additional_resources(firm: Firm) -> None:
    firm.ask("li", "to_one")
    firm.answer("bo", firm.only("bo"), "add_parallel", people=(firm.ids["wu"],))

    assert firm.holders() == ["bo", "wu"]


@pytest.mark.parametrize(
    ("kind", "state", "holders"),
    [
        ("nobody", "running", ["adm"]),
        ("nobody_yes", "done", []),
        ("nobody_no", "rejected", []),
        ("nobody_stop", "incident", []),
    ],
)
def test_an_empty_field_with_each_policy(
    firm: Firm, kind: str, state: str, holders: list[str]
) -> None:
    firm.ask("li", kind)

    assert (firm.states(), firm.holders()) == ([state], holders)


def test_a_claim_is_refused_to_who_asked_for_it(firm: Firm) -> None:
    firm.ask("bo", "claimed")

    with pytest.raises(ConflictError, match="own request"):
        firm.answer_claim("bo")
