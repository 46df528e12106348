"""Writes through the one door: what is stored, what is refused, and how it is said."""

from __future__ import annotations

from decimal import Decimal

import pytest
from trellis.engine.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from trellis.storage.history import chain_problems

from tests.integration.engine.conftest import House


def fields_of(error: InvalidError) -> dict[str, str]:
    return {str(detail["field"]): str(detail["code"]) for detail in error.details}


def test_a_new_record_has_its_number_defaults_and_formulas(house: House) -> None:
    case = house.create("li", "case", {"title": "Pump", "client": house.ids["acme"],
                                       "amount": "12.345"})  # fmt: skip

    stored = house.get("li", "case", case)
    assert stored["number"] == "C-2026-00001"
    assert stored["status"] == "new"
    assert (stored["amount"], stored["double"]) == (Decimal("12.34"), Decimal("24.68"))
    assert stored["words"] == "case C-2026-00001"
    assert stored["owner"]["title"] == "Li"
    assert stored["client"] == {"id": house.ids["acme"], "title": "Acme"}


def test_every_refused_key_is_named_at_once(house: House) -> None:
    with pytest.raises(InvalidError) as caught:
        house.create("li", "case", {"titel": "x", "amount": "many", "rev": 7, "double": 3})

    assert fields_of(caught.value) == {
        "titel": "UNKNOWN_FIELD",
        "amount": "TYPE",
        "rev": "UNKNOWN_FIELD",
        "double": "COMPUTED",
    }
    assert "did you mean `title`?" in caught.value.message


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"urgent": True}, "note", "REQUIRED"),
        ({"title": "x" * 101}, "title", "TYPE"),
        ({"amount": -1}, "amount", "TYPE"),
        ({"amount": "100001"}, "amount", "VALIDATION"),
        ({"status": "open"}, "status", "INITIAL_STATE"),
        ({"status": "opn"}, "status", "TYPE"),
        ({"client": "01234567-89ab-7def-8123-456789abcdef"}, "client", "NO_RECORD"),
        ({"title": "SPAM"}, "None", "RULE"),
        ({"due": "31.12.2026"}, "due", "TYPE"),
        ({"parts": [{"name": ""}]}, "parts[0].name", "REQUIRED"),
        ({"title": "a\x00b"}, "title", "TYPE"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_field(
    house: House, values: dict[str, object], field: str, code: str
) -> None:
    whole = {"title": "ok", "client": house.ids["acme"], **values}

    with pytest.raises(InvalidError) as caught:
        house.create("li", "case", whole)

    assert fields_of(caught.value) == {field: code}
    assert house.titles("system") == []


def test_a_state_changes_through_its_transitions_only(house: House) -> None:
    case = house.create("li", "case", {"title": "x", "client": house.ids["acme"]})

    with pytest.raises(InvalidError, match="changes through transitions only"):
        house.update("li", "case", case, {"status": "open"})
    with pytest.raises(ConflictError, match="`close` does not start from `new`"):
        house.move("li", case, "close")
    with pytest.raises(ForbiddenError, match="not yours"):
        house.move("bo", case, "start")
    assert house.move("li", case, "start") == 2


def test_a_transition_asks_for_fields_comment_and_guard(house: House) -> None:
    case = house.create("li", "case", {"title": "x", "client": house.ids["acme"]})
    house.move("li", case, "start")

    with pytest.raises(InvalidError, match="say why"):
        house.move("li", case, "close", {"amount": 20})
    with pytest.raises(ConflictError, match="does not hold"):
        house.move("li", case, "close", {"amount": 5}, "small")
    with pytest.raises(InvalidError, match="does not take this field"):
        house.move("li", case, "close", {"title": "y"}, "x")
    house.move("li", case, "close", {"amount": 20}, "done")

    with pytest.raises(ConflictError, match="read-only"):
        house.update("li", "case", case, {"title": "y"})


def test_a_stale_revision_is_refused_with_both_values(house: House) -> None:
    case = house.create("li", "case", {"title": "first", "client": house.ids["acme"]})
    house.update("li", "case", case, {"title": "second"}, rev=1)

    with pytest.raises(ConflictError) as caught:
        house.update("li", "case", case, {"title": "third"}, rev=1)

    assert caught.value.code == "REV_CONFLICT"
    assert caught.value.details == [
        {"rev": 2},
        {"field": "title", "yours": "third", "theirs": "second"},
    ]


def test_roll_ups_follow_every_change_of_their_children(house: House) -> None:
    acme, bond = house.ids["acme"], house.ids["bond"]
    one = house.create("li", "case", {"title": "1", "client": acme, "amount": "1.10",
                                      "due": "2026-05-01"})  # fmt: skip
    two = house.create("li", "case", {"title": "2", "client": acme, "amount": "2.20"})
    assert totals(house, acme) == (2, Decimal("3.30"), "2026-05-01")

    house.update("li", "case", one, {"client": bond})
    assert totals(house, acme) == (1, Decimal("2.20"), "None")
    assert totals(house, bond) == (1, Decimal("1.10"), "2026-05-01")

    house.delete("li", "case", two)
    assert totals(house, acme) == (0, Decimal("0"), "None")


def totals(house: House, client: str) -> tuple[int, Decimal, str]:
    row = house.get("system", "client", client)
    return row["open_cases"], row["total"], str(row["latest"])


def test_rows_are_written_with_their_parent(house: House) -> None:
    case = house.create("li", "case", {"title": "x", "client": house.ids["acme"],
                                       "parts": [{"name": "bolt"}, {"name": "nut"}]})  # fmt: skip
    first = house.get("li", "case", case)["parts"][0]["id"]

    house.update("li", "case", case, {"parts": [{"id": first, "name": "screw", "count": 3}]})

    parts = house.page("li", "case_part").items
    assert [(part["name"], part["count"]) for part in parts] == [("screw", 3)]


def test_a_rule_sets_fields_and_tells_people(house: House) -> None:
    case = house.create("li", "case", {"title": "x", "client": house.ids["acme"]})

    house.update("li", "case", case, {"amount": 6000})

    assert house.get("li", "case", case)["note"] == "big since 2026-03-02"
    told = house.rows("SELECT user_id, title FROM trellis_notification ORDER BY user_id")
    assert sorted(str(row[0]) for row in told) == sorted([house.ids["bo"], house.ids["bea"]])
    assert {row[1] for row in told} == {"Big case C-2026-00001"}


def test_what_is_still_used_cannot_be_deleted(house: House) -> None:
    house.create("li", "case", {"title": "x", "client": house.ids["acme"]})

    with pytest.raises(ConflictError, match="1 records of `case` refer to it"):
        house.delete("li", "client", house.ids["acme"])


def test_a_unique_value_is_free_again_after_deletion(house: House) -> None:
    first = house.create("li", "client", {"name": "Once"})
    with pytest.raises(InvalidError, match="used by another record"):
        house.create("li", "client", {"name": "Once"})

    house.delete("li", "client", first)

    assert house.create("li", "client", {"name": "Once"}) != first


def test_a_tree_refuses_circles(house: House) -> None:
    with pytest.raises(InvalidError, match="below itself"):
        house.update("system", "zone", house.ids["zone"], {"parent": house.ids["city"]})


def test_somebody_elses_record_is_unknown_or_forbidden(house: House) -> None:
    case = house.create("system", "case", {"title": "x", "client": house.ids["bond"]})

    with pytest.raises(NotFoundError):
        house.update("li", "case", case, {"title": "y"})
    with pytest.raises(ForbiddenError):
        house.update("cy", "case", case, {"title": "y"})


def test_the_chain_of_history_shows_what_was_altered(house: House) -> None:
    case = house.create("li", "case", {"title": "x", "client": house.ids["acme"]})
    house.update("li", "case", case, {"title": "y"})
    with house.app.database.read() as connection:
        assert list(chain_problems(connection)) == []

    with house.app.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE trellis_history SET comment = 'forged' WHERE seq = 1 AND object_key = 'case'"
        )

    with house.app.database.read() as connection:
        assert [p.code for p in chain_problems(connection)] == ["HIST003"]
