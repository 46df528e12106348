"""Files: sent with forms and comments, read by who may read the record."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from trellis.engine.talk.files import clean_name
from trellis.web.pages.downloads import disposition
from werkzeug.test import TestResponse

from tests.integration.pages.conftest import Browser, Desk

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
HTML = b"<script>alert(1)</script>"
HOSTILE = Path(__file__).resolve().parents[4] / "shared" / "hostile"


def send(browser: Browser, desk: Desk, **files: tuple[io.BytesIO, str]) -> TestResponse:
    customer = desk.office.add("customer", name="Acme")
    data = {"title": "Offer", "customer": customer, "customer.was": "Acme",
            "customer.text": "Acme", **files}  # fmt: skip
    browser.get("/")
    return browser.post("/o/invoice/new", data=data)


def file_of(page: str) -> str:
    found = re.search(r'href="(/files/[0-9a-f-]{36})"', page)
    assert found is not None
    return found[1]


def test_a_file_sent_with_a_form_is_shown_and_comes_back_as_it_was(office_desk: Desk) -> None:
    anna = office_desk.anna()

    made = send(anna, office_desk, scan_copy=(io.BytesIO(b"%PDF-1.7 x"), "验收 报告.pdf"))
    page = anna.get(made.location).text
    got = anna.get(file_of(page))

    assert "验收 报告.pdf" in page
    assert got.data == b"%PDF-1.7 x"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "%E9%AA%8C" in got.headers["Content-Disposition"]


def test_a_file_of_a_type_the_field_does_not_take_is_refused_beside_it(
    office_desk: Desk,
) -> None:
    anna = office_desk.anna()

    refused = send(anna, office_desk, scan_copy=(io.BytesIO(HTML), "x.exe"))

    assert refused.status_code == 422
    assert 'id="e-scan_copy">must be one of .pdf, image/*</p>' in refused.text


def test_a_page_in_disguise_runs_nowhere(office_desk: Desk) -> None:
    anna = office_desk.anna()

    made = send(anna, office_desk, papers=(io.BytesIO(HTML), "picture.png"))
    got = anna.get(file_of(anna.get(made.location).text))

    assert got.content_type.startswith("text/plain")
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_is_shown_in_place(office_desk: Desk) -> None:
    anna = office_desk.anna()

    made = send(anna, office_desk, papers=(io.BytesIO(PNG), "a.png"))
    got = anna.get(file_of(anna.get(made.location).text))

    assert got.content_type == "image/png"
    assert got.headers["Content-Disposition"].startswith("inline;")


def test_a_file_is_read_by_who_may_read_its_record_and_by_nobody_else(
    office_desk: Desk,
) -> None:
    anna, rita = office_desk.anna(), office_desk.enter("rita", "reader")

    made = send(anna, office_desk, papers=(io.BytesIO(PNG), "a.png"))
    address = file_of(anna.get(made.location).text)

    assert anna.get(address).status_code == 200
    assert rita.get(address).status_code == 404
    assert anna.get("/files/none").status_code == 404


def test_files_of_a_comment_stand_in_the_timeline(office_desk: Desk) -> None:
    anna = office_desk.anna()
    made = send(anna, office_desk)

    anna.post(
        f"{made.location}/comments",
        data={"text": "see", "files": [(io.BytesIO(PNG), "a.png"), (io.BytesIO(b"x"), "b.txt")]},
    )
    page = anna.get(made.location).text

    assert "a.png" in page
    assert "b.txt" in page
    assert anna.get(file_of(page)).status_code == 200


def test_a_ticked_file_is_let_go_and_the_others_stay(office_desk: Desk) -> None:
    anna = office_desk.anna()
    two = [(io.BytesIO(PNG), "a.png"), (io.BytesIO(b"x"), "b.txt")]
    made = send(anna, office_desk, papers=two)  # type: ignore[arg-type]
    form = anna.get(f"{made.location}/edit").text
    held = re.findall(r'name="papers.held" value="([^"]+)"', form)
    rev = re.search(r'name="_rev" value="(\d+)"', form)
    assert rev is not None

    anna.post(
        f"{made.location}/edit",
        data={"_rev": rev[1], "papers.held": held, "papers.remove": held[0]},
    )
    page = anna.get(made.location).text

    assert len(held) == 2
    assert "b.txt" in page
    assert ">a.png<" not in page


@pytest.mark.skipif(not HOSTILE.exists(), reason="../shared is not there")
@pytest.mark.parametrize("name", ["svg_script.svg", "html_as_png.png", "png_then_html.html"])
def test_hostile_files_are_never_run(office_desk: Desk, name: str) -> None:
    anna = office_desk.anna()
    data = (HOSTILE / name).read_bytes()

    made = send(anna, office_desk, papers=(io.BytesIO(data), name))
    got = anna.get(file_of(anna.get(made.location).text))

    assert "html" not in got.content_type
    assert "svg" not in got.content_type
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.skipif(not HOSTILE.exists(), reason="../shared is not there")
def test_hostile_names_are_cut_to_something_that_can_be_shown() -> None:
    names = (HOSTILE / "names.txt").read_text("utf-8", "replace").splitlines()

    for name in names:
        clean = clean_name(name)
        header = disposition("attachment", clean)
        assert clean
        assert "/" not in clean
        assert clean.isprintable()
        assert header.isascii()
        assert header.count('"') == 2
