"""The door of the server: who asks, whether they may, and that it is really them who ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote

from flask import Flask, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from trellis.access.errors import AccessDeniedError, NotSignedInError
from trellis.access.principal import Principal
from trellis.access.principals import Proof
from trellis.access.room import AccessRoom
from trellis.access.secrets import same, signed
from trellis.engine.actors import Actor
from trellis.engine.errors import NotFoundError
from trellis.ids import is_id, new_secret
from trellis.web.pace import PaceKeeper, costly_kind
from trellis.web.policy import Policy
from trellis.web.security import (
    API_PREFIX,
    GUEST_COOKIE,
    SESSION_COOKIE,
    Surroundings,
    is_cross_site,
)

EXTENSION = "trellis.door"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER = "Bearer "
_ID = "_id"


class BadHostError(Exception):
    """The request is for another server's name."""


@dataclass(frozen=True)
class Door:
    """What admits requests; `policies` has every endpoint."""

    access: AccessRoom
    surroundings: Surroundings
    policies: dict[str, Policy]
    secret: str
    pace: PaceKeeper = field(default_factory=PaceKeeper)

    def install(self, app: Flask) -> None:
        """Put the door before every view."""
        app.extensions[EXTENSION] = self
        app.before_request(self.admit)
        app.after_request(self.remember_guest)

    def admit(self) -> ResponseReturnValue | None:
        """Let a request pass, send it to the sign-in page, or raise a refusal."""
        if not self.surroundings.knows_host(request.host):
            raise BadHostError(request.host)
        policy = self.policies.get(request.endpoint or "")
        if policy is None:
            return None
        if policy.public:
            if policy.form and request.method not in SAFE_METHODS:
                check_csrf(self.guest_csrf(request.cookies.get(self._guest_cookie(), "")))
            return None
        found = self._prove()
        if found is None:
            return self._ask_to_sign_in()
        g.trellis_proof = found
        self._check(policy, found)
        _stop_at_no_id()
        kind = costly_kind(request)
        if kind is not None:
            self.pace.spend(kind, found.principal.id)
        return None

    def known(self) -> Proof | None:
        """Return who asks for a public view, None for a stranger."""
        return self._prove()

    def guest_csrf(self, cookie: str) -> str:
        """Return the CSRF value that belongs to a stranger's cookie."""
        return signed(self.secret, "guest csrf", cookie) if cookie else ""

    def guest_cookie(self) -> str:
        """Return the stranger's cookie, a new one (set on the answer) when there is none."""
        known = request.cookies.get(self._guest_cookie(), "")
        if known:
            return known
        if "trellis_guest" not in g:
            g.trellis_guest = new_secret(128)
        return str(g.trellis_guest)

    def _guest_cookie(self) -> str:
        return self.surroundings.cookie_name(request, GUEST_COOKIE)

    def remember_guest(self, answer: Response) -> Response:
        """Give a stranger the cookie that the forms of this page belong to."""
        made = g.get("trellis_guest")
        if made is not None:
            self.surroundings.set_cookie(answer, GUEST_COOKIE, made)
        return answer

    def _prove(self) -> Proof | None:
        header = request.headers.get("Authorization")
        if header is not None:
            if not header.startswith(_BEARER):
                return None
            return self._prove_token(header[len(_BEARER) :].strip())
        cookie = request.cookies.get(self.surroundings.cookie_name(request, SESSION_COOKIE))
        return self.access.proof_of_session(cookie) if cookie else None

    def _prove_token(self, token: str) -> Proof | None:
        """Return who a token is of; an address that guesses is slowed down, right or wrong."""
        address = request.remote_addr or ""
        self.pace.may_guess(address)
        found = self.access.proof_of_token(token)
        if found is None:
            self.pace.guessed(address)
        return found

    def _check(self, policy: Policy, found: Proof) -> None:
        principal = found.principal
        if found.session_hash:
            if request.method not in SAFE_METHODS:
                check_csrf(found.csrf)
        else:
            _check_token(principal)
        if policy.capability is not None and not principal.can(policy.capability):
            raise AccessDeniedError("FORBIDDEN", f"this needs the right `{policy.capability}`",
                                    "ask an administrator for a role that has it")  # fmt: skip

    @staticmethod
    def _ask_to_sign_in() -> Response:
        if request.path.startswith(API_PREFIX) or "Authorization" in request.headers:
            raise NotSignedInError
        wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else "/"
        target = f"/login?next={quote(wanted, safe='')}" if wanted != "/" else "/login"
        if request.headers.get("HX-Request") == "true":
            return Response(status=401, headers={"HX-Redirect": target})
        return cast(Response, redirect(target, 303))


def _stop_at_no_id() -> None:
    """Raise NotFoundError for an address with no id in it: the answer is that of nothing there."""
    for name, value in (request.view_args or {}).items():
        if name.endswith(_ID) and not is_id(value):
            raise NotFoundError(name.removesuffix(_ID))


def check_csrf(expected: str) -> None:
    """Raise AccessDeniedError unless the request carries its session's CSRF value."""
    sent = request.headers.get("X-CSRF-Token")
    if sent is None and not request.path.startswith(API_PREFIX):
        sent = request.form.get("csrf_token")
    if is_cross_site(request) or not sent or not expected or not same(sent, expected):
        raise AccessDeniedError("CSRF", "this request did not come from a page of ours",
                                "load the page again and repeat what you did")  # fmt: skip


def _check_token(principal: Principal) -> None:
    """Raise AccessDeniedError when the token was not made for this."""
    method = "GET" if request.method in SAFE_METHODS else request.method
    if principal.methods is not None and method not in principal.methods:
        raise AccessDeniedError("TOKEN_SCOPE", f"this token may not {method}")
    if principal.objects is not None:
        wanted = (request.view_args or {}).get("object_key")
        if wanted is None or wanted not in principal.objects:
            raise AccessDeniedError("TOKEN_SCOPE", "this token is for other objects")


def door() -> Door:
    """Return the door of the running application."""
    return cast(Door, current_app.extensions[EXTENSION])


def proof() -> Proof:
    """Return who asks; the view's policy made sure that somebody does."""
    return cast(Proof, g.trellis_proof)


def actor(source: str) -> Actor:
    """Return the engine's actor of this request."""
    return Actor(proof().principal, source)
