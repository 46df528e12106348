"""The event log over HTTP: for those who may audit, in pages and as files."""

from __future__ import annotations

import csv
import io

from defusedxml import ElementTree

from tests.fakes.depot import Depot


def test_the_log_is_paged_filtered_and_for_auditors_only(depot: Depot) -> None:
    depot.order("cora", amount="5000.00")
    admin = depot.caller("ada")

    first = admin.get("/events", object="order", limit="1").json
    rest = admin.get("/events", object="order", cursor=first["next_cursor"]).json

    assert [one["kind"] for one in first["items"]] == ["create"]
    assert rest["items"] and rest["next_cursor"] is None
    assert {"case_id", "actor", "role", "start_at", "end_at", "version"} <= set(first["items"][0])
    assert admin.get("/events", since="2999-01-01T00:00:00Z").json["items"] == []
    assert depot.caller("cora").get("/events").status_code == 403
    assert admin.get("/events", since="yesterday").status_code == 422
    assert admin.get("/events", cursor="x").status_code == 422


def test_the_log_leaves_as_files(depot: Depot) -> None:
    depot.order("cora", amount="5000.00")
    admin = depot.caller("ada")

    rows = list(csv.DictReader(io.StringIO(admin.get("/events.csv").text)))
    log = ElementTree.fromstring(admin.get("/events.xes", object="order").text)

    assert {row["case_id"] for row in rows} and all(row["case_object"] for row in rows)
    assert len(log.findall("{http://www.xes-standard.org/}trace")) == 1
    assert depot.caller("cora").get("/events.xes").status_code == 403
