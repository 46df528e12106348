"""Definitions change while there are records: what stays, what is filled in, what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from trellis.engine.errors import InvalidError
from trellis.problems import ProblemsFoundError
from trellis.storage import schema_change

from tests.fakes.workshop import Workshop

CUSTOMER = "  customer: {label: Customer, title: name, fields: {name: {type: text}%s}}\n"
LINE = (
    "  line: {label: Line, fields: {customer: {type: ref, to: customer},"
    " cost: {type: money, currency: EUR}}}\n"
)


def customer(more: str = "") -> str:
    return CUSTOMER % (", " + more if more else "")


def refusal(workshop: Workshop, objects: str) -> str:
    with pytest.raises(ProblemsFoundError) as caught:
        workshop.install(objects)
    return str(caught.value)


def test_a_field_is_added_to_a_table_with_rows(workshop: Workshop) -> None:
    workshop.install(customer())
    acme = workshop.create("customer", name="Acme")

    done = workshop.install(customer("size: {type: integer, default: 5}, since: {type: date}"))

    assert workshop.get("customer", acme)["size"] is None
    assert workshop.get("customer", workshop.create("customer", name="Bond"))["size"] == 5
    assert len([line for line in done.operations if line.startswith("add column")]) == 2


def test_a_reference_that_is_added_later_is_a_foreign_key_too(workshop: Workshop) -> None:
    workshop.install(customer())

    workshop.install(
        customer("parent: {type: ref, to: customer}, friends: {type: refs, to: customer}")
    )

    keys = workshop.inspect().get_foreign_keys(workshop.table("customer").table.name)
    assert [key["constrained_columns"] for key in keys] == [[workshop.column("customer", "parent")]]
    assert keys[0]["referred_table"] == workshop.table("customer").table.name
    link = workshop.table("customer").links["friends"].table.name
    assert len(workshop.inspect().get_foreign_keys(link)) == 2


def test_what_goes_keeps_its_column_and_a_new_field_of_the_key_gets_another(
    workshop: Workshop,
) -> None:
    workshop.install(customer("code: {type: text}"))
    acme = workshop.create("customer", name="Acme", code="A-1")
    old = workshop.column("customer", "code")

    workshop.install(customer())
    workshop.install(customer("code: {type: integer}"))

    new = workshop.column("customer", "code")
    assert (old, new) == ("f_code", "f_code_2")
    assert workshop.get("customer", acme)["code"] is None
    workshop.update("customer", acme, code=7)
    table = workshop.table("customer").table.name
    assert workshop.sql(f"SELECT {old} FROM {table}") == ["A-1"]


def test_a_renamed_field_keeps_its_values_its_number_and_its_column(workshop: Workshop) -> None:
    workshop.install(customer('code: {type: auto, format: "C-{000}"}, size: {type: integer}'))
    acme = workshop.create("customer", name="Acme", size=5)

    done = workshop.install(
        customer(
            'number: {type: auto, format: "C-{000}", was: code}, 数量: {type: integer, was: size}'
        )
    )

    assert done.operations == ()
    assert workshop.get("customer", acme)["number"] == "C-001"
    assert workshop.get("customer", acme)["数量"] == 5
    assert workshop.get("customer", workshop.create("customer", name="Bond"))["number"] == "C-002"
    assert workshop.column("customer", "number") == "f_code"


def test_the_old_key_of_a_renamed_field_may_be_given_again(workshop: Workshop) -> None:
    workshop.install(customer("size: {type: integer}"))
    acme = workshop.create("customer", name="Acme", size=5)
    workshop.install(customer("pieces: {type: integer, was: size}"))

    workshop.install(customer("pieces: {type: integer}, size: {type: text}"))

    assert workshop.get("customer", acme)["pieces"] == 5
    assert workshop.get("customer", acme)["size"] is None
    assert workshop.column("customer", "size") == "f_size_2"


def test_an_old_version_of_the_catalog_keeps_its_own_names(workshop: Workshop) -> None:
    first = workshop.install(customer("size: {type: integer}")).version
    workshop.install(customer("pieces: {type: integer, was: size}"))

    with workshop.app.database.read() as connection:
        old = workshop.app.workspace.compiled_at(connection, first)

    assert old.table("customer").columns["size"].name == workshop.column("customer", "pieces")


def test_long_and_foreign_keys_have_short_plain_names(workshop: Workshop) -> None:
    key = "ñ" * 40
    workshop.install(customer(f"{key}: {{type: text}}, 客户名称: {{type: text}}"))

    acme = workshop.create("customer", **{"name": "Acme", key: "x", "客户名称": "甲"})

    assert workshop.get("customer", acme)["客户名称"] == "甲"
    names = [workshop.column("customer", name) for name in (key, "客户名称")]
    assert all(name.isascii() and len(name) <= 55 for name in names)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{type: text}", "{type: integer}"), ("{type: integer}", "{type: decimal}"),
        ("{type: decimal, scale: 2}", "{type: decimal, scale: 3}"),
        ("{type: date}", "{type: datetime}"), ("{type: json}", "{type: text}"),
        ("{type: ref, to: customer}", "{type: user}"),
        ("{type: file}", "{type: ref, to: customer}"),
        ("{type: ref, to: customer}", "{type: refs, to: customer}"),
        ("{type: refs, to: customer}", "{type: users}"), ("{type: duration}", "{type: integer}"),
    ],
)  # fmt: skip
def test_a_change_of_type_that_would_convert_values_is_refused(
    workshop: Workshop, before: str, after: str
) -> None:
    workshop.install(customer(f"it: {before}"))

    told = refusal(workshop, customer(f"it: {after}"))

    assert "error[APPLY001]: `it` of `customer` holds `" in told
    assert "objects.yaml:2:" in told


@pytest.mark.parametrize(
    ("before", "after"),
    [("{type: text}", "{type: email}"), ("{type: text}", "{type: text_long}"),
     ("{type: decimal, digits: 6, scale: 2}", "{type: decimal, digits: 16, scale: 2}")],
)  # fmt: skip
def test_a_change_of_type_that_keeps_every_value_is_made(
    workshop: Workshop, before: str, after: str
) -> None:
    workshop.install(customer(f"it: {before}"))
    value: Any = "a@b.example" if "text" in before else Decimal("1234.50")
    acme = workshop.create("customer", name="Acme", it=value)

    workshop.install(customer(f"it: {after}"))

    assert workshop.get("customer", acme)["it"] == value
    if "digits" in after:
        workshop.update("customer", acme, it="12345678901234.56")
        assert workshop.get("customer", acme)["it"] == Decimal("12345678901234.56")


def test_fewer_digits_than_values_may_have_are_refused(workshop: Workshop) -> None:
    workshop.install(customer("it: {type: decimal, digits: 10, scale: 2}"))

    told = refusal(workshop, customer("it: {type: decimal, digits: 8, scale: 2}"))

    assert "error[APPLY002]" in told


def test_a_new_promise_of_uniqueness_that_records_break_is_refused(workshop: Workshop) -> None:
    workshop.install(customer("code: {type: text}"))
    for name, code in (("Acme", "A"), ("Bond", "A"), ("Cato", None), ("Dent", None)):
        workshop.create("customer", name=name, code=code)

    told = refusal(workshop, customer("code: {type: text, unique: true}"))

    assert "APPLY003]: `code` of `customer` cannot be unique: 1 values are shared" in told


def test_uniqueness_comes_and_goes_with_the_definition(workshop: Workshop) -> None:
    workshop.install(customer("code: {type: text}"))
    workshop.create("customer", name="Acme", code="A")
    workshop.install(customer("code: {type: text, unique: true}"))

    with pytest.raises(InvalidError):
        workshop.create("customer", name="Bond", code="A")
    workshop.install(customer("code: {type: text}"))
    workshop.create("customer", name="Bond", code="A")

    assert sorted(workshop.values("customer", "code")) == ["A", "A"]


def test_what_is_deleted_frees_its_unique_value(workshop: Workshop) -> None:
    workshop.install(customer("code: {type: text, unique: true}"))
    workshop.delete("customer", workshop.create("customer", name="Acme", code="A"))

    assert workshop.create("customer", name="Acme again", code="A")


def test_groups_of_fields_are_unique_together(workshop: Workshop) -> None:
    workshop.install(
        "  customer: {label: Customer, fields: {name: {type: text}, city: {type: text}},"
        " unique: [[name, city]]}\n"
    )
    workshop.create("customer", name="Acme", city="Bonn")
    workshop.create("customer", name="Acme", city="Köln")

    with pytest.raises(InvalidError):
        workshop.create("customer", name="Acme", city="Bonn")


def test_new_computed_fields_are_filled_in_for_old_records(workshop: Workshop) -> None:
    workshop.install(customer() + LINE)
    acme, bond = (workshop.create("customer", name=name) for name in ("Acme", "Bond"))
    for cost in ("1.10", "2.20"):
        workshop.create("line", customer=acme, cost=cost)

    workshop.install(
        customer(
            "cost: {type: rollup, from: line.customer, sum: cost},"
            " lines: {type: rollup, from: line.customer, count: true},"
            " big: {type: formula, of: boolean, formula: 'cost > 3', stored: true}"
        )
        + LINE
    )

    assert [workshop.get("customer", acme)[key] for key in ("cost", "lines", "big")] == [
        Decimal("3.30"), 2, True,
    ]  # fmt: skip
    assert [workshop.get("customer", bond)[key] for key in ("cost", "lines", "big")] == [
        0,
        0,
        False,
    ]
    assert workshop.get("customer", acme)["rev"] == 1


def test_a_computed_field_may_change_its_type(workshop: Workshop) -> None:
    workshop.install(customer("it: {type: formula, of: integer, formula: '5', stored: true}"))
    acme = workshop.create("customer", name="Acme")

    workshop.install(
        customer("it: {type: formula, of: text, formula: 'name + \"!\"', stored: true}")
    )

    assert workshop.get("customer", acme)["it"] == "Acme!"


def test_a_change_that_fails_half_way_leaves_nothing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.install(customer())
    acme = workshop.create("customer", name="Acme")
    before = _state(workshop)
    changed = schema_change._change_indexes

    def fail_at_the_end(change: Any, table: Any) -> None:
        changed(change, table)
        if table.name == workshop_table:
            raise RuntimeError("the power went out")

    workshop_table = workshop.table("customer").table.name
    monkeypatch.setattr(schema_change, "_change_indexes", fail_at_the_end)
    with pytest.raises(RuntimeError, match="power"):
        workshop.install(
            customer("code: {type: text, unique: true}, parent: {type: ref, to: customer}") + LINE
        )

    columns = [one["name"] for one in workshop.inspect().get_columns(workshop_table)]
    assert not {"f_code", "f_parent"} & set(columns)
    assert _state(workshop) == before
    assert workshop.get("customer", acme)["name"] == "Acme"
    monkeypatch.undo()
    assert workshop.install(customer("code: {type: text}") + LINE).changed


def _state(workshop: Workshop) -> tuple[list[str], list[int]]:
    versions = workshop.sql("SELECT version FROM trellis_catalog ORDER BY version")
    return sorted(workshop.inspect().get_table_names()), versions


def test_the_same_definitions_again_change_nothing(workshop: Workshop) -> None:
    workshop.install(customer())
    workshop.releases -= 1

    done = workshop.install(customer())

    assert (done.changed, done.operations) == (False, ())
