"""Lists and records as HTML, and the filters of a list."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.filter_bar import (
    FilterState,
    filter_fields,
    filterable,
    literal,
    read_filters,
)
from trellis.formbuilder.layout import layout_of
from trellis.formbuilder.list_page import columns_of, compile_list, default_columns
from trellis.formbuilder.record_page import compile_record
from trellis.formbuilder.values import Reference

from tests.fakes.desk import CATALOG, INVOICE

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
READER = Audience("en", ZoneInfo("Asia/Shanghai"))


def filters(**sent: list[str]) -> FilterState:
    named = {"f." + name.replace("__", "."): texts for name, texts in sent.items()}
    fields = filterable(INVOICE, frozenset(), ())
    return read_filters(fields, named, CATALOG, INVOICE, READER, {"c1": "Acme"})


def test_a_row_links_to_its_record_by_its_first_plain_column() -> None:
    columns = columns_of(CATALOG, INVOICE, ["customer", "title", "amount"], READER)
    page = compile_list(CATALOG, INVOICE, columns, READER)

    html = page.rows([("r1", (Reference("c", "Acme"), "Offer <1>", Decimal(5)))], NOW)

    assert '<a href="/o/invoice/r1">Offer &lt;1&gt;</a>' in html
    assert '<td class="num" data-th="Amount">CN¥5.00</td>' in html


def test_a_record_without_a_title_can_still_be_opened() -> None:
    columns = columns_of(CATALOG, INVOICE, ["title"], READER)
    page = compile_list(CATALOG, INVOICE, columns, READER)

    assert '<a href="/o/invoice/r1">…</a>' in page.rows([("r1", (None,))], NOW)


def test_a_path_through_a_reference_is_called_after_the_reference() -> None:
    columns = columns_of(CATALOG, INVOICE, ["customer.name", "customer.level"], READER)

    assert [column.label for column in columns] == ["Customer", "Customer › Level"]


def test_columns_nobody_chose_begin_with_title_and_state_and_leave_masks_out() -> None:
    assert default_columns(INVOICE, frozenset({"amount"}))[:2] == ("title", "status")
    assert "amount" not in default_columns(INVOICE, frozenset({"amount"}))


def test_a_record_page_leaves_out_sections_in_which_nothing_is_filled_in() -> None:
    layout = layout_of(CATALOG, INVOICE, CATALOG.forms["invoice_form"], READER, frozenset())
    page = compile_record(CATALOG, layout, READER)

    html = page.body({"title": "Offer"}, NOW)

    assert "<h2>Invoice</h2>" in html
    assert "<h2>Amounts</h2>" not in html


def test_filters_become_one_condition() -> None:
    state = filters(urgency=["high", "low"], amount__min=["1,000"], paid=["true"])

    assert sorted(state.condition.split(" and ")) == [
        "record.amount >= 1000",
        "record.paid = true",
        'record.urgency in ("high", "low")',
    ]


def test_a_day_is_taken_in_the_readers_zone() -> None:
    assert filters(due_at__max=["2026-03-02"]).condition == (
        'record.due_at < date and time("2026-03-02T16:00:00Z")'
    )


def test_a_filter_says_what_it_means() -> None:
    state = filters(urgency=["high"], customer=["c1"])

    assert {(part.label, part.text) for part in state.parts} == {
        ("Urgency", "High"),
        ("Customer", "Acme"),
    }


def test_a_text_cannot_break_out_of_its_literal() -> None:
    hostile = '" or true or "'

    condition = filters(title=[hostile]).condition

    assert condition == f"contains(lower case(record.title), {literal(hostile)})"
    assert literal(hostile) == r'"\" or true or \""'


def test_an_unreadable_filter_is_a_problem_and_no_condition() -> None:
    state = filters(amount__min=["lots"])

    assert state.problems == ["Amount: needs a number"]
    assert state.condition == ""


def test_the_panel_shows_what_is_on() -> None:
    fields = filterable(INVOICE, frozenset(), ("urgency",))
    sent = {"f.urgency": ["high"], "f.amount.min": ["5"]}

    html = filter_fields(fields, sent, CATALOG, INVOICE, READER, {})

    assert 'name="f.urgency" value="high" checked' in html
    assert 'name="f.amount.min" value="5"' in html
