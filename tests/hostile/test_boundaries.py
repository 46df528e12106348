"""Checks 25, 27 and 28: other workspaces, files by their key, the past under today's rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from trellis.storage.database import Database
from trellis.storage.platform_tables.trail import AUDIT

from tests.fakes.depot import FILES, Depot
from tests.hostile.surface import (
    ADM,
    CUST,
    CUSTOMERS,
    DES,
    MGR,
    NOBODY,
    ORDERS,
    PACKAGE_APPLY,
    TECH,
    TECH2,
    alike,
    send_file,
)


def test_25_another_workspace_is_another_world(depot: Depot, tmp_path: Path) -> None:
    """Ids, tokens and cursors of one workspace mean nothing in another; nor do headers."""
    url = f"sqlite:///{tmp_path / 'other.db'}"
    other = Depot(Database(url))
    mara, order = depot.caller(MGR), other.order("mara", title="Theirs")
    depot.order("mara"), other.order("mara")
    stranger = replace(mara, token=other.token(MGR))
    cursor = other.caller(MGR).get(ORDERS, limit="1").json["next_cursor"]

    assert mara.get(f"{ORDERS}/{order}").get_data() == mara.get(f"{ORDERS}/{NOBODY}").get_data()
    assert stranger.get("/me").status_code == 401
    assert mara.get(ORDERS, limit="1", cursor=cursor).status_code in (200, 422)
    assert mara.post(ORDERS, {"title": "x", "customer": other.customer("T")}).status_code == 422
    for header in ("X-Tenant", "X-Workspace", "X-Forwarded-Host"):
        seen = mara("GET", ORDERS, headers={header: "other"})
        assert "Theirs" not in seen.get_data(as_text=True)
    other.close()


def test_28_todays_rule_applies_to_yesterdays_value(own_depot: Depot) -> None:
    """A field hidden by a new version is hidden in the history of before."""
    cora, order = own_depot.caller(TECH), own_depot.order(TECH)
    mara = own_depot.caller(MGR)
    mara.patch(f"{ORDERS}/{order}", {"pieces": 77}, 1)
    before = cora.get(f"{ORDERS}/{order}/history").get_data(as_text=True)
    roles = FILES["roles.yaml"].replace(
        "order: {internal_cost: hidden, remark: hidden}\n      customer",
        "order: {internal_cost: hidden, remark: hidden, pieces: hidden}\n      customer",
    )
    own_depot.caller(ADM).post(PACKAGE_APPLY, {"files": {**FILES, "roles.yaml": roles}})

    after = cora.get(f"{ORDERS}/{order}/history").get_data(as_text=True)

    assert "77" in before
    assert "77" not in after
    assert "77" in mara.get(f"{ORDERS}/{order}/history").get_data(as_text=True)


def test_every_refused_write_leaves_a_row_in_the_audit(own_depot: Depot) -> None:
    cora, order = own_depot.caller(TECH), own_depot.order(TECH)

    cora.patch(f"{ORDERS}/{order}", {"nope": 1}, 1)
    cora.post(f"{ORDERS}/{order}/transitions/approve", rev=1)
    cora.patch(f"{ORDERS}/{NOBODY}", {"pieces": 1}, 1)

    with own_depot.workspace.database.read() as connection:
        rows = connection.execute(
            sa.select(AUDIT.c.actor, AUDIT.c.outcome)
            .where(AUDIT.c.action == "refused_write")
            .order_by(AUDIT.c.id)
        ).all()
    assert [tuple(row) for row in rows] == [
        (own_depot.users[TECH], "INVALID"),
        (own_depot.users[TECH], "NOT_YOURS"),
        (own_depot.users[TECH], "NOT_FOUND"),
    ]


def test_25_files_jobs_and_names_of_another_workspace_are_nothing_here(
    depot: Depot, tmp_path: Path
) -> None:
    other = Depot(Database(f"sqlite:///{tmp_path / 'other.db'}"))
    theirs = send_file(other.caller(MGR), other.order(MGR))
    other.customer("Theirs", code="C-1")
    mara, ada = depot.caller(MGR), depot.caller(ADM)

    seen = mara.get_page(f"/files/{theirs}")
    missing = mara.get_page(f"/files/{NOBODY}")
    retried = ada.client.post(
        f"/admin/jobs/{theirs}/retry", headers={"Authorization": f"Bearer {ada.token}"}
    )
    same_code = mara.post(CUSTOMERS, {"name": "Ours", "code": "C-1"})

    assert (seen.status_code, same_code.status_code) == (404, 201)
    assert retried.status_code in (303, 404)
    assert alike(seen, missing, theirs, NOBODY)
    other.close()


@pytest.mark.parametrize("login", [TECH2, CUST, DES, ADM])
def test_27_a_file_is_read_by_who_reads_its_record(depot: Depot, login: str) -> None:
    cora = depot.caller(TECH)
    key = send_file(cora, depot.order(TECH))

    refused = depot.caller(login).get_page(f"/files/{key}")
    missing = depot.caller(login).get_page(f"/files/{NOBODY}")

    assert cora.get_page(f"/files/{key}").get_data() == b"secret drawing"
    assert refused.status_code == 404
    assert alike(refused, missing, key, NOBODY)


def test_27_a_part_of_a_file_is_guarded_like_the_whole(depot: Depot) -> None:
    key = send_file(depot.caller(TECH), depot.order(TECH))

    def part(login: str) -> int:
        headers = {"Authorization": f"Bearer {depot.token(login)}", "Range": "bytes=0-3"}
        return depot.browser().get(f"/files/{key}", headers=headers).status_code

    assert part(TECH2) == 404
    assert part(TECH) in (200, 206)


def test_27_a_deleted_or_given_away_record_takes_its_files_along(depot: Depot) -> None:
    cora, mara = depot.caller(TECH), depot.caller(MGR)
    gone, given = depot.order(TECH), depot.order(TECH)
    keys = [send_file(cora, order) for order in (gone, given)]

    mara("DELETE", f"{ORDERS}/{gone}", rev=1)
    mara.patch(f"{ORDERS}/{given}", {"owner": depot.users[TECH2]}, 1)

    assert [cora.get_page(f"/files/{key}").status_code for key in keys] == [404, 404]
    assert depot.caller(TECH2).get_page(f"/files/{keys[1]}").status_code == 200
    assert mara.get_page(f"/files/{keys[0]}").status_code == 404


def test_27_keys_do_not_follow_from_one_another(depot: Depot) -> None:
    """The part of a key that is not the time has 62 bits of noise."""
    cora, order = depot.caller(TECH), depot.order(TECH)

    tails = {send_file(cora, order)[19:] for _ in range(20)}

    assert len(tails) == 20


def test_28_a_deleted_record_is_in_no_answer(depot: Depot) -> None:
    cora, order = depot.caller(TECH), depot.order(TECH, title="Trashed order")
    cora("DELETE", f"{ORDERS}/{order}", rev=1)

    for page in (
        cora.get(ORDERS, search="Trashed"), cora.get(f"{ORDERS}/export.csv"),
        cora.get_page("/o/order?q=Trashed"), cora.get_page("/search?q=Trashed"),
    ):  # fmt: skip
        assert order not in page.get_data(as_text=True)
    assert cora.get(f"{ORDERS}/{order}/history").status_code == 404
    assert cora.get(f"{ORDERS}/{order}/files").status_code == 404
