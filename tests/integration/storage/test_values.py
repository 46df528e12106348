"""Every type of field keeps its values: written through the door, read through queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trellis.engine.errors import InvalidError
from trellis.metadata.model.fields import FieldType
from trellis.storage.database import Database

from tests.fakes.workshop import Workshop

FIELDS: dict[str, str] = {
    "text": "", "text_long": "", "text_rich": "", "integer": "", "decimal": "digits: 18, scale: 6",
    "money": "currency: EUR", "percent": "", "boolean": "", "date": "", "datetime": "", "time": "",
    "duration": "", "email": "", "phone": "", "url": "", "choice": "options: size",
    "choices": "options: size", "ref": "to: thing", "refs": "to: thing", "file": "", "files": "",
    "image": "", "video": "", "signature": "", "scan": "", "user": "", "users": "", "role": "",
    "address": "", "geo": "", "json": "", "auto": 'format: "{0000}"',
    "formula": "of: integer, formula: '0 - f_integer', stored: true",
    "rollup": "from: part.thing, sum: amount", "rows": "of: part", "related": "from: part.thing",
}  # fmt: skip
OBJECTS = (
    "  thing:\n    label: Thing\n    fields:\n"
    + "".join(f"      f_{kind}: {{type: {kind}{', ' + more if more else ''}}}\n"
              for kind, more in FIELDS.items())
    + "      coded: {type: text, pattern: '(a+)+b'}\n"
    + "      virtual: {type: formula, of: decimal, formula: 'f_decimal * 2'}\n"
    + "  part: {label: Part, fields: {thing: {type: ref, to: thing},"
      " amount: {type: decimal, digits: 18, scale: 4}}}\n"
)  # fmt: skip
OPTIONS = "options: {size: {S: Small, no: 'No', '1': One}}\n"
STRANGE = "客户 \"'\\%_ ', 🚀 a\u0301"
EAST = timezone(timedelta(hours=8))
LOW = datetime(1000, 1, 2, tzinfo=UTC).replace(tzinfo=None)
HIGH = datetime(9999, 12, 30, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def things(
    lasting_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workshop]:
    made = Workshop(lasting_database, tmp_path_factory.mktemp("things"))
    made.install(OBJECTS, options=OPTIONS)
    yield made
    made.close()


def test_every_type_of_field_is_here() -> None:
    assert set(FIELDS) == {str(kind) for kind in FieldType}


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("text", STRANGE, STRANGE), ("text", "x" * 10_000, "x" * 10_000),
        ("text", " padded ", " padded "), ("text", "", None), ("text_long", "a\r\nb", "a\nb"),
        ("text_rich", "<p onclick='x'>a</p><script>b</script>", "<p>a</p>"),
        ("integer", 2**53, 2**53), ("integer", -(2**53), -(2**53)), ("integer", "12", 12),
        ("decimal", "123456789012.123456", Decimal("123456789012.123456")),
        ("decimal", "-999999999999.999999", Decimal("-999999999999.999999")),
        ("decimal", "0.0000005", Decimal("0.000000")),
        ("decimal", "0.0000015", Decimal("0.000002")),
        ("decimal", "0.0000025", Decimal("0.000002")), ("decimal", 0.1, Decimal("0.100000")),
        ("money", "9999999999999999.99", Decimal("9999999999999999.99")),
        ("money", "0.125", Decimal("0.12")), ("money", "0.135", Decimal("0.14")),
        ("percent", "12.345", Decimal("12.34")), ("boolean", True, True), ("boolean", False, False),
        ("date", "0001-01-01", date(1, 1, 1)), ("date", "9999-12-31", date(9999, 12, 31)),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("datetime", "2026-03-29T02:30:00+08:00", datetime(2026, 3, 28, 18, 30, tzinfo=UTC)),
        ("datetime", datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=EAST),
         datetime(2025, 12, 31, 16, 0, 0, 1, tzinfo=UTC)),
        ("datetime", "1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
        ("datetime", "9999-12-31T23:59:59.999999Z",
         datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("time", "23:59:59", time(23, 59, 59)), ("time", "00:00", time(0, 0)),
        ("duration", "P30000DT1.5S", timedelta(days=30000, seconds=1.5)),
        ("duration", "-PT1H", timedelta(hours=-1)), ("duration", "1:30", timedelta(minutes=90)),
        ("email", "a.b+c@例え.jp", "a.b+c@例え.jp"),
        ("phone", "+86 (21) 1234-5678", "+86 (21) 1234-5678"),
        ("url", "https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("choice", "no", "no"), ("choice", "1", "1"), ("choices", ["S", "no", "S"], ["S", "no"]),
        ("choices", [], []), ("scan", "(01)0950-X", "(01)0950-X"),
        ("address", {"city": "上海", "street": "南京路 1"}, {"city": "上海", "street": "南京路 1"}),
        ("geo", {"lat": -90, "lng": 180}, {"lat": -90.0, "lng": 180.0}),
        ("json", {"a": [1, None, {"b": "ü"}], "c": 1.5}, {"a": [1, None, {"b": "ü"}], "c": 1.5}),
        ("json", [], []), ("json", False, False), ("json", 0, 0),
    ],
)  # fmt: skip
def test_a_value_is_read_as_it_was_written(
    things: Workshop, kind: str, written: Any, read: Any
) -> None:
    record = things.create("thing", **{f"f_{kind}": written})

    found = things.get("thing", record)[f"f_{kind}"]
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 2**53 + 1), ("integer", 1.5), ("integer", True), ("integer", "1e3"),
        ("decimal", "1234567890123"), ("decimal", "1e400"), ("decimal", "NaN"),
        ("decimal", "Infinity"),
        ("money", "99999999999999999"), ("money", "9999999999999999.995"), ("date", "2026-02-30"),
        ("date", "20260101"), ("datetime", "tomorrow"), ("datetime", "0001-01-01T00:00:00+08:00"),
        ("time", "24:01"),
        ("duration", "soon"), ("email", "nobody"), ("url", "javascript:alert(1)"),
        ("choice", "XL"), ("choices", ["S", "XL"]),
        ("text", "a\x00b"), ("text", "\ud800"), ("text", 5),
        ("geo", {"lat": 91, "lng": 0}), ("address", {"planet": "Mars"}), ("json", float("nan")),
        ("ref", "nobody"), ("boolean", "maybe"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_a_problem_of_its_field(
    things: Workshop, kind: str, value: Any
) -> None:
    count = f"SELECT count(*) FROM {things.table('thing').table.name}"
    before = things.sql(count)

    with pytest.raises(InvalidError) as caught:
        things.create("thing", **{f"f_{kind}": value})

    assert [one["field"] for one in caught.value.details] == [f"f_{kind}"]
    assert things.sql(count) == before


def test_a_pattern_of_an_author_never_takes_long(things: Workshop) -> None:
    with pytest.raises(InvalidError, match="does not have the form"):
        things.create("thing", coded="a" * 5_000)

    assert things.create("thing", coded="aab")


def test_references_are_kept_in_order_and_once(things: Workshop) -> None:
    first, second = things.create("thing", f_text="1"), things.create("thing", f_text="2")

    record = things.create("thing", f_ref=first, f_refs=[second, first, second])

    found = things.get("thing", record)
    assert _ids(found["f_ref"]) == [first]
    assert _ids(found["f_refs"]) == [second, first]


def _ids(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [
        item["id"] if isinstance(item, dict) else str(getattr(item, "id", item)) for item in items
    ]


def test_sums_are_exact(things: Workshop) -> None:
    record = things.create("thing")

    for amount in ["0.1", "0.2", "88888888888888.8888", "-88888888888888.8888"]:
        things.create("part", thing=record, amount=amount)

    assert things.get("thing", record)["f_rollup"] == Decimal("0.3")


def test_a_sum_that_overflows_its_field_is_refused(things: Workshop) -> None:
    record = things.create("thing")
    things.create("part", thing=record, amount="99999999999999.9999")

    with pytest.raises(InvalidError, match="f_rollup"):
        things.create("part", thing=record, amount="1")

    assert things.get("thing", record)["f_rollup"] == Decimal("99999999999999.9999")


def test_computed_values_follow(things: Workshop) -> None:
    record = things.create("thing", f_integer=4, f_decimal="0.1")
    things.update("thing", record, f_integer=5)

    found = things.get("thing", record)
    assert (found["f_formula"], found["virtual"]) == (-5, Decimal("0.2"))


@pytest.mark.parametrize("kind", ["integer", "decimal", "date", "datetime", "duration", "time"])
def test_values_are_in_order_on_both_databases(things: Workshop, kind: str) -> None:
    values: dict[str, list[Any]] = {
        "integer": [-10, -9, 0, 9, 10], "decimal": ["-10.5", "-9", "0", "9", "10.5"],
        "date": ["0001-01-01", "1999-12-31", "2026-01-01"],
        "datetime": ["1000-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z"],
        "duration": ["-PT1H", "PT0S", "PT5M", "P1D"], "time": ["00:00", "09:00", "23:59:59"],
    }  # fmt: skip
    for value in reversed(values[kind]):
        things.create("thing", **{f"f_{kind}": value, "f_scan": f"order of {kind}"})

    chosen = {"filter": f'f_scan = "order of {kind}"', "sort": (f"f_{kind}",)}
    ordered = things.values("thing", f"f_{kind}", **chosen)

    assert ordered == sorted(ordered)
    assert len(ordered) == len(values[kind])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50))
def test_any_text_comes_back(things: Workshop, text: str) -> None:
    assert things.get("thing", things.create("thing", f_text=text))["f_text"] == text


@given(st.decimals(-(10**12) + 1, 10**12 - 1, places=6, allow_nan=False))
def test_any_decimal_comes_back(things: Workshop, number: Decimal) -> None:
    assert things.get("thing", things.create("thing", f_decimal=str(number)))["f_decimal"] == number


@given(st.datetimes(LOW, HIGH, timezones=st.just(EAST)))
def test_any_moment_comes_back(things: Workshop, moment: datetime) -> None:
    assert things.get("thing", things.create("thing", f_datetime=moment))["f_datetime"] == moment


@given(st.timedeltas(timedelta(days=-40_000), timedelta(days=40_000)))
def test_any_duration_comes_back(things: Workshop, duration: timedelta) -> None:
    record = things.create("thing", f_duration=duration)

    assert things.get("thing", record)["f_duration"] == duration
