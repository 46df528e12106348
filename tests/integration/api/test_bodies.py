"""Bodies are read strictly: what could be understood in two ways is refused."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.fakes.depot import Depot

JSON = "application/json"


def send(depot: Depot, data: bytes, kind: str = JSON, **headers: str) -> TestResponse:
    return depot.caller("mara")(
        "POST", "/records/order", data=data, content_type=kind, headers=headers
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b'"text"',
        b'{"title": "a"} {"title": "b"}',
        b'{"title": "a", "title": "b"}',
        b'{"title": "a", "extra": {"k": 1, "k": 2}}',
        b'{"title": "a", "amount": NaN}',
        b'{"title": "a", "amount": Infinity}',
        b'{"title": "a\xff"}',
        b'{"title": "\\ud800"}',
        b'{"title": "a",}',
        b'{"title": "a", "amount": 1' + b"0" * 5000 + b"}",
        b'{"title": "a", "amount": 0.' + b"1" * 5000 + b"}",
        b'{"extra": ' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"extra": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b"[" * 200_000,
        b"{" + b",".join(b'"k%d": 1' % number for number in range(6000)) + b"}",
        b"\xff\xfe{\x00}\x00",
    ],
)
def test_what_is_no_plain_json_object_is_refused(depot: Depot, data: bytes) -> None:
    refused = send(depot, data)

    assert refused.status_code in (400, 415, 422)
    assert refused.json["code"] in ("BAD_JSON", "WRONG_TYPE", "INVALID")


def test_a_repeated_key_is_named(depot: Depot) -> None:
    refused = send(depot, b'{"title": "a", "title": "b"}')

    assert (refused.status_code, refused.json["message"]) == (
        400,
        "this is no JSON: `title` is there twice",
    )


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "text/json",
    ],
)
def test_json_of_another_type_is_refused(depot: Depot, kind: str) -> None:
    refused = send(depot, b'{"title": "a"}', kind)

    assert (refused.status_code, refused.json["code"]) == (415, "WRONG_TYPE")


def test_a_compressed_body_is_refused(depot: Depot) -> None:
    refused = send(depot, b'{"title": "a"}', **{"Content-Encoding": "gzip"})

    assert refused.status_code == 415


def test_a_body_over_the_limit_is_refused(depot: Depot) -> None:
    refused = send(depot, b'{"title": "' + b"a" * (2 * 1024 * 1024) + b'"}')

    assert (refused.status_code, refused.json["code"]) == (413, "TOO_LARGE")


@pytest.mark.parametrize(
    "values",
    [
        {"title": None},
        {"title": 5},
        {"title": ["a"]},
        {"title": "a" * 121},
        {"title": "a\x00b"},
        {"title": "a", "pieces": 1.5},
        {"title": "a", "pieces": True},
        {"title": "a", "pieces": -1},
        {"title": "a", "pieces": 10**30},
        {"title": "a", "amount": "1e999"},
        {"title": "a", "extra": {"control": "\x01"}},
        {"title": "a", "amount": "abc"},
        {"title": "a", "amount": 10**12},
        {"title": "a", "due_on": "2026-02-30"},
        {"title": "a", "due_at": "yesterday"},
        {"title": "a", "size": "huge"},
        {"title": "a", "tags": ["small", "huge"]},
        {"title": "a", "tags": {"small": 1}},
        {"title": "a", "customer": "nobody"},
        {"title": "a", "customer": {"name": "Acme"}},
        {"title": "a", "express": "perhaps"},
        {"title": "a", "lines": "none"},
        {"title": "a", "lines": [5]},
        {"title": "a", "lines": [{"item": "a", "nope": 1}]},
        {"title": "a", "number": "O-1"},
        {"title": "a", "status": "closed"},
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused(
    depot: Depot, values: dict[str, object]
) -> None:
    mara = depot.caller("mara")

    refused = mara.post("/records/order", values)

    assert (refused.status_code, refused.json["code"]) in (
        (422, "INVALID"),
        (403, "FORBIDDEN"),
    )
    assert mara.get("/records/order").json["items"] == []


def test_all_mistakes_are_named_at_once(depot: Depot) -> None:
    refused = depot.caller("mara").post("/records/order", {"title": 5, "pieces": "x", "nope": 1})

    assert {one["field"] for one in refused.json["details"]} == {
        "title",
        "pieces",
        "nope",
    }


def test_a_flood_of_mistakes_is_cut(depot: Depot) -> None:
    refused = depot.caller("mara").post("/records/order", {f"k{n}": 1 for n in range(1000)})

    assert len(refused.json["details"]) == 101
    assert refused.json["details"][-1]["message"] == "and 900 more"
    assert len(refused.get_data()) < 20_000


@pytest.mark.parametrize(
    "number", ["1e400000000", "-1e400000000", "1e-400000000", "1.00000000000000000001"]
)
@pytest.mark.parametrize("field", ["pieces", "amount", "weight", "extra"])
def test_a_monstrous_number_costs_nothing(depot: Depot, field: str, number: str) -> None:
    answer = send(depot, f'{{"title": "a", "{field}": {number}}}'.encode())

    assert answer.status_code in (201, 400, 422)
    assert "e+" not in answer.get_data(as_text=True).lower()


def test_json_fields_keep_numbers(depot: Depot) -> None:
    made = send(depot, b'{"title": "a", "extra": {"half": 0.5, "list": [1, 2.25, null]}}')

    assert made.json["extra"] == {"half": 0.5, "list": [1, 2.25, None]}
