"""The one door: what no route may do, and what every write leaves right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from trellis.engine import records
from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError
from trellis.engine.records.storing import Entry, insert_record

from tests.integration.engine.ledger.conftest import Ledger, at_once


def codes(error: InvalidError) -> dict[str, str]:
    return {str(one["field"]): str(one["code"]) for one in error.details}


# States


@pytest.mark.parametrize("login", ["kit", "system"])
def test_a_state_cannot_be_written_by_anybody(ledger: Ledger, login: str) -> None:
    entry = ledger.entry()

    with pytest.raises(InvalidError) as caught:
        ledger.update(login, "entry", entry, state="posted")
    with pytest.raises(InvalidError) as moved:
        ledger.move(login, entry, "post", {"amount": 1, "state": "void"})

    assert codes(caught.value) == {"state": "TRANSITION_ONLY"}
    assert "state" in codes(moved.value)
    assert ledger.get("entry", entry)["state"] == "draft"


def test_an_initial_state_belongs_to_the_roles_it_names(ledger: Ledger) -> None:
    assert ledger.get("entry", ledger.entry("kit", state="old"))["state"] == "old"
    assert ledger.get("entry", ledger.entry("system", state="old"))["state"] == "old"
    for login, state in (("cla", "old"), ("kit", "posted"), ("system", "void")):
        with pytest.raises(InvalidError) as caught:
            ledger.entry(login, state=state)
        assert codes(caught.value) == {"state": "INITIAL_STATE"}


def test_a_transition_without_who_needs_the_right_to_update(ledger: Ledger) -> None:
    entry = ledger.entry("cla", amount=5)

    for login in ("rea", "cleo"):
        with pytest.raises(ForbiddenError, match="not yours"):
            ledger.move(login, entry, "post", {"amount": 6})
    ledger.move("cla", entry, "post", {"amount": 6})

    assert ledger.get("entry", entry)["note"] == "posted by cla"


def test_a_person_named_by_an_expression_may_move(ledger: Ledger) -> None:
    entry = ledger.entry("cla", amount=5)

    with pytest.raises(ForbiddenError):
        ledger.move("cleo", entry, "cancel", comment="mine?")
    with pytest.raises(InvalidError, match="say why"):
        ledger.move("cla", entry, "cancel")
    ledger.move("cla", entry, "cancel", comment="made twice")

    with pytest.raises(ConflictError, match="does not start from `void`"):
        ledger.move("kit", entry, "cancel", comment="again")


def test_a_transition_may_ask_for_rows(ledger: Ledger) -> None:
    entry = ledger.entry(amount=5)
    ledger.move("kit", entry, "post", {"amount": 5})

    with pytest.raises(InvalidError) as caught:
        ledger.move("kit", entry, "deliver")
    ledger.move("kit", entry, "deliver", {"lines": [{"name": "bolt"}]})

    assert codes(caught.value) == {"lines": "REQUIRED"}
    assert ledger.get("entry", entry)["pieces"] == 1


def test_the_rows_of_a_read_only_record_are_read_only(ledger: Ledger) -> None:
    entry = ledger.entry(amount=5, lines=[{"name": "bolt"}])
    line = ledger.get("entry", entry)["lines"][0]["id"]
    ledger.move("kit", entry, "cancel", comment="no")

    for attempt in (
        lambda: ledger.update("kit", "entry_line", line, count=9),
        lambda: ledger.delete("entry_line", line),
        lambda: ledger.create("kit", "entry_line", entry=entry, name="nut"),
    ):
        with pytest.raises(ConflictError, match="read-only"):
            attempt()


# Fields


def test_nobody_writes_what_the_platform_keeps(ledger: Ledger) -> None:
    entry = ledger.entry(amount=5)

    for login in ("kit", "system"):
        with pytest.raises(InvalidError) as caught:
            ledger.update(login, "entry", entry, two=9, pieces=9, number="E-1")
        assert codes(caught.value) == dict.fromkeys(("two", "pieces", "number"), "COMPUTED")


def test_formulas_are_computed_behind_those_they_read(ledger: Ledger) -> None:
    entry = ledger.entry(amount="1.50")
    assert (ledger.get("entry", entry)["two"], ledger.get("entry", entry)["four"]) == (3, 6)

    ledger.update("kit", "entry", entry, amount=2)

    assert (ledger.get("entry", entry)["two"], ledger.get("entry", entry)["four"]) == (4, 8)


def test_a_stored_formula_over_a_roll_up_follows_it(ledger: Ledger) -> None:
    ledger.entry(amount=10)

    assert ledger.get("account", ledger.ids["one"])["double"] == 20
    assert ledger.get("account_group", ledger.ids["group"])["worth"] == 10


def test_a_field_is_read_only_for_people_but_not_for_its_default(ledger: Ledger) -> None:
    entry = ledger.entry(kind="b", reason="why")
    assert ledger.get("entry", entry)["fee"] == 1

    with pytest.raises(InvalidError) as caught:
        ledger.update("kit", "entry", entry, fee=5)

    assert codes(caught.value) == {"fee": "READONLY"}
    ledger.update("kit", "entry", entry, kind="a", fee=5)


def test_a_field_is_required_while_its_condition_holds(ledger: Ledger) -> None:
    entry = ledger.entry()

    with pytest.raises(InvalidError) as caught:
        ledger.update("kit", "entry", entry, kind="b")

    assert codes(caught.value) == {"reason": "REQUIRED"}


def test_validations_see_the_rows_as_they_will_be(ledger: Ledger) -> None:
    with pytest.raises(InvalidError) as caught:
        ledger.entry(lines=[{"name": "bolt", "count": 51}])
    entry = ledger.entry(lines=[{"name": "bolt", "count": 50}])
    line = ledger.get("entry", entry)["lines"][0]["id"]
    with pytest.raises(InvalidError) as changed:
        ledger.update("kit", "entry", entry, lines=[{"id": line, "count": 60}])

    assert codes(caught.value) == codes(changed.value) == {"lines": "VALIDATION"}
    assert ledger.get("entry", entry)["pieces"] == 50


def test_an_owner_that_does_not_exist_is_refused(ledger: Ledger) -> None:
    nobody = "01234567-89ab-7def-8123-456789abcdef"

    with pytest.raises(InvalidError) as caught:
        ledger.entry(owner=nobody)

    assert codes(caught.value) == {"owner": "NO_RECORD"}


def test_a_stale_revision_shows_both_lists(ledger: Ledger) -> None:
    one, two = ledger.create("kit", "tag", name="a"), ledger.create("kit", "tag", name="b")
    entry = ledger.entry(tags=[one])
    ledger.update("kit", "entry", entry, tags=[two])

    with pytest.raises(ConflictError) as caught, ledger.writing("kit") as tx:
        records.update(tx, "entry", entry, {"tags": []}, rev=1)

    assert caught.value.details[1] == {"field": "tags", "yours": [], "theirs": [two]}


def test_a_singleton_has_one_record_that_stays(ledger: Ledger) -> None:
    made = at_once(*[lambda: ledger.create("kit", "house_rules")] * 2)
    rules = next(one for one in made if isinstance(one, str))

    assert sum(isinstance(one, InvalidError) for one in made) == 1
    with pytest.raises(ConflictError, match="has one record"):
        ledger.delete("house_rules", rules)


# Deletion


def test_deleting_clears_cascades_or_refuses_and_restoring_brings_back(ledger: Ledger) -> None:
    account = ledger.create("kit", "account", name="three")
    memo = ledger.create("kit", "memo", text="m", account=account)
    pin = ledger.create("kit", "pin", text="p", account=account)
    entry = ledger.create("kit", "entry", account=account, amount=3, lines=[{"name": "bolt"}])
    with pytest.raises(ConflictError, match="1 records of `entry` refer to it"):
        ledger.delete("account", account)

    ledger.delete("entry", entry)
    ledger.delete("account", account)

    assert ledger.get("pin", pin)["account"] is None
    assert ledger.rows("SELECT count(*) FROM r_memo WHERE deleted_at IS NOT NULL") == [(1,)]
    ledger.restore("account", account)
    assert ledger.get("memo", memo)["account"]["id"] == account
    ledger.restore("entry", entry)
    assert ledger.get("entry", entry)["lines"][0]["title"] == "bolt"
    assert ledger.get("account", account)["total"] == 3


def test_nothing_is_restored_onto_what_is_deleted(ledger: Ledger) -> None:
    account = ledger.create("kit", "account", name="three")
    entry = ledger.create("kit", "entry", account=account)
    ledger.delete("entry", entry)
    ledger.delete("account", account)

    with pytest.raises(InvalidError) as caught:
        ledger.restore("entry", entry)

    assert codes(caught.value) == {"account": "NO_RECORD"}


def test_lists_of_references_are_kept_cleared_or_refused_too(ledger: Ledger) -> None:
    used, listed = ledger.create("kit", "tag", name="a"), ledger.create("kit", "tag", name="b")
    ledger.entry(tags=[used])
    pin = ledger.create("kit", "pin", text="p", tags=[listed])

    with pytest.raises(ConflictError, match="`entry` refer"):
        ledger.delete("tag", used)
    ledger.delete("tag", listed)

    assert ledger.get("pin", pin)["tags"] == []


def test_a_rule_may_refuse_a_deletion(ledger: Ledger) -> None:
    entry = ledger.entry(amount=2000)

    with pytest.raises(InvalidError, match="what is big stays"):
        ledger.delete("entry", entry)


# Uniqueness and numbers


def test_the_database_says_that_a_value_is_taken_as_we_do(ledger: Ledger) -> None:
    row = {"id": "01234567-89ab-7def-8123-456789abcdef", "rev": 1, "name": "one"}

    with pytest.raises(InvalidError) as caught, ledger.writing("kit") as tx:
        moments = dict.fromkeys(("created_at", "updated_at"), tx.now)
        insert_record(tx, "account", row["id"], {**row, **moments}, Entry("create"))

    assert codes(caught.value) == {"name": "UNIQUE"}


def test_of_many_who_take_a_name_at_once_one_gets_it(ledger: Ledger) -> None:
    answers = at_once(*[lambda: ledger.create("kit", "tag", name="x")] * 6)

    assert sum(isinstance(one, str) for one in answers) == 1
    refused = [one for one in answers if isinstance(one, InvalidError)]
    assert [codes(one) for one in refused] == [{"name": "UNIQUE"}] * 5


def test_numbers_have_no_gaps_and_no_doubles_and_begin_again_each_year(ledger: Ledger) -> None:
    def work(fails: bool) -> Any:
        values = {"kind": "b"} if fails else {}
        return lambda: [_try(ledger, values) for _ in range(3)]

    at_once(*[work(fails=place % 2 == 1) for place in range(6)])
    ledger.clock.moment = ledger.clock.moment.replace(year=2027)
    ledger.entry()

    numbers = [row[0] for row in ledger.rows("SELECT f_number FROM r_entry ORDER BY f_number")]
    assert numbers == [f"E-2026-{n:04d}" for n in range(1, 10)] + ["E-2027-0001"]


def _try(ledger: Ledger, values: dict[str, Any]) -> None:
    try:
        ledger.entry(**values)
    except InvalidError:
        return


def test_decimals_are_exact_to_their_last_digit(ledger: Ledger) -> None:
    for amount in ("9999999999.99", "0.01", "-0.02"):
        ledger.entry(amount=amount)

    account = ledger.get("account", ledger.ids["one"])
    assert account["total"] == Decimal("9999999999.98")
    assert account["mean"] == Decimal("3333333333.33")
