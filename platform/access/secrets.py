"""Secrets that are shown once and kept as hashes: API tokens, session ids, CSRF values."""

from __future__ import annotations

import hashlib
import hmac

from trellis.ids import new_secret

TOKEN_PREFIX = "trl_"  # noqa: S105 (the mark by which leaked tokens are found)
_START = len(TOKEN_PREFIX) + 6
#: Longer texts are not ours; they are refused before they are hashed.
MAX_SECRET = 200


def new_token() -> str:
    """Return an API token of 256 bits."""
    return TOKEN_PREFIX + new_secret()


def token_start(token: str) -> str:
    """Return the letters by which a person tells one token from another."""
    return token[:_START]


def hash_secret(secret: str) -> str:
    """Return what is stored: secrets are random, so that one fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"),
                               right.encode("utf-8", "surrogatepass"))  # fmt: skip


def signed(key: str, purpose: str, text: str) -> str:
    """Return the signature of a text for one purpose."""
    return hmac.new(
        key.encode(),
        f"{purpose}\x00{text}".encode("utf-8", "surrogatepass"),
        hashlib.sha256,
    ).hexdigest()
