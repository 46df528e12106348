"""Checks G 60 to 64 and 66: sessions, forms, passwords, ways back, tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from trellis.access.passwords import Passwords
from werkzeug.test import TestResponse

from tests.fakes.depot import PASSWORD, Depot
from tests.hostile.surface import ADM, MGR, ORDERS, TECH, sign_in, signed_in

COOKIE = "trellis"


def cookie(depot: Depot, login: str = MGR) -> str:
    client, _ = sign_in(depot, login)
    found = client.get_cookie(COOKIE)
    assert found is not None
    return found.value


def test_60_signing_in_gives_a_new_session(depot: Depot) -> None:
    signed_in(depot, MGR)
    client = depot.app.test_client()
    client.set_cookie(COOKIE, "chosen-by-somebody-else")

    client, _ = sign_in(depot, MGR, client=client)
    first = client.get_cookie(COOKIE)
    stranger = depot.app.test_client()
    stranger.set_cookie(COOKIE, "chosen-by-somebody-else")

    assert first is not None
    assert first.value != "chosen-by-somebody-else"
    assert stranger.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/me").status_code == 200


def test_60_a_copied_cookie_ends_with_its_session(depot: Depot) -> None:
    browser, thief = signed_in(depot, MGR), depot.app.test_client()
    own = browser.client.get_cookie(COOKIE)
    assert own is not None
    thief.set_cookie(COOKIE, own.value)
    assert thief.get("/api/v1/me").status_code == 200

    browser.post("/logout")

    assert thief.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("path", ["/", "/o/order", "/profile", "/api/v1/me", ORDERS, "/login"])
def test_60_no_answer_is_kept_by_a_cache(depot: Depot, path: str) -> None:
    answer = signed_in(depot, MGR).get(path if path != ORDERS else f"/api/v1{ORDERS}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://localhost.evil.example"},
    ],
)  # fmt: skip
def test_61_another_site_sends_no_form_of_ours(depot: Depot, headers: dict[str, str]) -> None:
    browser = signed_in(depot, MGR)
    fields = {"csrf_token": browser.csrf, "text": "Hello"}
    path = f"/o/order/{depot.order(MGR)}/comments"

    forged = browser.client.post(path, data=fields, headers=headers)
    twin = browser.client.post(path, data=fields)

    assert (forged.status_code, twin.status_code) == (403, 303)


def test_61_nor_without_the_value_of_the_form(depot: Depot) -> None:
    browser = signed_in(depot, MGR)
    order = depot.order(MGR)
    title = b'{"title": "forged"}'

    refused = [
        browser.client.post(f"/o/order/{order}/comments", data={"text": "x"}),
        browser.client.post("/o/order/new", data={"title": "x", "csrf_token": "x"}),
        browser.client.post(f"/api/v1{ORDERS}", json={"title": "x"}),
        browser.client.post(f"/api/v1{ORDERS}", data=title, content_type="text/plain"),
        browser.client.post(f"/api/v1{ORDERS}", data={"title": "x"}),
    ]
    twin = browser.client.post(
        f"/api/v1{ORDERS}", json={"title": "lawful"}, headers={"X-CSRF-Token": browser.csrf}
    )

    assert {one.status_code for one in refused} == {403}
    assert twin.status_code == 201


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_61_a_header_makes_no_get_a_delete(depot: Depot, header: str) -> None:
    mara, order = depot.caller(MGR), depot.order(MGR)

    mara("GET", f"{ORDERS}/{order}", headers={header: "DELETE"}, rev=1)
    mara("POST", f"{ORDERS}/{order}?_method=DELETE", {}, headers={header: "DELETE"}, rev=1)

    assert mara.get(f"{ORDERS}/{order}").status_code == 200


@dataclass
class CountingHasher(PasswordHasher):
    """argon2 that counts how often it worked; cheap."""

    verified: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified.append(str(password))
        return super().verify(hash, password)


def test_62_a_guess_costs_the_same_for_everybody(own_depot: Depot) -> None:
    """One verification for a known, an unknown and a deactivated name, and one body."""
    signed_in(own_depot, MGR)
    own_depot.add_user("gone", "clerk")
    own_depot.set_password("gone")
    path = f"/records/user/{own_depot.users['gone']}"
    own_depot.caller(ADM).patch(path, {"active": False}, 1)
    hasher = CountingHasher()
    signing = own_depot.access.sign_in
    signing._passwords = Passwords(hasher)
    signing._passwords.prepare()
    bodies, work = set(), []

    for login in (MGR, "nobody-here", "gone"):
        hasher.verified.clear()
        _, answer = sign_in(own_depot, login, "a wrong password", at=f"10.0.0.{len(login)}")
        bodies.add(without_values(answer.get_data(as_text=True)))
        work.append((answer.status_code, len(hasher.verified)))

    assert work == [(401, 1)] * 3
    assert len(bodies) == 1


def without_values(page: str) -> str:
    """Return a page without what was typed and what is new in every page."""
    return re.sub(r'(value|content)="[^"]*"', "", page)


def test_63_guesses_are_slowed_down_whoever_they_say_they_come_from(own_depot: Depot) -> None:
    signed_in(own_depot, MGR)
    statuses, waits = [], []
    for number in range(12):
        client = own_depot.app.test_client()
        client.environ_base["HTTP_X_FORWARDED_FOR"] = f"10.9.8.{number}"
        _, answer = sign_in(own_depot, TECH, "wrong", at="10.1.1.1", client=client)
        statuses.append(answer.status_code)
        waits.append(answer.headers.get("Retry-After"))
    _, honest = sign_in(own_depot, MGR, at="10.2.2.2")

    assert statuses[:5] == [401] * 5
    assert set(statuses[5:]) == {429}
    assert all(wait and int(wait) > 0 for wait in waits[5:])
    assert honest.status_code == 303


def test_63_one_password_over_many_names_is_slowed_down(own_depot: Depot) -> None:
    statuses = [
        sign_in(own_depot, f"name{number}", "Summer2026!", at="10.3.3.3")[1].status_code
        for number in range(40)
    ]

    assert 429 in statuses[25:]
    assert statuses[-1] == 429


def test_63_tokens_that_are_none_are_slowed_down_by_address(own_depot: Depot) -> None:
    ask, good = _fresh(own_depot), own_depot.token(MGR)
    answers = [ask(f"guess{number}", at="10.4.4.4") for number in range(40)]

    assert [one.status_code for one in answers[:30]] == [401] * 30
    assert {one.status_code for one in answers[30:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert ask(good, at="10.4.4.4").status_code == 429
    assert ask(good, at="10.5.5.5").status_code == 200


def test_63_searches_and_exports_have_a_pace_of_their_own(own_depot: Depot) -> None:
    ask, mine, other = _fresh(own_depot), own_depot.token(MGR), own_depot.token(TECH)
    searches = [ask(mine, "?search=a").status_code for _ in range(301)]
    exports = [ask(mine, "/export.csv").status_code for _ in range(61)]

    assert (set(searches[:300]), searches[300]) == ({200}, 429)
    assert (set(exports[:60]), exports[60]) == ({200}, 429)
    assert ask(mine).status_code == 200
    assert ask(other, "?search=a").status_code == 200


def _fresh(depot: Depot) -> Callable[..., TestResponse]:
    """Return what asks a server that has counted nothing yet."""
    app = depot.make_app()

    def ask(token: str, rest: str = "", at: str = "10.6.6.6") -> TestResponse:
        return app.test_client().get(
            f"/api/v1/records/order{rest}",
            headers={"Authorization": f"Bearer {token}"},
            environ_base={"REMOTE_ADDR": at},
        )

    return ask


@pytest.mark.parametrize(
    "target",
    ["//e.com", "/\\e.com", "https:e.com", "https://e.com", "/\t/e.com", "/%09/e.com",
     "javascript:alert(1)", "\\\\e.com", "/%2f/e.com", "///e.com", "http:///e.com", "/..//e.com"],
)  # fmt: skip
def test_64_the_way_back_stays_here(depot: Depot, target: str) -> None:
    signed_in(depot, MGR)
    _, answer = sign_in(depot, MGR, next=target)
    inside = signed_in(depot, MGR).get(f"/login?next={quote(target)}")

    for one in (answer, inside):
        place = one.headers["Location"]
        assert one.status_code == 303
        assert place.startswith("/")
        assert not place.startswith(("//", "/\\"))
        assert not any(ord(sign) < 0x21 for sign in place)


def test_64_the_lawful_twin_leads_on(depot: Depot) -> None:
    signed_in(depot, MGR)

    _, answer = sign_in(depot, MGR, next="/o/order?q=a")

    assert answer.headers["Location"] == "/o/order?q=a"


@pytest.mark.parametrize("name", ["access_token", "token", "api_key", "authorization"])
def test_66_a_token_in_an_address_proves_nobody(depot: Depot, name: str) -> None:
    token = depot.token(MGR)

    assert depot.browser().get(f"/api/v1/me?{name}={token}").status_code == 401
    assert depot.browser().get(f"/?{name}={token}").status_code == 303


def test_66_a_token_is_shown_once_and_hashed_at_rest(own_depot: Depot) -> None:
    browser = signed_in(own_depot, MGR)
    made = browser.client.post(
        "/api/v1/tokens", json={"label": "script"}, headers={"X-CSRF-Token": browser.csrf}
    ).json
    session = browser.client.get_cookie(COOKIE)
    assert session is not None
    secrets = [made["token"], session.value, browser.csrf, PASSWORD]

    listed = browser.get("/api/v1/tokens").get_data(as_text=True)
    profile = browser.get("/profile").get_data(as_text=True)

    assert made["token"] not in listed + profile
    stored = everything_stored(own_depot)
    assert made["id"] in stored
    assert [one for one in secrets if one != browser.csrf and one in stored] == []


def everything_stored(depot: Depot) -> str:
    """Return every value of every table as one text."""
    parts: list[str] = []
    with depot.workspace.database.read() as connection:
        for name in sa.inspect(connection).get_table_names():
            rows = connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()
            parts += [str(value) for row in rows for value in row]
    return "\n".join(parts)


def test_66_a_token_ends_and_is_no_wider_than_it_was_made(own_depot: Depot) -> None:
    soon = own_depot.clock.now() + timedelta(days=1)
    ending = own_depot.caller(MGR, expires_at=soon)
    narrow = own_depot.caller(MGR, objects=["customer"], methods=["GET"])
    assert ending.get("/me").status_code == 200

    assert narrow.get("/records/customer").status_code == 200
    assert narrow.get(ORDERS).status_code == 403
    assert narrow.post("/records/customer", {"name": "x"}).status_code == 403
    own_depot.clock.advance(timedelta(days=2))

    assert ending.get("/me").status_code == 401
    assert replace(ending, token=ending.token[:-1] + "x").get("/me").status_code == 401
