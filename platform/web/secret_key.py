"""Judges the key that signs cookies and cursors: a weak one is as good as none."""

from __future__ import annotations

MIN_BYTES = 32
MIN_LETTERS = 10
#: Words of keys that stand in manuals, examples and templates.
_DOCUMENTED = ("changeme", "change-me", "change_me", "secret-key", "secret_key", "secretkey",
               "insecure", "example", "password", "default", "your-", "your_", "trellis",
               "replace", "xxxx", "0123456789", "abcdefgh", "deadbeef")  # fmt: skip


def secret_key_mistake(key: str) -> str | None:
    """Return what is wrong with a key, None when it is good enough."""
    if not key:
        return "TRELLIS_SECRET_KEY is not set"
    size = len(key.encode("utf-8", "surrogatepass"))
    if size < MIN_BYTES:
        return f"TRELLIS_SECRET_KEY has {size} bytes, at least {MIN_BYTES} are needed"
    if len(set(key)) < MIN_LETTERS:
        return "TRELLIS_SECRET_KEY repeats itself"
    plain = key.casefold()
    word = next((word for word in _DOCUMENTED if word in plain), None)
    if word is not None:
        return f"TRELLIS_SECRET_KEY holds `{word}`, as keys in manuals do"
    return None
