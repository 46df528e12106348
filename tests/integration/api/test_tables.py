"""Records in and out as tables: every row through the one door, every problem with its row."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from tests.fakes.depot import Caller, Depot

ORDERS = "/records/order"


def send(caller: Caller, data: bytes, *, path: str = ORDERS, **query: str) -> TestResponse:
    return caller("POST", f"{path}/import", query_string=query, data=data, content_type="text/csv")


def titles(caller: Caller) -> list[str]:
    return [one["title"] for one in caller.get(ORDERS, sort="title").json["items"]]


def test_rows_become_records(depot: Depot) -> None:
    mara, acme = depot.caller("mara"), depot.customer("Acme", code="A1")
    text = (
        "title,customer.code,size,tags,amount,due_on\nDesk,A1,Large,small;large,12.50,2026-05-01\n"
    )

    done = send(mara, text.encode())
    made = mara.get(ORDERS, fields="title,customer,size,tags,amount,due_on,source").json["items"][0]

    assert (done.status_code, done.json["created"], done.json["problems"]) == (200, 1, [])
    assert made["customer"]["id"] == acme
    assert (made["size"], made["tags"], made["amount"]) == ("large", ["small", "large"], 12.5)
    assert (made["due_on"], made["source"]) == ("2026-05-01", "import")


def test_one_wrong_row_undoes_all_and_is_named(depot: Depot) -> None:
    mara = depot.caller("mara")
    text = "title,pieces\nGood,1\n,2\nBad,many\n"

    refused = send(mara, text.encode())

    assert refused.status_code == 422
    assert [(one["row"], one["field"]) for one in refused.json["details"]] == [
        (3, "title"), (4, "pieces"),
    ]  # fmt: skip
    assert titles(mara) == []


def test_each_row_for_itself_keeps_the_good_ones(depot: Depot) -> None:
    mara = depot.caller("mara")

    done = send(mara, b"title,pieces\nGood,1\nBad,many\nFine,2\n", mode="each")

    assert (done.json["created"], done.json["failed"]) == (2, 1)
    assert titles(mara) == ["Fine", "Good"]


def test_a_dry_run_writes_nothing_and_reports_all(depot: Depot) -> None:
    mara = depot.caller("mara")

    done = send(mara, b"title,pieces\nGood,1\nBad,many\n", dry_run="1")

    assert (done.status_code, done.json["ok"], done.json["created"]) == (200, False, 1)
    assert done.json["problems"][0]["row"] == 3
    assert titles(mara) == []


def test_a_row_with_an_id_changes_that_record_at_its_revision(depot: Depot) -> None:
    mara, order = depot.caller("mara"), depot.order("mara", title="Old")

    stale = send(mara, f"id,rev,title\n{order},7,New\n".encode())
    without = send(mara, f"id,title\n{order},New\n".encode())
    done = send(mara, f"id,rev,title\n{order},1,New\n".encode())

    assert (stale.status_code, without.status_code) == (422, 422)
    assert (done.json["updated"], titles(mara)) == (1, ["New"])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"), (b"title,title\na,b\n", "names two columns"), (b"title,\na,b\n", "title"),
        (b"title,colour\na,b\n", "no field `colour`"), (b"tit\x00le\na\n", "NUL"),
        ("title\nGrün\n".encode("latin-1"), "line 2 is not in UTF-8"),
        (b",".join(b"c%d" % n for n in range(20_000)) + b"\n", "at most 500 columns"),
        (b'title\n"open\n', "quotes"), (b"title\n" + b"x" * 300_000, "field larger"),
        (b"PK\x03\x04 no workbook", "no workbook"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_understood_is_refused(depot: Depot, data: bytes, said: str) -> None:
    refused = send(depot.caller("mara"), data)

    if data.startswith(b"title,\n"):
        assert refused.status_code == 422  # the second cell has no column
    else:
        assert refused.status_code in (413, 422)
        assert said in refused.get_data(as_text=True)


@pytest.mark.parametrize(
    "data",
    ["title;pieces\nDesk;3\n".encode("utf-16"), b"\xef\xbb\xbftitle;pieces\r\nDesk;3\r\n",
     b"title\tpieces\nDesk\t3\n"],
)  # fmt: skip
def test_marks_and_delimiters_of_spreadsheets_are_understood(depot: Depot, data: bytes) -> None:
    mara = depot.caller("mara")

    assert send(mara, data).json["created"] == 1
    assert titles(mara) == ["Desk"]


def test_dates_in_two_orders_are_never_guessed(depot: Depot) -> None:
    refused = send(depot.caller("mara"), b"title,due_on\nA,01/02/2026\nB,13-02-2026\n")

    assert [one["row"] for one in refused.json["details"]] == [2, 3]


def test_a_ragged_row_is_named(depot: Depot) -> None:
    refused = send(depot.caller("mara"), b"title,pieces\nA,1,surplus\nB\n")

    assert [(one["row"], one["code"]) for one in refused.json["details"]] == [(2, "RAGGED")]


def test_a_reference_that_names_none_or_several_is_refused(depot: Depot) -> None:
    depot.customer("Twin"), depot.customer("Twin")

    refused = send(depot.caller("mara"), b"title,customer\nA,Nobody\nB,Twin\n")

    said = [one["message"] for one in refused.json["details"]]
    assert said == ["`Nobody` names no record of `customer`",
                    "`Twin` names several records of `customer`"]  # fmt: skip


@pytest.mark.parametrize("column", ["internal_cost", "remark", "external", "customer.credit_limit"])
def test_a_hidden_column_is_as_unknown_as_a_missing_one(depot: Depot, column: str) -> None:
    depot.customer("Acme", credit_limit="5.00")

    refused = send(depot.caller("cora"), f"title,{column}\nA,5\n".encode())

    assert refused.status_code == 422
    assert "no field" in refused.json["message"] or "looked up" in refused.json["message"]


def workbook(*rows: list[Any]) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_is_read_whatever_size_it_claims(depot: Depot) -> None:
    mara = depot.caller("mara")
    data = workbook(["title", "pieces"], *(["Desk", number] for number in range(20)))

    done = send(mara, shrunk(data))

    assert done.json["created"] == 20


def shrunk(data: bytes) -> bytes:
    """Return a workbook whose sheet says that it has one cell and names a drawing it lacks."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                assert b'<dimension ref="A1:B21"' in text
                text = text.replace(b'ref="A1:B21"', b'ref="A1"')
                text = text.replace(
                    b"</worksheet>",
                    b'<drawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
                    b'relationships" r:id="rId9"/></worksheet>',
                )
            new.writestr(part.filename, text)
    return made.getvalue()


