"""The one mapping from refusals and faults to HTTP: JSON for programs, a page for people."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask, Response, g, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from trellis.access.errors import (
    AccessDeniedError,
    AccessError,
    AccessInvalidError,
    AccessNotFoundError,
    NotSignedInError,
    SignInError,
    ThrottledError,
)
from trellis.engine.errors import (
    ConflictError,
    EngineError,
    ForbiddenError,
    InvalidError,
    LimitError,
    NotFoundError,
    PreconditionError,
)
from trellis.problems import Problem, ProblemsFoundError
from trellis.web.door import BadHostError
from trellis.web.refusals import MalformedError, WrongTypeError
from trellis.web.security import API_PREFIX
from werkzeug.exceptions import HTTPException, InternalServerError

_LOG = logging.getLogger("trellis.web")
#: A refusal names at most this many values; a file of 200,000 wrong keys gets no essay.
MAX_DETAILS = 100

STATUS: Mapping[type[Exception], int] = {
    NotFoundError: 404, ForbiddenError: 403, InvalidError: 422, ConflictError: 409,
    PreconditionError: 428, LimitError: 413, MalformedError: 400, WrongTypeError: 415,
    NotSignedInError: 401, SignInError: 401, ThrottledError: 429, AccessDeniedError: 403,
    AccessInvalidError: 422, AccessNotFoundError: 404,
}  # fmt: skip
_CODES = {
    400: "BAD_REQUEST", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 408: "TIMEOUT",
    413: "TOO_LARGE", 414: "TOO_LARGE", 415: "WRONG_TYPE", 416: "BAD_RANGE", 431: "TOO_LARGE",
    500: "INTERNAL", 503: "UNAVAILABLE",
}  # fmt: skip
_MESSAGES = {
    400: "the request is malformed",
    404: "there is no such address",
    405: "this address does not take this method",
    413: "the request is too large",
    415: "send `Content-Type: application/json`",
    500: "something went wrong on our side; it has been written down",
    503: "the database cannot be reached",
}


@dataclass(frozen=True)
class Refusal:
    """What an error says to whoever asked."""

    status: int
    code: str
    message: str
    hint: str | None = None
    details: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] | None = None


#: Renders a refusal as a page; given by whoever has templates.
Fault = Callable[[Refusal], Response]


def refusal_of(error: Exception) -> Refusal:
    """Return what an error says."""
    if isinstance(error, EngineError | AccessError):
        return _known_refusal(error)
    if isinstance(error, ProblemsFoundError):
        found = [problem_json(problem) for problem in error.problems]
        text = f"{len(found)} problems found" if len(found) != 1 else str(found[0]["message"])
        return Refusal(422, "PROBLEMS", text, details=found)
    if isinstance(error, BadHostError):
        return Refusal(400, "BAD_HOST", "this server does not go by that name")
    if isinstance(error, OperationalError | InterfaceError | PoolTimeoutError):
        return Refusal(503, "UNAVAILABLE", _MESSAGES[503], "try again in a moment",
                       headers={"Retry-After": "2"})  # fmt: skip
    if isinstance(error, HTTPException):
        status = error.code or 500
        text = _MESSAGES.get(status) or (error.description or error.name).rstrip(".")
        return Refusal(status, _CODES.get(status, f"HTTP_{status}"), text)
    return Refusal(500, "INTERNAL", _MESSAGES[500])


def _known_refusal(error: EngineError | AccessError) -> Refusal:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422)
    headers: dict[str, str] | None = None
    if isinstance(error, ThrottledError):
        headers = {"Retry-After": str(error.retry_after)}
    elif isinstance(error, NotSignedInError):
        headers = {"WWW-Authenticate": "Bearer"}
    return Refusal(status, error.code, error.message, error.hint, error.details, headers)


def problem_json(problem: Problem) -> dict[str, Any]:
    """Return a mistake of a definition for programs."""
    place = problem.location
    return {"file": place.file, "line": place.line, "column": place.column, "code": problem.code,
            "message": problem.message, "help": problem.help,
            "severity": problem.severity}  # fmt: skip


def json_of(refusal: Refusal) -> Response:
    """Return a refusal as JSON."""
    details = list(refusal.details[:MAX_DETAILS])
    if len(refusal.details) > MAX_DETAILS:
        more = len(refusal.details) - MAX_DETAILS
        details.append({"code": "MORE", "message": f"and {more} more"})
    body = {"code": refusal.code, "message": refusal.message[:2000], "hint": refusal.hint,
            "details": details}  # fmt: skip
    answer = Response(orjson.dumps(body, default=str), status=refusal.status,
                      mimetype="application/json")  # fmt: skip
    answer.headers.extend(dict(refusal.headers or {}))
    return answer


def install_errors(app: Flask, fault: Fault | None) -> None:
    """Answer every refusal and fault in the form its caller reads."""

    def answer(error: Exception) -> Response:
        original = getattr(error, "original_exception", None) or error
        refusal = refusal_of(original)
        g.trellis_refusal = refusal.code
        if refusal.status >= 500 and original is error:  # Flask writes down the others
            _LOG.error("%s %s failed", request.method, request.path, exc_info=original)
        if fault is None or wants_json():
            return json_of(refusal)
        page = fault(refusal)
        page.status_code = refusal.status
        page.headers.extend(dict(refusal.headers or {}))
        return page

    for kind in (EngineError, AccessError, ProblemsFoundError, BadHostError, OperationalError,
                 InterfaceError, PoolTimeoutError, HTTPException, InternalServerError):  # fmt: skip
        app.register_error_handler(kind, answer)


def wants_json() -> bool:
    """Tell whether a program asks: the API, or a caller who prefers JSON to pages."""
    if request.path.startswith(API_PREFIX):
        return True
    accepted = request.accept_mimetypes
    return accepted.best == "application/json" and not accepted.accept_html
