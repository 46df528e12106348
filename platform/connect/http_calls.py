"""`http.call`: flows ask other systems, within what the workspace's settings allow.

Only hosts of the settings are called, at the address that was looked up and checked; nothing of
a private network unless the settings say so, no redirects, a limit of time and of size.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from trellis.engine.jobs.errands import ErrandError

#: Seconds that a call may take in all when its author says nothing, and at most.
USUAL_TIME = 10.0
MOST_TIME = 30.0
MOST_BYTES = 1_000_000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Answers after which the same call may well succeed.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, port)})


@dataclass(frozen=True)
class HttpCalls:
    """Calls other systems over HTTP."""

    hosts: tuple[str, ...] = ()
    private: bool = False
    resolve: Resolve = resolve

    def call(self, action: str, arguments: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Return status, headers and body (JSON read); ErrandError for anything but success."""
        url = str(arguments.get("url") or "")
        method = str(arguments.get("method") or "GET").upper()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or method not in METHODS:
            raise ErrandError("HTTP_CALL", f"`{method} {url}` is no call over HTTP", final=True)
        address = self._address(parts.hostname, parts.port or _port(parts.scheme))
        limit = min(float(arguments.get("timeout") or USUAL_TIME), MOST_TIME)
        return self._send(method, url, arguments, (address, key, limit))

    def _address(self, host: str, port: int) -> str:
        if not any(fnmatchcase(host.lower(), known.lower()) for known in self.hosts):
            raise ErrandError("HTTP_HOST", f"the settings do not allow calls to `{host}`",
                              final=True)  # fmt: skip
        try:
            addresses = self.resolve(host, port)
        except OSError as error:
            raise ErrandError("HTTP_UNREACHABLE", f"`{host}` is not found: {error}") from error
        for address in addresses:
            if not self.private and not ipaddress.ip_address(address.split("%")[0]).is_global:
                raise ErrandError("HTTP_HOST", f"`{host}` is in a private network", final=True)
        if not addresses:
            raise ErrandError("HTTP_UNREACHABLE", f"`{host}` has no address")
        return addresses[0]

    def _send(
        self, method: str, url: str, arguments: Mapping[str, Any], how: tuple[str, str, float]
    ) -> Mapping[str, Any]:
        address, key, limit = how
        parts = urlsplit(url)
        headers = {str(k): str(v) for k, v in dict(arguments.get("headers") or {}).items()}
        headers |= {"Host": parts.netloc.rpartition("@")[2], "Idempotency-Key": key}
        body = arguments.get("body")
        content = None
        if body is not None:
            content = body.encode() if isinstance(body, str) else orjson.dumps(body)
            if not isinstance(body, str):
                headers.setdefault("Content-Type", "application/json")
        # The checked address is called, whatever the name means a moment later.
        to = httpx.URL(url).copy_with(host=address)
        request = httpx.Request(method, to, headers=headers, content=content,
                                extensions={"sni_hostname": parts.hostname,
                                            "timeout": httpx.Timeout(limit).as_dict()})  # fmt: skip
        until = time.monotonic() + limit
        try:
            with httpx.Client(trust_env=False, follow_redirects=False) as client:
                answer = client.send(request, stream=True)
                try:
                    text = _read(answer, until)
                finally:
                    answer.close()
        except httpx.TimeoutException as error:
            raise ErrandError("HTTP_TIMEOUT", f"no answer within {limit:g} seconds") from error
        except httpx.HTTPError as error:
            raise ErrandError("HTTP_UNREACHABLE", str(error) or type(error).__name__) from error
        return _result(answer, text)


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _read(answer: httpx.Response, until: float) -> bytes:
    """Return the body; too large or too slow a one is an error."""
    found = bytearray()
    for part in answer.iter_bytes():
        found += part
        if len(found) > MOST_BYTES:
            raise ErrandError("HTTP_TOO_LARGE", f"the answer is larger than {MOST_BYTES} bytes",
                              final=True)  # fmt: skip
        if time.monotonic() > until:
            raise ErrandError("HTTP_TIMEOUT", "the answer took too long")
    return bytes(found)


def _result(answer: httpx.Response, text: bytes) -> Mapping[str, Any]:
    status = answer.status_code
    if not 200 <= status < 300:
        shown = text[:200].decode("utf-8", "replace")
        raise ErrandError(f"HTTP_{status}", f"answered {status}: {shown}",
                          final=status not in _PASSING)  # fmt: skip
    body: Any = text.decode("utf-8", "replace")
    if "json" in answer.headers.get("content-type", ""):
        try:
            body = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ErrandError("HTTP_BODY", "the answer is no JSON", final=True) from error
    return {"status": status, "headers": dict(answer.headers), "body": body}
