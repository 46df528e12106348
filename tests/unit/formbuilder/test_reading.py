"""Texts that people type, read as values."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from trellis.formbuilder.audience import Audience
from trellis.formbuilder.moments import duration_text
from trellis.formbuilder.reading import UnreadableError, read_text
from trellis.metadata.model.fields import Field, FieldType

from tests.fakes.desk import HERE

SHANGHAI = Audience("en", ZoneInfo("Asia/Shanghai"))


def read(kind: FieldType, text: str) -> object:
    return read_text(Field("x", kind, HERE), text, SHANGHAI)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldType.INTEGER, "1,234", 1234),
        (FieldType.INTEGER, "-7", -7),
        (FieldType.INTEGER, "１２３", 123),
        (FieldType.DECIMAL, "1,234.50", Decimal("1234.50")),
        (FieldType.DECIMAL, ".5", Decimal("0.5")),
        (FieldType.MONEY, "１，２３４．５", Decimal("1234.5")),
        (FieldType.PERCENT, "13 %", Decimal(13)),
        (FieldType.PERCENT, "13％", Decimal(13)),
        (FieldType.BOOLEAN, "true", True),
        (FieldType.DATE, "2026-03-31", date(2026, 3, 31)),
        (FieldType.DATETIME, "2026-03-31T14:30", datetime(2026, 3, 31, 6, 30, tzinfo=UTC)),
        (FieldType.TIME, "14:30", time(14, 30)),
        (FieldType.DURATION, "2h 30m", timedelta(minutes=150)),
        (FieldType.DURATION, "1d 2h", timedelta(hours=26)),
        (FieldType.DURATION, "90 min", timedelta(minutes=90)),
        (FieldType.DURATION, "1.5h", timedelta(minutes=90)),
        (FieldType.DURATION, "2小时30分钟", timedelta(minutes=150)),
        (FieldType.DURATION, "1:30", timedelta(minutes=90)),
        (FieldType.DURATION, "PT2H", timedelta(hours=2)),
        (FieldType.DURATION, "-45m", timedelta(minutes=-45)),
        (FieldType.JSON, '{"a": 1.10}', {"a": Decimal("1.10")}),
        (FieldType.TEXT, "  Anna ", "Anna"),
        (FieldType.TEXT_LONG, " a\r\nb ", " a\nb "),
        (FieldType.TEXT, "   ", None),
        (FieldType.MONEY, "", None),
    ],
)
def test_a_text_is_read_as_its_field_means_it(kind: FieldType, text: str, value: object) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (FieldType.INTEGER, "1.5", "needs a whole number"),
        (FieldType.INTEGER, "1,23", "needs a whole number"),
        (FieldType.INTEGER, "9" * 31, "needs a whole number"),
        (FieldType.DECIMAL, "NaN", "needs a number"),
        (FieldType.DECIMAL, "1e", "needs a number"),
        (FieldType.DECIMAL, "1,2", "needs a number"),
        (FieldType.MONEY, "Infinity", "needs a number"),
        (FieldType.BOOLEAN, "maybe", "needs yes or no"),
        (FieldType.DATE, "31/3/2026", "needs a date as 2026-03-31"),
        (FieldType.DATETIME, "tomorrow", "needs a date and time as 2026-03-31 14:30"),
        (FieldType.TIME, "25:00", "needs a time as 14:30"),
        (FieldType.DURATION, "soon", "needs a length of time as 2h 30m"),
        (FieldType.DURATION, "999999999999999d", "needs a length of time as 2h 30m"),
        (FieldType.JSON, "{", "is not valid JSON"),
        (FieldType.JSON, "NaN", "is not valid JSON"),
        (FieldType.JSON, "[" * 100_000, "is not valid JSON"),
    ],
)
def test_an_unreadable_text_says_what_would_be_readable(
    kind: FieldType, text: str, told: str
) -> None:
    with pytest.raises(UnreadableError, match=told):
        read(kind, text)


@pytest.mark.parametrize("minutes", [0, 1, 59, 60, 61, 1439, 1440, 10_000, -90])
def test_a_duration_that_was_shown_is_read_back(minutes: int) -> None:
    length = timedelta(minutes=minutes)

    assert read(FieldType.DURATION, duration_text(length)) == length
