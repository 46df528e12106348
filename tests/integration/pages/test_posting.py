"""What forms send that nobody asked for: named, and nothing of it written."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from trellis.web.pages.posting import OF_RECORDS, TAKEN

from tests.fakes.pages_site import PagesInMemory
from tests.integration.pages.conftest import Desk


def test_every_form_says_what_it_takes(desk: PagesInMemory) -> None:
    rules = [rule for rule in desk.app().url_map.iter_rules() if "POST" in (rule.methods or ())]

    views = {rule.endpoint.rpartition(".")[2] for rule in rules}

    assert views == set(TAKEN) | OF_RECORDS


def test_a_field_that_a_form_does_not_have_is_named_above_it(office_desk: Desk) -> None:
    seller = office_desk.anna()

    refused = seller.post("/o/invoice/new", data={"title": "Offer", "colour": "red"})

    assert refused.status_code == 422
    assert "<li>`colour` is no field of this form</li>" in refused.text
    assert ">Offer</a>" not in seller.get("/o/invoice").text


def test_a_file_for_a_field_without_files_is_named(client: FlaskClient) -> None:
    sent = {"title": (__file__, "title.txt")}

    refused = client.post("/o/invoice/new", data=sent)

    assert refused.status_code == 422
    assert "`title` is no field of this form" in refused.text


@pytest.mark.parametrize(
    ("locale", "told"),
    [("en", "this form has no field `shoe_size`"), ("zh-CN", "此表单没有字段 `shoe_size`")],
)
def test_the_small_forms_name_what_they_do_not_take(
    office_desk: Desk, locale: str, told: str
) -> None:
    someone = office_desk.enter("otto", "seller", locale=locale)

    refused = someone.post("/profile", data={"language": "en", "shoe_size": "44"})

    assert refused.status_code == 400
    assert told in refused.text
