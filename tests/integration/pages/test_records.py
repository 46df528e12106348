"""Record pages and the forms that write records, as a browser without scripts uses them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from trellis.engine.errors import InvalidError, problem
from trellis.metadata.model.pages import Form, FormField, FormSection
from trellis.metadata.model.texts import EMPTY_LABEL
from werkzeug.test import TestResponse

from tests.fakes.desk import CATALOG, HERE
from tests.fakes.pages_site import MemoryRecords, PagesInMemory

DELIVERED = {"HX-Request": "true"}


def written(desk: PagesInMemory) -> tuple[object, ...]:
    return desk.records.written[-1]


def send(client: FlaskClient, address: str, **fields: object) -> TestResponse:
    data = {name.replace("__", "."): value for name, value in fields.items()}
    return client.post(address, data=data)


def test_a_record_shows_its_state_facts_lines_and_what_can_be_done(client: FlaskClient) -> None:
    html = client.get("/o/invoice/i6").text

    assert '<span class="badge c-red">Overdue</span>' in html
    assert 'href="/o/invoice/i6/t/pay" data-dialog' in html
    assert "Drive unit" in html
    assert "客户确认周四" in html


def test_a_record_that_is_not_there_is_a_refusal_of_the_engine(client: FlaskClient) -> None:
    client.application.register_error_handler(Exception, lambda error: (str(error), 404))

    assert client.get("/o/invoice/none").status_code == 404


def test_a_new_record_begins_with_defaults_and_with_what_the_address_names(
    client: FlaskClient,
) -> None:
    html = client.get("/o/invoice/new?customer=c1&assignee=unknown").text

    assert '<option value="normal" selected>' in html
    assert 'name="customer" value="c1"' in html
    assert 'value="unknown"' not in html


def test_creating_sends_typed_values_and_leaves_blanks_to_their_defaults(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    answer = send(
        client,
        "/o/invoice/new",
        title="Offer",
        customer="c1",
        customer__was="Acme",
        customer__text="Acme",
        amount="1,234.5",
        due_at="2026-03-31T14:30",
        reason="",
        lines__0__item="Drive",
        lines__0__quantity="2",
    )

    kind, key, values = written(desk)
    assert (kind, key) == ("create", "invoice")
    assert isinstance(values, dict)
    assert values["amount"] == Decimal("1234.5")
    assert values["lines"] == [{"item": "Drive", "quantity": Decimal(2)}]
    assert "reason" not in values
    assert answer.status_code == 303
    assert answer.location == "/o/invoice/invoice-61"


def test_mistakes_come_back_beside_their_fields_with_what_was_typed(client: FlaskClient) -> None:
    answer = send(client, "/o/invoice/new", title="Offer", amount="lots")

    assert answer.status_code == 422
    assert "needs a number" in answer.text
    assert 'value="lots"' in answer.text
    assert 'value="Offer"' in answer.text
    assert "2 fields need attention." in answer.text


def test_what_is_missing_is_told_together_with_what_cannot_be_read(client: FlaskClient) -> None:
    answer = send(client, "/o/invoice/new", amount="lots")

    assert "needs a number" in answer.text
    assert answer.text.count("is required") == 2
    assert "3 fields need attention." in answer.text


def test_what_the_engine_refuses_stands_beside_the_field_it_names(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    desk.records.refuse = InvalidError(
        [problem("title", "REQUIRED", "needs a value"), problem("number", "UNIQUE", "is taken")]
    )

    answer = send(client, "/o/invoice/new", title="x")

    assert answer.status_code == 422
    assert 'id="e-title">needs a value</p>' in answer.text
    assert "<li>Number: is taken</li>" in answer.text


def test_editing_sends_only_what_changed(client: FlaskClient, desk: PagesInMemory) -> None:
    form = fields_of(client.get("/o/invoice/i6/edit").text)
    form["title"] = "New title"

    answer = client.post("/o/invoice/i6/edit", data=form)

    assert answer.status_code == 303
    assert written(desk) == ("update", "invoice", "i6", {"title": "New title"}, 1)


def test_saving_an_untouched_form_writes_nothing(client: FlaskClient, desk: PagesInMemory) -> None:
    form = fields_of(client.get("/o/invoice/i6/edit").text)

    client.post("/o/invoice/i6/edit", data=form)

    assert desk.records.written == []


def test_a_record_saved_by_somebody_else_meanwhile_shows_both_values(
    client: FlaskClient,
) -> None:
    form = fields_of(client.get("/o/invoice/i6/edit").text)
    client.post("/o/invoice/i6/edit", data={**form, "title": "Theirs"})

    answer = client.post("/o/invoice/i6/edit", data={**form, "title": "Mine"})

    assert answer.status_code == 409
    assert "<del>Mine</del> is now <ins>Theirs</ins>" in answer.text
    assert 'name="_rev" value="2"' in answer.text


def test_a_typed_title_finds_its_record_without_scripts(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    send(
        client,
        "/o/invoice/new",
        title="x",
        customer="",
        customer__was="",
        customer__text="nordwind",
    )

    assert written(desk)[2] == {"title": "x", "customer": "c3"}


def test_an_ambiguous_title_offers_what_fits(client: FlaskClient) -> None:
    answer = send(
        client, "/o/invoice/new", title="x", customer="", customer__was="", customer__text="北"
    )
    assert answer.status_code == 303

    answer = send(
        client, "/o/invoice/new", title="x", customer="", customer__was="", customer__text="i"
    )
    assert answer.status_code == 422
    assert "several fit, choose one" in answer.text
    assert '<input type="radio" name="customer" value="c1">' in answer.text


def test_add_a_row_works_without_scripts_and_writes_nothing(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    answer = send(client, "/o/invoice/new", _add="lines", lines__0__item="Drive")

    assert answer.status_code == 200
    assert 'name="lines.0.item" value="Drive"' in answer.text
    assert 'name="lines.1.item" value=""' in answer.text
    assert desk.records.written == []


def test_a_changed_condition_re_renders_the_form_and_blames_nobody(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    answer = send(client, "/o/invoice/form", urgency="high", amount="12x")

    assert "Why it is urgent" in answer.text
    assert "invalid" not in answer.text
    assert 'value="12x"' in answer.text
    assert desk.records.written == []
    shut = r'<fieldset hidden disabled [^>]*id="d-reason">'
    assert re.search(shut, answer.text) is None
    assert re.search(shut, send(client, "/o/invoice/form", urgency="low").text)


def test_sent_files_are_stored_and_kept_ones_stay(client: FlaskClient, desk: PagesInMemory) -> None:
    form = fields_of(client.get("/o/invoice/i6/edit").text)
    upload = (io.BytesIO(b"%PDF"), "../../report.pdf")

    client.post("/o/invoice/i6/edit", data={**form, "attachments": upload})

    kind, _, _, values, _ = written(desk)
    assert kind == "update"
    assert values == {"attachments": ["f1", "file-../../report.pdf"]}


def test_a_transition_asks_for_its_fields_and_runs_with_a_comment(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    dialog = client.get("/o/invoice/i6/t/pay", headers=DELIVERED).text
    answer = send(
        client, "/o/invoice/i6/t/pay", issued_on="2026-03-02", _comment="by bank", _rev="1"
    )

    assert "<html" not in dialog
    assert 'for="f-issued_on"' in dialog
    kind, _, record_id, name, _, comment, rev = written(desk)
    assert (kind, record_id, name, comment, rev) == ("transition", "i6", "pay", "by bank", 1)
    assert answer.location == "/o/invoice/i6"


def test_a_script_is_told_where_to_go_after_a_transition(client: FlaskClient) -> None:
    answer = client.post("/o/invoice/i6/t/pay", data={}, headers=DELIVERED)

    assert answer.headers["HX-Redirect"] == "/o/invoice/i6"


def test_a_transition_that_is_not_offered_is_refused(
    client: FlaskClient, desk: PagesInMemory
) -> None:
    desk.records.offered = ()
    client.application.register_error_handler(Exception, lambda error: (str(error), 404))

    assert client.post("/o/invoice/i6/t/pay").status_code == 404
    assert desk.records.written == []


def test_deleting_asks_first(client: FlaskClient, desk: PagesInMemory) -> None:
    asked = client.get("/o/invoice/i6/delete")

    assert "Delete Training day for operators?" in asked.text
    assert desk.records.written == []
    client.post("/o/invoice/i6/delete", data={"_rev": "1"})
    assert written(desk) == ("delete", "invoice", "i6", 1)


def test_a_comment_appears_in_the_timeline(client: FlaskClient, desk: PagesInMemory) -> None:
    data = {"text": "<b>call back</b>", "files": (io.BytesIO(b"x"), "a.txt")}

    answer = client.post("/o/invoice/i6/comments", data=data, headers=DELIVERED)

    assert "&lt;b&gt;call back&lt;/b&gt;" in answer.text
    assert "a.txt" in answer.text
    assert written(desk)[-1] == ("a.txt",)


def test_an_empty_comment_is_refused_with_a_reason(client: FlaskClient) -> None:
    answer = client.post("/o/invoice/i6/comments", data={"text": " "}, headers=DELIVERED)

    assert answer.status_code == 422
    assert "Write something or attach a file." in answer.text


def test_the_picker_answers_with_ids_and_titles(client: FlaskClient) -> None:
    answer = client.post("/o/invoice/pick/customer", data={"_query": "acme"})

    assert answer.json == {"items": [{"id": "c1", "title": "Acme Industrial Ltd"}]}


def test_every_label_of_the_catalog_may_hold_markup_without_harm() -> None:
    hostile = '"><script>alert(1)</script>'
    desk = PagesInMemory()
    desk.records = MemoryRecords()
    desk.records.create("customer", {"name": hostile})
    client = desk.app().test_client()

    for address in ("/o/customer", "/o/customer/customer-1", "/o/customer/customer-1/edit", "/"):
        assert "<script>alert" not in client.get(address).text
    assert CATALOG.objects["customer"].title == "name"


def fields_of(html: str) -> dict[str, object]:
    """Return the inputs of a form as a browser would send them."""
    form = html[html.index("data-form") : html.rindex("</form>")]
    form = re.sub(r"<template>.*?</template>", "", form, flags=re.S)
    sent: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r' name="([^"]*)"', tag)
        kind = re.search(r' type="([^"]*)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if not name or (kind and kind[1] == "file"):
            continue
        if kind and kind[1] in ("checkbox", "radio") and " checked" not in tag:
            continue
        present = sent.setdefault(name[1], [])
        assert isinstance(present, list)
        present.append(value[1] if value else "")
    for name_of, body in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        sent[name_of] = chosen[1] if chosen else ""
    for name_of, body in re.findall(
        r'<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.S
    ):
        sent[name_of] = body
    return sent


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari"
ON_PHONES = Form(
    "on_phones", "invoice", HERE, (FormSection(EMPTY_LABEL, (FormField("title", HERE),), HERE),),
    device="phone",
)  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "on_phone"),
    [
        ({"Sec-CH-UA-Mobile": "?1", "User-Agent": "Chrome"}, True),
        ({"User-Agent": IPHONE}, True),
        ({"Sec-CH-UA-Mobile": "?0", "User-Agent": IPHONE}, False),
        ({"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}, False),
    ],
)
def test_a_form_drawn_for_phones_is_what_phones_get(
    client: FlaskClient, desk: PagesInMemory, headers: dict[str, str], on_phone: bool
) -> None:
    desk.catalog = replace(CATALOG, version=9, forms={**CATALOG.forms, "on_phones": ON_PHONES})

    html = client.get("/o/invoice/new", headers=headers).text

    assert 'name="title"' in html
    assert ('name="urgency"' in html) is not on_phone
