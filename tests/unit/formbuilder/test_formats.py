"""A value as HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from trellis.formbuilder.audience import Audience
from trellis.formbuilder.formats import FORMATS, cell_format, detail_format
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.formats.times import deadline
from trellis.formbuilder.values import Deadline, Reference, StoredFile
from trellis.metadata.model.fields import Field, FieldType

from tests.fakes.desk import CATALOG, HERE, INVOICE

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENGLISH = Audience("en", ZoneInfo("Asia/Shanghai"))
CHINESE = Audience("zh-CN", ZoneInfo("Asia/Shanghai"))
HOSTILE = '"><script>alert(1)</script>'


def shown(key: str, value: object, audience: Audience = ENGLISH) -> str:
    return detail_format(Subject(CATALOG, INVOICE, INVOICE.fields[key], audience))(value, NOW)


def of_type(kind: FieldType, value: object) -> str:
    return detail_format(Subject(CATALOG, INVOICE, Field("x", kind, HERE), ENGLISH))(value, NOW)


def test_every_field_type_has_a_format() -> None:
    assert set(FORMATS) == set(FieldType)


@pytest.mark.parametrize("kind", list(FieldType))
def test_no_format_lets_markup_through(kind: FieldType) -> None:
    value: object = HOSTILE
    if kind in (FieldType.REF, FieldType.USER):
        value = Reference(HOSTILE, HOSTILE)
    elif kind in (FieldType.FILE, FieldType.IMAGE, FieldType.SIGNATURE, FieldType.VIDEO):
        value = StoredFile(HOSTILE, HOSTILE)
    elif kind in (FieldType.ADDRESS, FieldType.JSON, FieldType.GEO):
        value = {"lat": HOSTILE, "lng": HOSTILE}
    elif kind in (FieldType.CHOICES, FieldType.FILES):
        value = [HOSTILE]

    subject = Subject(CATALOG, INVOICE, Field("x", kind, HERE, to="customer"), ENGLISH)

    assert "<script" not in detail_format(subject)(value, NOW)
    assert "<script" not in cell_format(subject)(value, NOW)


@pytest.mark.parametrize("kind", list(FieldType))
def test_nothing_is_shown_for_no_value(kind: FieldType) -> None:
    assert of_type(kind, None) == ""


def test_money_has_the_sign_of_its_currency_and_its_digits() -> None:
    assert shown("amount", Decimal("1234.5"), CHINESE) == "¥1,234.50"
    assert shown("amount", Decimal("-1234.5"), CHINESE) == "−¥1,234.50"


def test_eighteen_digits_are_shown_exactly() -> None:
    assert shown("amount", Decimal("9999999999999999.99"), CHINESE) == "¥9,999,999,999,999,999.99"


def test_a_choice_is_a_badge_in_its_colour_and_language() -> None:
    assert shown("urgency", "high", CHINESE) == '<span class="badge c-red">高</span>'


def test_an_option_that_is_gone_shows_its_key_in_gray() -> None:
    assert shown("urgency", "gone") == '<span class="badge c-gray">gone</span>'


def test_a_moment_near_now_is_relative_and_tells_the_exact_local_time() -> None:
    html = shown("due_at", NOW - timedelta(hours=3))

    assert html == ('<time datetime="2026-03-02T06:00:00Z" title="2 Mar 2026 14:00">3 h ago</time>')


def test_a_moment_far_away_is_exact() -> None:
    assert ">2026-06-10 17:00</time>" in shown("due_at", NOW + timedelta(days=100), CHINESE)


def test_a_date_is_written_as_the_language_writes_it() -> None:
    assert shown("issued_on", date(2026, 3, 2)) == "2 Mar 2026"
    assert shown("issued_on", date(2026, 3, 2), CHINESE) == "2026-03-02"


def test_a_reference_links_to_its_record() -> None:
    assert shown("customer", Reference("c1", "A & B")) == '<a href="/o/customer/c1">A &amp; B</a>'


def test_a_chinese_name_is_abbreviated_by_its_last_sign() -> None:
    assert ">明</span>王小明" in shown("assignee", Reference("u", "王小明"))


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "http://[", "ftp://a"]
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert "<a" not in of_type(FieldType.URL, address)


def test_a_masked_number_is_not_offered_for_dialling() -> None:
    assert of_type(FieldType.PHONE, "***1234") == "***1234"
    assert 'href="tel:+8613800000000"' in of_type(FieldType.PHONE, "+86 138 0000 0000")


def test_rich_text_keeps_its_marks_and_loses_scripts() -> None:
    html = of_type(FieldType.TEXT_RICH, "<b>now</b><img src=x onerror=alert(1)>")

    assert "<b>now</b>" in html
    assert "onerror" not in html


def test_a_long_text_is_cut_in_a_list_only() -> None:
    subject = Subject(CATALOG, INVOICE, INVOICE.fields["reason"], ENGLISH)

    assert len(cell_format(subject)("长" * 500, NOW)) == 121
    assert "长" * 500 in detail_format(subject)("长" * 500, NOW)


DUE = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text", "color"),
    [
        (Deadline(DUE, timedelta(hours=3, minutes=5), "running", 0.8), "3 h 5 min left", "green"),
        (Deadline(DUE, timedelta(hours=31), "running", 0.4), "31 h left", "orange"),
        (Deadline(DUE, timedelta(minutes=9), "running", 0.1), "9 min left", "red"),
        (Deadline(DUE, timedelta(minutes=-70), "breached", -0.1), "1 h 10 min late", "red"),
        (Deadline(None, timedelta(hours=2), "paused", 0.5), "Paused, 2 h left", "yellow"),
        (Deadline(DUE, timedelta(hours=1), "met", 0.5, is_open=False), "Met", "gray"),
        (Deadline(DUE, None, "running"), "Running", "blue"),
        (Deadline(DUE, timedelta(hours=-1), "breached", -1, is_open=False), "Late", "red"),
    ],
)
def test_a_clock_tells_what_is_left_by_colour(value: Deadline, text: str, color: str) -> None:
    told = deadline(value, Audience())

    assert f'<span class="badge c-{color}">{text}</span>' in told
    assert ("2 Mar 2026 14:00" in told) is (value.due is not None)
