"""Pages over the real engine, on a real database."""

from __future__ import annotations

import re

import sqlalchemy as sa

from tests.integration.pages.conftest import Browser, Desk
from tests.integration.pages.test_records import fields_of


def test_a_record_goes_from_the_form_to_the_list_and_the_timeline(office_desk: Desk) -> None:
    seller = office_desk.anna()
    office_desk.office.add("customer", name="Nordwind GmbH")

    made = seller.post(
        "/o/invoice/new",
        data={
            "title": "Offer",
            "customer": "",
            "customer.was": "",
            "customer.text": "nordwind",
            "amount": "1,234.50",
            "due_at": "2026-03-31T14:30",
            "lines.0.item": "Drive unit",
            "lines.0.quantity": "2",
        },
    )

    assert made.status_code == 303, made.text
    page = seller.get(made.location).text
    assert "CN¥1,234.50" in page
    assert "Drive unit" in page
    assert "created this" in page
    assert "31 Mar 2026 14:30" in page
    assert ">Offer</a>" in seller.get("/o/invoice").text


def test_what_the_engine_refuses_stands_beside_its_field(office_desk: Desk) -> None:
    seller = office_desk.anna()

    refused = seller.post("/o/invoice/new", data={"title": "Offer", "urgency": "high"})

    assert refused.status_code == 422
    assert 'id="e-customer">is required</p>' in refused.text
    assert 'id="e-reason">is required</p>' in refused.text


def test_a_form_saved_as_it_was_shown_changes_nothing(office_desk: Desk) -> None:
    seller, invoice = (
        office_desk.anna(),
        _invoice(office_desk, lines=[{"item": "Drive", "quantity": "2"}]),
    )

    form = fields_of(seller.get(f"/o/invoice/{invoice}/edit").text)
    saved = seller.post(f"/o/invoice/{invoice}/edit", data=form)

    assert saved.status_code == 303, saved.text
    assert "changed" not in seller.get(f"/o/invoice/{invoice}").text


def test_editing_shows_the_change_with_both_values(office_desk: Desk) -> None:
    seller, invoice = office_desk.anna(), _invoice(office_desk)
    form = fields_of(seller.get(f"/o/invoice/{invoice}/edit").text)

    seller.post(f"/o/invoice/{invoice}/edit", data={**form, "title": "Better offer"})

    page = seller.get(f"/o/invoice/{invoice}").text
    assert "Title: <del>Offer</del> → <ins>Better offer</ins>" in page


def test_the_second_to_save_is_told_and_may_insist(office_desk: Desk) -> None:
    seller, invoice = office_desk.anna(), _invoice(office_desk)
    form = fields_of(seller.get(f"/o/invoice/{invoice}/edit").text)
    seller.post(f"/o/invoice/{invoice}/edit", data={**form, "title": "Theirs"})

    clash = seller.post(f"/o/invoice/{invoice}/edit", data={**form, "title": "Mine"})
    insisted = seller.post(f"/o/invoice/{invoice}/edit", data=fields_of(clash.text))

    assert clash.status_code == 409
    assert "<del>Mine</del> is now <ins>Theirs</ins>" in clash.text
    assert insisted.status_code == 303
    assert "<h1>Mine " in seller.get(f"/o/invoice/{invoice}").text


def test_transitions_follow_the_state_and_ask_for_what_they_need(office_desk: Desk) -> None:
    seller, invoice = office_desk.anna(), _invoice(office_desk)
    address = f"/o/invoice/{invoice}"
    assert f"{address}/t/pay" not in seller.get(address).text

    seller.post(f"{address}/t/send")
    asked = seller.post(f"{address}/t/pay", data={"_comment": "by bank"})
    paid = seller.post(f"{address}/t/pay", data={"issued_on": "2026-03-02", "_comment": "by bank"})

    assert asked.status_code == 422
    assert "is required" in asked.text
    assert paid.status_code == 303
    page = seller.get(address).text
    assert "by bank" in page
    assert f"{address}/edit" not in page  # a paid invoice is read-only


def test_a_comment_is_said_and_read(office_desk: Desk) -> None:
    seller, invoice = office_desk.anna(), _invoice(office_desk)

    seller.post(f"/o/invoice/{invoice}/comments", data={"text": "客户确认周四"})

    assert "客户确认周四" in seller.get(f"/o/invoice/{invoice}").text


def test_a_reader_sees_their_rows_without_the_masked_field_and_cannot_edit_others(
    office_desk: Desk,
) -> None:
    rita = office_desk.office.person("rita", "reader")
    mine = _invoice(office_desk, assignee=rita, margin="77777")
    paid = _invoice(office_desk, assignee=rita, paid=True, title="Paid one")
    other = _invoice(office_desk, title="Not theirs")
    reader = office_desk.browser("rita")

    listed, page = reader.get("/o/invoice").text, reader.get(f"/o/invoice/{mine}").text

    assert "Not theirs" not in listed
    assert reader.get(f"/o/invoice/{other}").status_code == 404
    assert "Margin" not in page + listed + reader.get(f"/o/invoice/{mine}/edit").text
    assert f"/o/invoice/{mine}/edit" in page
    assert f"/o/invoice/{paid}/edit" not in reader.get(f"/o/invoice/{paid}").text
    assert "/o/invoice/new" not in listed
    assert "77,777" not in page


def test_a_view_filters_and_a_typed_condition_is_checked(office_desk: Desk) -> None:
    seller = office_desk.anna()
    _invoice(office_desk, title="Small", amount="5")
    _invoice(office_desk, title="Large", amount="5000")

    found = seller.get("/o/invoice?view=open_invoices&f.amount.min=100").text
    wrong = seller.get("/o/invoice?filter=amuont+%3E+5").text

    assert "Large" in found
    assert ">Small<" not in found
    assert "amuont" in wrong
    assert 'class="notice bad"' in wrong


