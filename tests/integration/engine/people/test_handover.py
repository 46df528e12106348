"""Absence and deactivation: nothing is left without an owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from trellis.engine.errors import ForbiddenError
from trellis.engine.handover.by_hand import Outcome, Wish, hand_over
from trellis.engine.handover.owned import count_owned
from trellis.engine.handover.trail import of_giver
from trellis.engine.handover.work import offered_to, work_of

from tests.integration.engine.people.conftest import Firm

DAY = timedelta(days=1)


def leave(firm: Firm, login: str) -> None:
    """Deactivate somebody and let the jobs run."""
    firm.change("user", firm.ids[login], active=False)
    firm.ring()


def left(firm: Firm, login: str) -> int:
    """Return how much somebody still has."""
    with firm.reading("system") as tx:
        user = firm.ids[login]
        work = [*work_of(tx, user), *offered_to(tx, user)]
        return len(work) + sum(count_owned(tx, user).values())


def by_hand(firm: Firm, login: str, giver: str, taker: str, wish: Wish) -> Outcome:
    with firm.writing(login) as tx:
        return hand_over(firm.app.flows, tx, firm.ids[giver], firm.ids[taker], wish)


def test_who_leaves_leaves_nothing_without_an_owner(firm: Firm) -> None:
    mine = firm.ask("bo", "direct")
    for kind in ("to_one", "to_many", "by_role", "claimed", "chain"):
        firm.ask("li", kind)
    firm.answer_claim("bo")

    leave(firm, "bo")

    assert left(firm, "bo") == 0
    assert firm.owner(mine) == "bea"
    assert firm.rows("SELECT id FROM trellis_task WHERE state IN ('open', 'waiting')"
                     " AND holder IS NULL AND CAST(id AS TEXT) NOT IN"
                     " (SELECT task_id FROM trellis_task_pool)") == []  # fmt: skip
    assert firm.rows("SELECT error FROM trellis_job WHERE state = 'incident'") == []


def test_the_delegate_of_who_left_acts_on_their_behalf(firm: Firm) -> None:
    firm.ask("li", "to_one")
    firm.delegates("bo", "wu")

    leave(firm, "bo")

    assert firm.only("wu").principal == firm.ids["bo"]


def test_the_manager_takes_over_as_their_own(firm: Firm) -> None:
    firm.ask("li", "to_one")

    leave(firm, "bo")

    assert firm.only("bea").principal == firm.ids["bea"]
    (row,) = firm.rows("SELECT holder_before, holder_after FROM trellis_approval_history"
                       " WHERE action = 'hand_over'")  # fmt: skip
    assert row == (firm.ids["bo"], firm.ids["bea"])


def test_a_manager_who_asked_for_it_is_passed_over(firm: Firm) -> None:
    firm.ask("bea", "to_one")

    leave(firm, "bo")

    assert firm.holders() == ["adm"]


def test_what_was_held_for_somebody_goes_back_to_them(firm: Firm) -> None:
    firm.delegates("bo", "wu")
    firm.ask("li", "to_one")

    leave(firm, "wu")

    assert firm.holders() == ["bo"]


def test_the_last_member_of_a_role_leaves_its_pool_to_the_administrators(firm: Firm) -> None:
    firm.ask("li", "by_role")
    leave(firm, "bo")
    leave(firm, "bea")

    assert len(firm.claimable("adm")) == 1


def test_where_nobody_can_take_over_an_incident_says_so(firm: Firm) -> None:
    firm.ask("li", "to_one")
    for login in ("adm", "bea"):
        leave(firm, login)
    leave(firm, "bo")

    (row,) = firm.rows("SELECT error FROM trellis_job WHERE state = 'incident'"
                       " AND kind = 'people.left' AND error LIKE '%to_one%'")  # fmt: skip
    assert "nobody was found to take over" in row[0]


def test_an_absence_moves_work_and_records_and_gives_them_back(firm: Firm) -> None:
    record = firm.ask("li", "to_one")
    own = firm.ask("bo", "automatic")
    firm.delegates("bo", "bea", absence=True, end=firm.clock.now() + DAY, reason="holiday")
    firm.ring()
    away = (firm.holders("do"), firm.owner(own), firm.owner(record))
    firm.clock.advance(DAY)
    firm.ring()

    assert away == (["bea"], "bea", "li")
    assert (firm.only("bo").record_id, firm.owner(own)) == (record, "bo")


def test_finished_records_stay_with_who_had_them(firm: Firm) -> None:
    done = firm.ask("bo", "automatic")
    firm.change_state(done)

    leave(firm, "bo")

    assert firm.owner(done) == "bo"


def test_a_leader_hands_over_piece_by_piece_and_reads_what_went(firm: Firm) -> None:
    first, second = firm.ask("bo", "automatic"), firm.ask("bo", "automatic")
    firm.ask("li", "to_one")
    task = firm.only("bo")

    with firm.reading("bea") as tx:
        count = count_owned(tx, firm.ids["bo"])
    done = by_hand(firm, "bea", "bo", "wu", Wish((task.id,), reason="too much"))

    assert (count, done) == ({"request": 2}, Outcome(1, ()))
    assert firm.only("wu").id == task.id
    assert (firm.owner(first), firm.owner(second)) == ("bo", "bo")
    with firm.reading("bea") as tx:
        (row,) = of_giver(tx, firm.ids["bo"])
    assert (row.taker, row.cause.note) == (firm.ids["wu"], "too much")


def test_all_at_once_names_what_had_to_stay(firm: Firm) -> None:
    record = firm.ask("bo", "automatic")
    firm.ask("wu", "to_one")

    done = by_hand(firm, "bea", "bo", "wu", Wish(everything=True))

    assert (done.moved, [one.code for one in done.refused]) == (1, ["REQUESTER"])
    assert (firm.owner(record), firm.holders()) == ("wu", ["bo"])


def test_nobody_hands_over_the_work_of_people_they_do_not_lead(firm: Firm) -> None:
    firm.ask("li", "to_one")

    with pytest.raises(ForbiddenError, match="do not lead"):
        by_hand(firm, "li", "bo", "li", Wish(everything=True))


def test_who_is_active_again_keeps_what_they_have(firm: Firm) -> None:
    firm.ask("li", "to_one")
    firm.change("user", firm.ids["bo"], active=False)
    firm.change("user", firm.ids["bo"], active=True)
    firm.ring()

    assert firm.holders() == ["bo"]
