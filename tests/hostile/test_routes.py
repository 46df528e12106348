"""Check 17: every address of the application, and the surfaces that are not there yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from werkzeug.routing import AnyConverter, BaseConverter

from tests.fakes.depot import Depot
from tests.hostile.surface import ADM, CUST, MGR, NOBODY

#: The only addresses that answer somebody who is not signed in (17).
PUBLIC = {"/login", "/login/demo", "/login/language", "/healthz", "/readyz"}


#: Surfaces that the checks speak of and that this product does not have yet. When one comes, the
#: test below fails until the checks named here are tested for it and its line is gone.
NOT_THERE_YET = {
    "/portal": "18, 22, 25, 26: what customers see and send",
    "/m": "22, 31: what a phone sends when it is back",
    "/in": "21, 22, 68 to 72: inbound channels and their signatures",
    "/api/v1/plans": "23, 49: plans of packages",
    "/api/v1/hooks": "19, 20, 72: outbound webhooks",
    "/api/v1/reports": "14, 16, 19: reports over records",
    "/api/v1/shares": "26: links that show one record",
    "/d": "14, 16, 19: dashboards",
    "/builder": "16, 23: definitions changed in the browser",
    "/print": "18, 19, 58: printed records",
    "/socket": "24: connections that stay open",
}
#: The areas that the tests of this folder attack.
KNOWN = {
    "", "admin", "api", "files", "healthz", "inbox", "login", "logout", "metrics", "notifications",
    "o", "people", "profile", "readyz", "search",
}  # fmt: skip
KNOWN_API = {
    "delegations", "events", "events.<any(csv, xes):kind>", "expressions", "flows", "instances",
    "me", "messages", "openapi.json", "packages", "records", "tasks",
    "tokens", "users",
}  # fmt: skip
KNOWN_OF_RECORDS = {"", "bulk", "comments", "export.<any(csv, xlsx):kind>", "files", "history",
                    "import", "restore", "transitions/<name>"}  # fmt: skip


def test_17_no_surface_comes_without_its_checks(depot: Depot) -> None:
    rules = [rule.rule for rule in depot.app.url_map.iter_rules()]
    areas = {rule.split("/")[1] for rule in rules}
    of_api = {rule.split("/")[3] for rule in rules if rule.startswith("/api/v1/")}
    records = "/api/v1/records/<object_key>"
    of_records = {
        rule.removeprefix(records).removeprefix("/<record_id>").removeprefix("/")
        for rule in rules
        if rule.startswith(records)
    }

    come = [one for one in NOT_THERE_YET for rule in rules if rule.startswith(f"{one}/")]

    assert (areas - KNOWN, of_api - KNOWN_API, of_records - KNOWN_OF_RECORDS) == (set(),) * 3
    assert come == []


def addresses(depot: Depot, identity: str = "x1") -> Iterator[tuple[str, str]]:
    """Yield every (method, address) of the application, with ids that name nothing."""
    adapter = depot.app.url_map.bind("localhost")
    for rule in depot.app.url_map.iter_rules():
        values = {name: _filling(name, rule._converters[name], identity) for name in rule.arguments}
        address = adapter.build(rule.endpoint, values)
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield method, address


def _filling(name: str, converter: BaseConverter, identity: str) -> str:
    """Return a value that an address takes: one of its own, an object, or an id of nothing."""
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return "order" if name == "object_key" else identity


def test_17_every_address_wants_somebody_signed_in_but_for_a_list(depot: Depot) -> None:
    stranger = depot.caller()
    answered = set()

    for method, address in addresses(depot):
        answer = stranger.client.open(address, method=method)
        entered = answer.status_code == 401 or (
            answer.status_code == 303 and answer.headers["Location"].startswith("/login")
        )
        if not entered:
            answered.add(address)

    assert answered == PUBLIC


def test_17_no_address_fails_for_somebody_with_few_rights(depot: Depot) -> None:
    cust = depot.caller(CUST)

    for method, address in addresses(depot):
        answer = cust.client.open(
            address, method=method, headers={"Authorization": f"Bearer {cust.token}"}
        )
        assert answer.status_code < 500, (method, address)


@pytest.mark.parametrize("login", [CUST, ADM])
def test_17_an_id_that_is_none_is_answered_like_one_of_nothing(depot: Depot, login: str) -> None:
    """`x1` and the id of no record: the same status at every address."""
    caller = depot.caller(login)
    headers = {"Authorization": f"Bearer {caller.token}"}

    for (method, none), (_, nothing) in zip(
        addresses(depot), addresses(depot, NOBODY), strict=True
    ):
        one = caller.client.open(none, method=method, headers=headers, buffered=True)
        other = caller.client.open(nothing, method=method, headers=headers, buffered=True)
        if none != nothing and "/t/" not in none and "/transitions/" not in none:
            assert one.status_code in (other.status_code, 404), (method, none)
            assert one.status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/admin/users",
        "/admin/packages",
        "/admin/jobs",
        "/admin/history",
        "/metrics",
        "/api/v1/events",
        "/api/v1/events.csv",
        "/api/v1/events.xes",
    ],
)
def test_17_administration_is_for_administrators(depot: Depot, path: str) -> None:
    def status(login: str) -> int:
        headers = {"Authorization": f"Bearer {depot.token(login)}"}
        return depot.browser().get(path, headers=headers, buffered=True).status_code

    assert (status(CUST), status(MGR), status(ADM)) == (403, 403, 200)


def test_17_reading_changes_nothing(depot: Depot) -> None:
    mara = depot.caller(ADM)
    before = _everything(depot)

    for method, address in addresses(depot):
        if method == "GET":
            mara.client.get(address, headers={"Authorization": f"Bearer {mara.token}"})

    assert _everything(depot) == before


def _everything(depot: Depot) -> dict[str, int]:
    """Return how many rows each table has, but for when tokens were used."""
    with depot.workspace.database.read() as connection:
        names = sa.inspect(connection).get_table_names()
        return {
            name: connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in names
        }
