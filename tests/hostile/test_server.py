"""Checks G 59, 65 and 67: how a server starts, what every answer carries, what is not there."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.sessions import SecureCookieSessionInterface
from trellis.cli.serve import RefusedToStartError, safe_settings
from trellis.settings import Settings
from trellis.storage.platform_tables.trail import HISTORY
from werkzeug.test import TestResponse

from tests.fakes.depot import SECRET, Depot
from tests.hostile.surface import ADM, CUST, MGR, ORDERS, signed_in

GOOD = "kT9v-4fQzR1mW8xYb2LcHs7dNa6PgJe3"
#: Keys that stand in manuals, or are none.
WEAK = ("", "dev", "changeme", "12345678", "secret-key", "a" * 64, "trellis" * 8,
        "django-insecure-9f8g7h6j5k4l3m2n1b0v9c8x7z", "0123456789abcdef0123456789abcdef",
        "your-secret-key-goes-here-1234567890")  # fmt: skip


def settings(folder: Path, key: str, *, dev: bool = False) -> Settings:
    return Settings(folder, f"sqlite:///{folder / 'x.db'}", key, folder / "files", dev=dev)


@pytest.mark.parametrize("key", WEAK)
def test_59_a_server_does_not_start_with_a_weak_key(tmp_path: Path, key: str) -> None:
    with pytest.raises(RefusedToStartError):
        safe_settings(settings(tmp_path, key), "127.0.0.1")


def test_59_with_a_good_one_it_does(tmp_path: Path) -> None:
    assert safe_settings(settings(tmp_path, GOOD), "0.0.0.0").secret_key == GOOD  # noqa: S104


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])  # noqa: S104
def test_59_development_serves_this_machine_only(tmp_path: Path, host: str) -> None:
    with pytest.raises(RefusedToStartError):
        safe_settings(settings(tmp_path, GOOD, dev=True), host)


@pytest.mark.parametrize("key", WEAK)
def test_59_development_makes_a_key_of_its_own(tmp_path: Path, key: str) -> None:
    first = safe_settings(settings(tmp_path, key, dev=True), "127.0.0.1").secret_key
    again = safe_settings(settings(tmp_path, key, dev=True), "127.0.0.1").secret_key

    assert first == again != key
    assert len(first) >= 32


def test_59_the_command_says_so_and_ends(tmp_path: Path) -> None:
    environment = {**os.environ, "TRELLIS_SECRET_KEY": "changeme"}
    command = [sys.executable, "-m", "trellis.cli.main", "serve", "--workspace", str(tmp_path)]

    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2
    assert "TRELLIS_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("key", ["dev", "changeme", "secret-key"])
def test_59_a_cookie_signed_with_a_known_key_is_nobody(depot: Depot, key: str) -> None:
    browser = depot.browser()
    signer = SecureCookieSessionInterface().get_signing_serializer(_App(key))  # type: ignore[arg-type]
    assert signer is not None
    forged = str(signer.dumps({"user": depot.users[MGR], "_user_id": depot.users[MGR]}))

    for name in ("trellis", "trellis_notes", "session"):
        browser.set_cookie(name, forged)

    assert browser.get("/api/v1/me").status_code == 401


class _App:
    """What Flask's signer asks of an application."""

    def __init__(self, key: str) -> None:
        self.secret_key = key
        self.config = {"SECRET_KEY_FALLBACKS": None}


def answers(depot: Depot) -> list[TestResponse]:
    """Return answers of every sort: pages, API, refusals, files of ours, a redirect."""
    browser, stranger = signed_in(depot, MGR), depot.browser()
    return [
        browser.get("/"), browser.get("/o/order"), browser.get("/nothing/here"),
        browser.get(f"/api/v1{ORDERS}"), browser.get(f"/api/v1{ORDERS}?sort=nope"),
        browser.get("/api/v1/nothing"), browser.get("/admin/users"), browser.get("/api/docs"),
        stranger.get("/login"), stranger.get("/"), stranger.get("/api/v1/me"),
        stranger.get("/healthz"), stranger.post("/login", data={}), stranger.put("/login"),
        stranger.get("/static/mark.svg", buffered=True), stranger.get("/static/nothing.js"),
    ]  # fmt: skip