def test_a_dead_cursor_is_said_and_not_a_fault(office_desk: Desk) -> None:
    seller = office_desk.anna()

    assert "is not a cursor of this list" in seller.get("/o/invoice?cursor=forged").text


def test_paging_walks_through_everything_once(office_desk: Desk) -> None:
    seller = office_desk.anna()
    customer = office_desk.office.add("customer", name="Acme")
    for number in range(60):
        office_desk.office.add("invoice", title=f"No {number:03}", customer=customer)

    first = seller.get("/o/invoice?view=all&sort=title").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = seller.get(following[1].replace("&amp;", "&")).text

    titles = re.findall(r">(No \d{3})</a>", first + second)
    assert titles == [f"No {number:03}" for number in range(60)]


def test_home_shows_what_was_touched_last(office_desk: Desk) -> None:
    seller = office_desk.anna()
    seller.post("/o/customer/new", data={"name": "Nordwind"})

    html = seller.get("/").text

    assert "Nordwind" in html
    assert ">Sales</p>" in html


def test_pages_and_forms_work_in_chinese(office_desk: Desk) -> None:
    seller, invoice = office_desk.enter("li", "seller", locale="zh-CN"), _invoice(office_desk)

    page = seller.get(f"/o/invoice/{invoice}").text
    refused = seller.post("/o/invoice/new", data={"title": ""}).text

    assert '<html lang="zh-CN"' in page
    assert "草稿" in page
    assert "必填" in refused


def test_a_related_list_offers_a_new_record_of_this_one(office_desk: Desk) -> None:
    seller = office_desk.anna()
    customer = office_desk.office.add("customer", name="Acme")

    page = seller.get(f"/o/customer/{customer}").text
    form = seller.get(f"/o/invoice/new?customer={customer}").text

    assert f'href="/o/invoice/new?customer={customer}"' in page
    assert f'name="customer" value="{customer}"' in form


def test_the_live_form_follows_its_condition(office_desk: Desk) -> None:
    seller = office_desk.anna()

    high = seller.post("/o/invoice/form", data={"urgency": "high"}).text
    normal = seller.post("/o/invoice/form", data={"urgency": "normal"}).text

    shut = '<fieldset hidden disabled role="none" class="field w2" id="d-reason">'
    assert 'id="d-reason"' in high and shut not in high
    assert shut in normal


def _invoice(office_desk: Desk, **values: object) -> str:
    customer = office_desk.office.add("customer", name="Acme")
    return office_desk.office.add("invoice", **{"title": "Offer", "customer": customer, **values})


def test_a_list_is_taken_away_as_it_is_filtered_and_no_cell_is_a_formula(
    office_desk: Desk,
) -> None:
    seller = office_desk.anna()
    _invoice(office_desk, title="=cmd|x", amount="5000", due_at="2026-03-31T06:30:00Z")
    _invoice(office_desk, title="Small", amount="5")

    answer = seller.get("/o/invoice/export.csv?view=open_invoices&f.amount.min=100")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="invoice.csv"'
    assert answer.text.splitlines() == [
        "\ufeffTitle,Customer,Status,Amount,Due",
        "'=cmd|x,Acme,Draft,5000.00,2026-03-31 14:30",
    ]


def test_who_may_not_export_gets_nothing(office_desk: Desk) -> None:
    reader = office_desk.enter("rita", "reader")

    assert "export.csv" not in reader.get("/o/invoice").text
    assert reader.get("/o/invoice/export.csv").status_code == 403


def test_a_form_that_could_not_be_saved_is_refused_in_the_frame_of_who_asks(
    office_desk: Desk,
) -> None:
    reader = office_desk.enter("rita", "reader")

    refused = reader.get("/o/invoice/new")

    assert refused.status_code == 403
    assert 'class="side-foot"' in refused.text


def test_what_the_door_refuses_is_told_in_the_frame_and_language_of_who_asks(
    office_desk: Desk,
) -> None:
    refused = office_desk.enter("rita", "seller", locale="zh-CN").get("/admin/users")

    assert refused.status_code == 403
    assert "您没有权限" in refused.text
    assert 'class="side-foot"' in refused.text


def test_the_log_of_events_asks_for_the_names_in_it_at_once(office_desk: Desk) -> None:
    for _ in range(3):
        _invoice(office_desk)
    admin = office_desk.enter("root", "admin")
    few = asked_by(office_desk, admin, "/admin/history?log=events")

    for _ in range(12):
        _invoice(office_desk)

    assert asked_by(office_desk, admin, "/admin/history?log=events") == few


def test_home_asks_for_what_somebody_worked_on_at_once(office_desk: Desk) -> None:
    seller = office_desk.anna()
    for place in range(2):
        seller.post("/o/customer/new", data={"name": f"Client {place}"})
    few = asked_by(office_desk, seller, "/")

    for place in range(5):
        seller.post("/o/customer/new", data={"name": f"Guest {place}"})

    assert asked_by(office_desk, seller, "/") == few


def asked_by(desk: Desk, browser: Browser, address: str) -> int:
    """Return how many statements a page runs, once everything is compiled."""
    browser.get(address)
    statements: list[object] = []
    engine = desk.database.engine

    def hear(*heard: object) -> None:
        statements.append(heard[2])

    sa.event.listen(engine, "before_cursor_execute", hear)
    assert browser.get(address).status_code == 200
    sa.event.remove(engine, "before_cursor_execute", hear)
    return len(statements)
