"""Addresses inside the pages: local paths only, and query strings with one thing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import quote, urlencode

Query = Mapping[str, Sequence[str]]


def local_path(asked: str, default: str = "/") -> str:
    """Return `asked` when it is a path of ours, else `default`: no other host, no scheme."""
    if not asked.startswith("/") or asked.startswith("//") or "\\" in asked:
        return default
    # Browsers drop control characters inside addresses, so that /<tab>/host would leave us.
    if any(ord(sign) < 0x21 or ord(sign) == 0x7F for sign in asked):
        return default
    return asked


def with_query(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return `path` with the pairs that have a value."""
    query = urlencode([(name, value) for name, value in pairs if value != ""])
    return f"{path}?{query}" if query else path


def adding(path: str, pairs: Iterable[tuple[str, str]]) -> Callable[[str, str], str]:
    """Return what adds one more pair to `path` with `pairs`, which are encoded once."""
    query = urlencode([(name, value) for name, value in pairs if value != ""])

    def add(name: str, value: str) -> str:
        pair = urlencode(((name, value),)) if value != "" else ""
        whole = "&".join(part for part in (query, pair) if part)
        return f"{path}?{whole}" if whole else path

    return add


def without(query: Query, *names: str) -> list[tuple[str, str]]:
    """Return the pairs of a query but for those called `names`."""
    dropped = set(names)
    return [
        (name, value) for name, values in query.items() if name not in dropped for value in values
    ]


def record_path(object_key: str, record_id: str, *more: str) -> str:
    """Return the address of a record, or of something of it."""
    return "/".join(("", "o", quote(object_key), quote(record_id), *more))