def test_65_every_answer_has_the_headers(depot: Depot) -> None:
    for answer in answers(depot):
        where = (answer.request.path, answer.status_code)
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "default-src" in policy, where
        assert "frame-ancestors" in policy, where
        assert "unsafe" not in policy, where
        assert "*" not in policy, where
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", where
        assert answer.headers.get("Referrer-Policy") == "same-origin", where
        assert "Server" not in answer.headers or "/" not in answer.headers["Server"], where


def test_65_over_tls_cookies_and_answers_say_so(own_depot: Depot) -> None:
    signed_in(own_depot, MGR)
    app = own_depot.make_app(replace(own_depot.settings, base_url="https://desk.example.com"))
    client = app.test_client()
    base = "https://desk.example.com"

    page = client.get("/login", base_url=base)

    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookies = page.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    static = client.get("/static/mark.svg", base_url=base, buffered=True)
    assert static.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("path", ["/api/v1/me", f"/api/v1{ORDERS}", "/o/order", "/static/mark.svg"])
def test_65_no_other_site_reads_with_the_browsers_cookies(depot: Depot, path: str) -> None:
    browser = signed_in(depot, MGR)
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}

    for answer in (
        browser.get(path, origin),
        browser.client.options(path, headers=origin, buffered=True),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize(
    "path",
    ["/debug", "/console", "/?__debugger__=yes&cmd=resource&f=style.css", "/.git/config", "/.env",
     "/openapi.json", "/api/openapi.json", "/swagger", "/static/../app.py", "/static/%2e%2e/app.py",
     "/static//etc/passwd", "/server-status", "/var/trellis.db", "/trellis.db", "/files/../x"],
)  # fmt: skip
@pytest.mark.parametrize("login", ["", ADM])
def test_67_what_gives_a_server_away_is_not_there(depot: Depot, path: str, login: str) -> None:
    browser = depot.browser()
    headers = {"Authorization": f"Bearer {depot.token(login)}"} if login else {}

    answer = browser.get(path, headers=headers)

    text = answer.get_data(as_text=True)
    assert answer.status_code in (303, 308, 404) or path.startswith("/?")
    assert "Werkzeug" not in text + str(answer.headers)
    assert "from __future__" not in text
    assert "[core]" not in text


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/openapi.json", "/api/docs"])
def test_67_what_tells_of_the_server_is_guarded(depot: Depot, path: str) -> None:
    token = {"Authorization": f"Bearer {depot.token(ADM)}"}

    assert depot.browser().get(path).status_code in (303, 401)
    assert depot.browser().get(path, headers=token).status_code == 200
    if path == "/metrics":
        weak = {"Authorization": f"Bearer {depot.token(CUST)}"}
        assert depot.browser().get(path, headers=weak).status_code == 403


def test_67_a_fault_shows_no_trace(depot: Depot) -> None:
    """A table taken away under the server: a plain answer, whatever went wrong inside."""
    mara, order = (
        replace(depot.caller(MGR), client=depot.make_app().test_client()),
        depot.order(MGR),
    )
    with depot.workspace.database.write() as connection:
        connection.execute(sa.text(f"ALTER TABLE {HISTORY.name} RENAME TO gone"))
    try:
        answer = mara.patch(f"{ORDERS}/{order}", {"title": "x"}, 1)
        page = mara.get_page(f"/o/order/{order}/history")
    finally:
        with depot.workspace.database.write() as connection:
            connection.execute(sa.text(f"ALTER TABLE gone RENAME TO {HISTORY.name}"))

    for one in (answer, page):
        text = one.get_data(as_text=True)
        assert one.status_code in (500, 503)
        assert not [word for word in ("Traceback", "sqlalchemy", "SELECT", HISTORY.name, SECRET)
                    if word in text]  # fmt: skip
    assert mara.patch(f"{ORDERS}/{order}", {"title": "x"}, 1).status_code == 200
