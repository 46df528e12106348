"""Starting flows and sending messages over HTTP."""

from __future__ import annotations

from tests.fakes.depot import Depot


def test_who_is_named_starts_a_flow_on_a_record_once(depot: Depot) -> None:
    cora = depot.caller("cora")
    order = depot.order("cora", amount="5.00")

    begun = cora.post("/flows/recheck/start", {"record": order}, key="k1")
    again = cora.post("/flows/recheck/start", {"record": order}, key="k1")
    other = cora.post("/flows/recheck/start", {"record": order})

    assert (begun.status_code, begun.json["at"][0]["node"]) == (201, "sent")
    assert again.json["id"] == begun.json["id"]
    assert (other.status_code, other.json["code"]) == (409, "RUNS_ALREADY")


def test_others_do_not_start_it_and_unseen_records_are_not_found(depot: Depot) -> None:
    order = depot.order("cora", amount="5.00")

    assert depot.caller("mara").post("/flows/recheck/start", {"record": order}).status_code == 403
    assert depot.caller("carl").post("/flows/recheck/start", {"record": order}).status_code == 404
    for flow in ("big_order", "nothing"):
        assert depot.caller("cora").post(f"/flows/{flow}/start", {}).status_code == 404


def test_a_flow_starts_on_a_new_record_with_the_rights_of_who_starts_it(depot: Depot) -> None:
    cora = depot.caller("cora")
    values = {"title": "Desk", "amount": "7.00"}

    begun = cora.post("/flows/recheck/start", {"values": values})
    refused = cora.post("/flows/recheck/start", {"values": {**values, "internal_cost": "1.00"}})

    assert begun.status_code == 201
    assert cora.get(f"/records/order/{begun.json['about']['id']}").json["amount"] == 7
    assert refused.status_code == 422


def test_a_message_needs_a_right_of_its_own_and_arrives_once(depot: Depot) -> None:
    cora, chief = depot.caller("cora"), depot.caller("ada")
    order = depot.order("cora", amount="5.00")
    number = cora.get(f"/records/order/{order}").json["number"]
    cora.post("/flows/recheck/start", {"record": order})
    told = {"payload": {"number": number, "note": "good"}, "dedupe": "d1"}

    refused = cora.post("/messages/order.checked", told)
    sent = chief.post("/messages/order.checked", told)
    again = chief.post("/messages/order.checked", told)

    assert refused.status_code == 403
    assert (sent.status_code, sent.json["state"]) == (201, "correlated")
    assert (again.status_code, again.json["duplicate"]) == (200, True)
    assert cora.get(f"/records/order/{order}").json["note"] == "good"


def test_a_message_with_a_wrong_ttl_is_refused(depot: Depot) -> None:
    answer = depot.caller("ada").post("/messages/x", {"ttl": "soon"})

    assert (answer.status_code, answer.json["details"][0]["field"]) == (422, "ttl")
