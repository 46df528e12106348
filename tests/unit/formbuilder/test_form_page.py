"""Forms as HTML."""

from __future__ import annotations

import re

import pytest
from trellis.formbuilder.audience import Audience
from trellis.formbuilder.form_page import FormPage, compile_form
from trellis.formbuilder.form_state import FieldState, FormState
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.layout import form_for, layout_of
from trellis.formbuilder.values import Reference
from trellis.formbuilder.widgets import WIDGETS, widget_of
from trellis.formbuilder.widgets.common import Picked, RowList
from trellis.metadata.model.fields import Field, FieldType

from tests.fakes.desk import CATALOG, HERE, INVOICE

ENGLISH, CHINESE = Audience("en"), Audience("zh-CN")
HOSTILE = '"><script>alert(1)</script>'


def form(audience: Audience = ENGLISH, **more: frozenset[str]) -> FormPage:
    hidden = more.pop("hidden", frozenset())
    layout = layout_of(CATALOG, INVOICE, CATALOG.forms["invoice_form"], audience, hidden)
    return compile_form(CATALOG, layout, audience, more.get("locked", frozenset()))


def test_every_field_type_has_a_widget() -> None:
    assert set(WIDGETS) == set(FieldType)


@pytest.mark.parametrize("kind", list(FieldType))
def test_no_widget_lets_markup_through(kind: FieldType) -> None:
    subject = Subject(CATALOG, INVOICE, Field("x", kind, HERE, to="customer"), ENGLISH)
    value = Picked(Reference(HOSTILE, HOSTILE), HOSTILE)

    assert "<script" not in widget_of(subject)("x", HOSTILE, "")
    assert "<script" not in widget_of(subject)("x", value, "")


def test_labels_are_in_the_readers_language() -> None:
    assert ">Title</label>" in form().body(FormState())
    assert ">标题</label>" in form(CHINESE).body(FormState())


def test_a_mistake_stands_beside_its_field_and_is_read_out_with_it() -> None:
    body = form().body(FormState({"title": ""}, errors={"title": "needs a value"}))

    assert re.search(r'id="f-title"[^>]*aria-describedby="e-title" aria-invalid="true"', body)
    assert '<p class="invalid-feedback" id="e-title">needs a value</p>' in body


def test_a_required_field_is_marked_and_asked_for() -> None:
    body = form().body(FormState())

    assert '<label class="form-label required" for="f-title">' in body
    assert re.search(r'id="f-title"[^>]* required', body)


def test_a_condition_hides_shows_and_requires() -> None:
    page = form()

    hidden = page.body(FormState(states={"reason": FieldState(visible=False)}))
    asked = page.body(FormState(states={"reason": FieldState(required=True)}))

    assert 'id="f-reason"' not in hidden
    assert re.search(r'id="f-reason"[^>]* required', asked)


def test_fields_that_conditions_watch_are_marked_live() -> None:
    page = form()

    assert page.watched == {"urgency"}
    assert re.search(r'id="f-urgency"[^>]* data-live', page.body(FormState()))


def test_a_masked_field_is_nowhere_in_the_form() -> None:
    assert "amount" not in form(hidden=frozenset({"amount"})).body(FormState())


def test_a_locked_field_is_shown_and_has_no_input() -> None:
    body = form(locked=frozenset({"urgency"})).body(FormState({"urgency": "high"}))

    assert '<output class="form-control-plaintext" id="f-urgency">High</output>' in body
    assert 'name="urgency"' not in body


def test_a_section_without_a_visible_field_is_left_out() -> None:
    assert "<legend>Amounts</legend>" not in form().body(FormState(hidden_sections=frozenset({1})))


def test_a_child_row_has_inputs_named_by_its_place_and_a_blank_row_follows() -> None:
    rows = RowList((("r1", {"item": "Drive"}),))

    body = form().body(FormState({"lines": rows}))

    assert 'name="lines.0.id" value="r1"' in body
    assert 'name="lines.0.item" value="Drive"' in body
    assert 'name="lines.1.item" value=""' in body
    assert 'name="lines.NEW.item"' in body


def test_an_option_that_is_gone_stays_chosen_until_somebody_changes_it() -> None:
    assert '<option value="gone" selected>gone</option>' in form().body(
        FormState({"urgency": "gone"})
    )


def test_the_form_of_a_role_wins_over_the_one_for_everybody() -> None:
    assert form_for(CATALOG, "invoice", ["agent"], "desktop") is CATALOG.forms["invoice_form"]
    assert form_for(CATALOG, "customer", ["agent"], "desktop") is None
