"""Check A 9: what is computed from a hidden field is hidden from the same people."""

from __future__ import annotations

import pytest

from tests.fakes.depot import FILES, Depot, package
from tests.hostile.surface import CUSTOMERS, MGR, ORDERS, TECH

FIELDS = r"""
      margin: {type: formula, of: decimal, formula: 'amount - internal_cost', stored: true}
      twice: {type: formula, of: decimal, formula: 'internal_cost * 2'}
      again: {type: formula, of: decimal, formula: 'record.twice + 1'}
      credit: {type: formula, of: decimal, formula: 'customer.credit_limit'}
      loop: {type: formula, of: decimal,
             formula: 'sum(for one in [record] return one.internal_cost)'}
      listed: {type: formula, of: decimal, formula: 'sum(customer.orders.internal_cost)'}
      dear: {type: formula, of: boolean, formula: 'count(customer.orders[internal_cost > 5]) > 0'}
      behind: {type: formula, of: decimal, formula: 'get value({a: record}, "a").internal_cost'}
      late: {type: formula, of: text,
             formula: 'string(get value({a: record}, ["a", "internal_cost"]))'}
      merged: {type: formula, of: text,
               formula: 'string(context merge([{a: 1}, get value({a: record}, "a")]))'}
      double: {type: formula, of: decimal, formula: 'amount * 2'}
      lines:"""
ROLLUPS = """
      costs: {type: rollup, from: order.customer, sum: internal_cost}
      dears: {type: rollup, from: order.customer, count: true, where: 'internal_cost > 5'}
      number_of: {type: rollup, from: order.customer, count: true}
      orders:"""
SECRET = ("margin", "twice", "again", "credit", "loop", "listed", "dear", "behind")


@pytest.fixture(scope="module")
def computing(depot: Depot) -> Depot:
    """Give a depot whose orders compute with what clerks may not see."""
    objects = FILES["objects.yaml"].replace("\n      lines:", FIELDS)
    objects = objects.replace("\n      orders:", ROLLUPS)
    depot.application.install([package({**FILES, "objects.yaml": objects})])
    return depot


def order_of_clerk(depot: Depot) -> str:
    customer = depot.customer("Probe", credit_limit="5555.00")
    return depot.order(TECH, internal_cost="7.00", customer=customer)


def test_9_a_clerk_reads_no_value_that_is_made_of_a_hidden_one(computing: Depot) -> None:
    order = order_of_clerk(computing)

    seen = computing.caller(TECH).get(f"{ORDERS}/{order}").json
    twin = computing.caller(MGR).get(f"{ORDERS}/{order}").json

    assert not set(SECRET) & set(seen)
    assert seen["late"] in (None, "null")
    assert seen["merged"] in (None, "null")
    assert seen["double"] == 20
    assert [twin[key] for key in SECRET] == [3, 14, 15, 5555, 7, 7, True, 7]


@pytest.mark.parametrize("key", SECRET)
@pytest.mark.parametrize("parameter", ["fields", "sort", "filter"])
def test_9_nor_asks_about_one(computing: Depot, parameter: str, key: str) -> None:
    order_of_clerk(computing)
    text = f"{key} = null" if parameter == "filter" else key

    refused = computing.caller(TECH).get(ORDERS, **{parameter: text})

    assert refused.status_code == 422
    assert f"no field `{key}`" in refused.get_data(as_text=True) or parameter == "filter"


def test_9_nor_sums_them_up(computing: Depot) -> None:
    order_of_clerk(computing)

    seen = computing.caller(TECH).get(CUSTOMERS, search="Probe").json["items"][0]
    twin = computing.caller(MGR).get(CUSTOMERS, search="Probe").json["items"][0]

    assert not {"costs", "dears"} & set(seen)
    assert (seen["number_of"], twin["costs"], twin["dears"]) == (1, 7, 1)


def test_9_a_value_stored_by_a_clerks_write_shows_in_no_history(computing: Depot) -> None:
    order = order_of_clerk(computing)
    clerk = computing.caller(TECH)

    clerk.patch(f"{ORDERS}/{order}", {"amount": 100}, 1)

    assert "margin" not in clerk.get(f"{ORDERS}/{order}/history").get_data(as_text=True)
    assert computing.caller(MGR).get(f"{ORDERS}/{order}").json["margin"] == 93


@pytest.mark.parametrize(
    "reading",
    [
        'get value(record, "internal_cost")', "get entries(record)", "context merge(record)",
        'context put(record, "a", 1)', 'get value(customer, "credit_limit")',
    ],
)  # fmt: skip
def test_9_a_field_cannot_be_read_under_a_name_made_at_run_time(
    computing: Depot, reading: str
) -> None:
    computed = f"late: {{type: formula, of: text, formula: 'string({reading})'}}\n      lines:"
    objects = FILES["objects.yaml"].replace("lines:", computed, 1)

    checked = computing.caller("dan").post(
        "/packages/check", {"files": {**FILES, "objects.yaml": objects}}
    )

    assert checked.status_code == 422
