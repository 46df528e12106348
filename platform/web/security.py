"""What every answer carries and every request is checked for, whatever view it is for."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, request
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
)
from trellis.ids import new_secret

SESSION_COOKIE = "trellis"
GUEST_COOKIE = "trellis_guest"
API_PREFIX = "/api/"
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,252})?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?")

_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'{style}; img-src 'self' data: blob:;"
    " font-src 'self'; connect-src 'self'; worker-src 'self' blob:; object-src 'none';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_PAGE_CSP = _CSP.format(style="")
_API_CSP = "default-src 'none'; frame-ancestors 'none'"
_COMMON = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
#: Our own files: a picture opened by itself runs nothing, a worker loads only from here.
STATIC_HEADERS = (
    *_COMMON,
    (
        "Content-Security-Policy",
        "default-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'",
    ),
)
_HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
_PRIVATE = (("Cache-Control", "no-store"), ("Vary", "Cookie, Authorization"))
_FEATURES = (
    "Permissions-Policy",
    "geolocation=(self), camera=(self), microphone=(), payment=()",
)


@dataclass(frozen=True)
class Surroundings:
    """Where the server stands: the names it answers to, and whether people reach it by TLS."""

    hosts: frozenset[str] | None = None
    https: bool = False

    @classmethod
    def of(cls, base_url: str, *, dev: bool) -> Surroundings:
        """Return what a configured address (or development on this machine) implies."""
        if base_url:
            parts = urlsplit(base_url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError(f"TRELLIS_BASE_URL is no address of a server: {base_url!r}")
            own = parts.netloc.rpartition("@")[2].lower()
            return cls(frozenset({own}) | _loopback(dev=dev), parts.scheme == "https")
        return cls(_loopback(dev=dev) or None, https=False)

    def knows_host(self, host: str) -> bool:
        """Tell whether a Host header names this server.

        In development only loopback names do: a page elsewhere whose name is made to point
        at this machine must not speak to it.
        """
        plain = host.lower()
        if self.hosts is None:
            return _HOST.fullmatch(plain) is not None
        return plain in self.hosts or _without_port(plain) in self.hosts & _LOOPBACK_NAMES

    def is_secure(self, asked: Request) -> bool:
        """Tell whether the browser came by TLS."""
        return self.https or asked.is_secure

    def cookie_name(self, asked: Request, name: str = SESSION_COOKIE) -> str:
        """Return the name of a cookie; the prefix keeps other hosts from setting it."""
        return f"__Host-{name}" if self.is_secure(asked) else name

    def set_cookie(
        self, answer: Response, name: str, value: str, *, max_age: int | None = None
    ) -> None:
        """Set a cookie that scripts and other sites do not see."""
        answer.set_cookie(
            self.cookie_name(request, name), value, max_age=max_age, path="/", httponly=True,
            secure=self.is_secure(request), samesite="Lax",
        )  # fmt: skip

    def drop_cookie(self, answer: Response, name: str) -> None:
        """Delete a cookie."""
        answer.delete_cookie(
            self.cookie_name(request, name), path="/", httponly=True,
            secure=self.is_secure(request), samesite="Lax",
        )  # fmt: skip


def _loopback(*, dev: bool) -> frozenset[str]:
    return _LOOPBACK_NAMES if dev else frozenset()


def _without_port(host: str) -> str:
    return re.sub(r":\d{1,5}$", "", host)


def is_loopback(address: str) -> bool:
    """Tell whether an address to listen on is reached from this machine only."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def style_nonce() -> str:
    """Return this answer's nonce for a `<style>` element; the policy names it then."""
    if "trellis_nonce" not in g:
        g.trellis_nonce = new_secret(128)
    return str(g.trellis_nonce)


def add_headers(answer: Response, *, https: bool) -> Response:
    """Give an answer the headers that every answer has."""
    headers = answer.headers
    if answer.content_type == "application/json":
        wanted = [*_COMMON, *_PRIVATE]
        usual = [("Content-Security-Policy", _API_CSP)]
    else:
        wanted = [*_COMMON, *_PRIVATE] if request.endpoint != "static" else [*_COMMON]
        usual = [("Content-Security-Policy", _page_policy()), _FEATURES]
    if https:
        usual.append(_HSTS)
    # Looking for each name among the headers costs more than all the rest of this.
    known = {name.lower() for name, _ in headers}
    for name, value in wanted:
        if name.lower() in known:
            headers.remove(name)
        headers.add(name, value)
    for name, value in usual:
        if name.lower() not in known:
            headers.add(name, value)
    return answer


def _page_policy() -> str:
    nonce = g.get("trellis_nonce")
    return _PAGE_CSP if nonce is None else _CSP.format(style=f" 'nonce-{nonce}'")


def is_cross_site(asked: Request) -> bool:
    """Tell whether a browser says that another site sent this request.

    Programs send none of these headers, and have no session either.
    """
    if asked.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return True
    origin = asked.headers.get("Origin")
    if origin is None:
        return False
    return origin == "null" or urlsplit(origin).netloc.lower() != asked.host.lower()


class PageSessions(SecureCookieSessionInterface):
    """Flask's signed cookie (for messages on the next page), which the API never opens."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the cookie's content, an empty one for the API and where there is no cookie."""
        if request.path.startswith(API_PREFIX) or self.get_cookie_name(app) not in request.cookies:
            return SecureCookieSession()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, never from the API."""
        if not request.path.startswith(API_PREFIX):
            super().save_session(app, session, response)


def safe_next(asked: str, default: str = "/") -> str:
    """Return `asked` when it is a path of this server, else `default`: no host, no scheme."""
    if not asked.startswith("/") or asked.startswith("//") or "\\" in asked or len(asked) > 2000:
        return default
    # Browsers drop control characters inside addresses, so that /<tab>/host would leave us.
    if any(ord(sign) < 0x21 or ord(sign) == 0x7F for sign in asked):
        return default
    parts = urlsplit(asked)
    return default if parts.netloc or parts.scheme else asked
