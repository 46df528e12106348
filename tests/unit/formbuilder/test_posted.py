"""What a form sends back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from trellis.formbuilder.audience import Audience, same_words
from trellis.formbuilder.layout import Placed, layout_of
from trellis.formbuilder.posted import MAX_ROWS, Posted, read_posted, settle_search
from trellis.formbuilder.values import Reference
from trellis.formbuilder.widgets.common import Picked, RowList
from trellis.metadata.model.fields import Field

from tests.fakes.desk import CATALOG, INVOICE

READER = Audience()


def placed(object_key: str) -> Sequence[Placed]:
    model = CATALOG.objects[object_key]
    return tuple(layout_of(CATALOG, model, None, READER, frozenset()).fields())


def children(field: Field) -> Sequence[Placed]:
    return [one for one in placed(field.of or "") if one.key != field.link]


def read(**sent: Sequence[str]) -> Posted:
    named = {name.replace("__", "."): texts for name, texts in sent.items()}
    return read_posted(placed(INVOICE.key), named, READER, children)


def test_only_fields_that_were_sent_are_values() -> None:
    assert read(title=["A"]).values == {"title": "A"}


def test_an_emptied_field_is_sent_as_none() -> None:
    assert read(title=[""]).values == {"title": None}


def test_a_switch_that_is_off_is_false_and_one_that_is_on_is_true() -> None:
    assert read(paid=["false"]).values == {"paid": False}
    assert read(paid=["false", "true"]).values == {"paid": True}


def test_what_only_the_platform_writes_is_not_read() -> None:
    assert read(number=["I-1"]).values == {}


def test_a_mistake_keeps_what_was_typed() -> None:
    posted = read(amount=["12x"])

    assert posted.errors == {"amount": "needs a number"}
    assert posted.shown["amount"] == "12x"
    assert "amount" not in posted.values


def test_a_picker_left_alone_keeps_its_record() -> None:
    posted = read(customer=["c1"], customer__was=["Acme"], customer__text=["Acme"])

    assert posted.values == {"customer": "c1"}
    assert posted.searches == []


def test_a_picker_that_was_cleared_is_none() -> None:
    posted = read(customer=["c1"], customer__was=["Acme"], customer__text=[""])

    assert posted.values == {"customer": None}


def test_a_text_typed_into_a_picker_is_looked_up() -> None:
    posted = read(customer=["c1"], customer__was=["Acme"], customer__text=["Nord"])

    assert [(one.name, one.text) for one in posted.searches] == [("customer", "Nord")]


def test_one_hit_is_taken() -> None:
    posted = read(customer=[""], customer__was=[""], customer__text=["Nord"])

    settle_search(posted, posted.searches[0], [Reference("c2", "Nordwind")], same_words)

    assert posted.values["customer"] == "c2"
    assert posted.shown["customer"] == Picked(Reference("c2", "Nordwind"), "Nordwind")


def test_an_exact_title_wins_over_longer_ones() -> None:
    posted = read(customer=[""], customer__was=[""], customer__text=["nord"])
    hits = [Reference("c2", "Nordwind"), Reference("c3", "Nord")]

    settle_search(posted, posted.searches[0], hits, same_words)

    assert posted.values["customer"] == "c3"


def test_several_hits_are_offered_to_choose_from() -> None:
    posted = read(customer=[""], customer__was=[""], customer__text=["n"])
    hits = (Reference("c2", "Nordwind"), Reference("c3", "Nova"))

    settle_search(posted, posted.searches[0], hits, same_words)

    assert posted.errors == {"customer": "several fit, choose one"}
    assert posted.shown["customer"] == Picked(None, "n", hits)


def test_the_chosen_offer_is_taken() -> None:
    posted = read(customer=["", "c3"], customer__was=[""], customer__text=["n"])

    assert posted.values == {"customer": "c3"}
    assert posted.searches == []


def test_no_hit_says_so() -> None:
    posted = read(customer=[""], customer__was=[""], customer__text=["zzz"])

    settle_search(posted, posted.searches[0], [], same_words)

    assert posted.errors == {"customer": "nothing fits this text"}


def test_child_rows_are_read_in_the_order_of_the_form_and_blank_ones_left_out() -> None:
    posted = read(
        lines__7__item=["second"],
        lines__7__quantity=["2.5"],
        lines__7__price=[""],
        lines__1__id=["r1"],
        lines__1__item=["first"],
        lines__9__item=[" "],
        lines__9__price=[""],
    )

    assert posted.values["lines"] == [
        {"item": "second", "quantity": Decimal("2.5"), "price": None},
        {"id": "r1", "item": "first"},
    ]


def test_a_child_row_marked_for_removal_is_not_sent_on() -> None:
    posted = read(lines__0__id=["r1"], lines__0__item=["x"], lines__0___remove=["1"])

    assert posted.values["lines"] == []


def test_mistakes_in_child_rows_are_named_by_their_new_place() -> None:
    posted = read(lines__3__item=[""], lines__5__item=["x"], lines__5__price=["much"])

    assert posted.errors == {"lines.0.price": "needs a number"}
    assert isinstance(posted.shown["lines"], RowList)
    assert posted.shown["lines"].rows[0][1]["price"] == "much"


def test_hostile_places_of_child_rows_are_ignored() -> None:
    sent = {"lines.-1.item": ["x"], "lines.1e9.item": ["x"], "lines..item": ["x"]}

    assert read_posted(placed("invoice"), sent, READER, children).values == {}


def test_a_name_that_no_input_has_is_told() -> None:
    sent = {"title": ["A"], "colour": ["red"], "title.text": ["x"], "lines.0.size": ["2"],
            "lines.x.item": ["Drive"]}  # fmt: skip

    posted = read_posted(placed(INVOICE.key), sent, READER, children)

    assert posted.strange == ("colour", "title.text", "lines.0.size", "lines.x.item")


def test_a_value_for_a_field_that_is_only_shown_is_told() -> None:
    assert read(number=["I-1"]).strange == ("number",)


def test_the_inputs_of_a_form_and_its_own_names_are_known() -> None:
    sent = {"csrf_token": ["c"], "_rev": ["1"], "_key": ["k"], "_do": ["save"], "back": ["/"],
            "title": ["A"], "customer": ["c1"], "customer.was": ["Acme"],
            "customer.text": ["Acme"], "lines.0.id": [""], "lines.0._remove": ["1"],
            "lines.0.item": ["Drive"]}  # fmt: skip

    assert read_posted(placed(INVOICE.key), sent, READER, children).strange == ()


def test_rows_beyond_the_most_are_told_and_not_left_out_unsaid() -> None:
    sent = {f"lines.{place}.item": ["Drive"] for place in range(MAX_ROWS + 1)}

    posted = read_posted(placed(INVOICE.key), sent, READER, children)

    assert posted.errors == {"lines": "takes at most 500 rows at once"}
