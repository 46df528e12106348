"""Calls of flows to other systems: only where the settings allow, and what their answers mean."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from trellis.connect.http_calls import HttpCalls
from trellis.engine.jobs.errands import ErrandError


class Handler(BaseHTTPRequestHandler):
    """Answers with the status in the path, and keeps the headers it got."""

    seen: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        Handler.seen.append({**dict(self.headers), "body": body.decode()})
        status = int(self.path.strip("/"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1/")
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"size": 4}' if status == 200 else b"no")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Handler.seen.clear()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def calls(**more: Any) -> HttpCalls:
    settings = {"hosts": ("api.test",), "private": True, "resolve": lambda *_: ["127.0.0.1"]}
    return HttpCalls(**{**settings, **more})


def post(calls: HttpCalls, url: str, **more: Any) -> Any:
    return calls.call("http.call", {"url": url, "method": "POST", "body": {"a": 1}, **more}, "k1")


def test_an_answer_is_read_and_the_key_is_sent(port: int) -> None:
    found = post(calls(), f"http://api.test:{port}/200")

    assert (found["status"], found["body"]) == (200, {"size": 4})
    (seen,) = Handler.seen
    assert (seen["Idempotency-Key"], seen["Host"], seen["body"]) == (
        "k1", f"api.test:{port}", '{"a":1}')  # fmt: skip


@pytest.mark.parametrize(("status", "final"), [(404, True), (503, False), (302, True)])
def test_other_answers_are_errors_by_their_status(port: int, status: int, final: bool) -> None:
    with pytest.raises(ErrandError) as caught:
        post(calls(), f"http://api.test:{port}/{status}")

    assert (caught.value.code, caught.value.final) == (f"HTTP_{status}", final)


@pytest.mark.parametrize(
    ("url", "settings", "code"),
    [
        ("http://other.test/", {}, "HTTP_HOST"),
        ("http://api.test/", {"private": False}, "HTTP_HOST"),
        ("http://api.test/", {"private": False, "resolve": lambda *_: ["169.254.169.254"]},
         "HTTP_HOST"),
        ("http://api.test/", {"private": False, "resolve": lambda *_: ["8.8.8.8", "10.0.0.1"]},
         "HTTP_HOST"),
        ("http://user@evil.test#@api.test/", {}, "HTTP_HOST"),
        ("file:///etc/passwd", {}, "HTTP_CALL"),
        ("http://api.test:1/", {}, "HTTP_UNREACHABLE"),
    ],
)  # fmt: skip
def test_what_the_settings_do_not_allow_is_not_called(
    url: str, settings: dict[str, Any], code: str
) -> None:
    with pytest.raises(ErrandError) as caught:
        post(calls(**settings), url)

    assert caught.value.code == code


def test_without_settings_nothing_is_called() -> None:
    with pytest.raises(ErrandError, match="do not allow calls"):
        post(HttpCalls(), "https://api.test/")
