"""The pages of substitutes and of the work of people whom one leads."""

from __future__ import annotations

import pytest

from tests.fakes.depot import Depot
from tests.fakes.shelf import Shelf


@pytest.fixture
def depot(shelf: Shelf, server: str | None) -> Depot:
    return shelf.take("depot", server, lambda database, _: Depot(database))


def test_ones_substitutes_are_listed(depot: Depot) -> None:
    cora = depot.caller("cora")
    cora.post("/delegations", {"to": depot.users["carl"], "reason": "moving house"})

    page = cora.get_page("/profile/substitutes")

    assert page.status_code == 200
    assert "Carl" in page.text
    assert "moving house" in page.text


def test_a_leader_sees_the_work_of_somebody_and_others_do_not(depot: Depot) -> None:
    depot.order("cora", title="Twelve chairs")
    address = f"/people/{depot.users['cora']}/work"

    seen, refused = depot.caller("ada").get_page(address), depot.caller("carl").get_page(address)

    assert (seen.status_code, refused.status_code) == (200, 403)
    assert "Work of Cora" in seen.text
    assert "order:*" in seen.text