def test_a_formula_in_a_workbook_is_refused_not_guessed(depot: Depot) -> None:
    refused = send(depot.caller("mara"), workbook(["title", "pieces"], ["Desk", "=1+1"]))

    assert refused.json["details"][0]["message"] == "is a formula or an error; paste its value"


def test_what_is_exported_can_be_imported_and_is_the_same(depot: Depot) -> None:
    mara = depot.caller("mara")
    texts = ["=1+1", "'=2", "@x", "+3", "-4", "plain", "'quoted'", "＝5", 'say "x", y', "行"]
    for text in texts:
        mara.post(ORDERS, {"title": text, "amount": "-5.25"})
    before = sorted(titles(mara))

    for kind in ("csv", "xlsx"):
        taken = mara.get(f"{ORDERS}/export.{kind}", fields="title,amount")
        again = send(mara, taken.get_data())

        assert (taken.status_code, again.status_code) == (200, 200), again.get_data()
        assert again.json["updated"] == len(texts)
        assert sorted(titles(mara)) == before


def test_no_cell_of_an_export_is_a_formula(depot: Depot) -> None:
    mara = depot.caller("mara")
    mara.post(ORDERS, {"title": "=cmd|' /C calc'!A0", "amount": "-5.25"})

    text = mara.get(f"{ORDERS}/export.csv", fields="title,amount").get_data().decode("utf-8-sig")
    book = load_workbook(
        io.BytesIO(mara.get(f"{ORDERS}/export.xlsx", fields="title,amount").get_data())
    )

    rows = list(csv.DictReader(io.StringIO(text)))
    cells = next(iter(book.active.iter_rows(min_row=2)))
    assert rows[0]["title"] == "'=cmd|' /C calc'!A0"
    assert float(rows[0]["amount"]) == -5.25
    assert [cell.data_type for cell in cells[2:]] == ["s", "n"]


def test_an_export_needs_the_right_to_take_away(depot: Depot) -> None:
    depot.order("cora")

    assert depot.caller("pia").get(f"{ORDERS}/export.csv").status_code == 403
    assert depot.caller("dan").get(f"{ORDERS}/export.csv").status_code == 404
    assert depot.caller("mara").get(f"{ORDERS}/export.csv", fields="nope").status_code == 422


def test_an_import_sent_twice_under_one_key_is_done_once(depot: Depot) -> None:
    mara = depot.caller("mara")
    sent = {"data": b"title\nDesk\n", "content_type": "text/csv"}

    first = mara("POST", f"{ORDERS}/import", key="k1", **sent)
    second = mara("POST", f"{ORDERS}/import", key="k1", **sent)

    assert first.get_data() == second.get_data()
    assert titles(mara) == ["Desk"]
