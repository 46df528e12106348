"""Reads what callers send, strictly: what is not understood is refused, never guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from flask import request
from trellis.engine.errors import InvalidError, LimitError, PreconditionError, problem
from trellis.problems import suggest
from trellis.web.refusals import MalformedError, WrongTypeError
from werkzeug.datastructures import MultiDict

MAX_BODY = 2 * 1024 * 1024
MAX_BULK_BODY = 32 * 1024 * 1024
MAX_DEPTH = 64
MAX_KEYS = 5_000
_REV = re.compile(r'(?:W/)?"(\d{1,9})"|(\d{1,9})', re.ASCII)


@dataclass(frozen=True)
class Body:
    """What was sent: the bytes, and the JSON object in them; numbers with a point are Decimal."""

    raw: bytes
    value: dict[str, Any]


NO_BODY = Body(b"", {})


def json_body(limit: int = MAX_BODY, *, optional: bool = False) -> Body:
    """Return the request's JSON object; an empty one for no body at all where it is optional."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise WrongTypeError("WRONG_TYPE", "send the body uncompressed")
    if (request.content_length or 0) > limit:
        raise LimitError("TOO_LARGE", f"at most {limit // 1024} KiB fit here")
    raw = request.stream.read(limit + 1)
    if len(raw) > limit:
        raise LimitError("TOO_LARGE", f"at most {limit // 1024} KiB fit here")
    if not raw and optional:
        return NO_BODY
    if request.mimetype != "application/json":
        raise WrongTypeError("WRONG_TYPE", "send `Content-Type: application/json`")
    value = parse_json(raw)
    if not isinstance(value, dict):
        raise MalformedError("BAD_JSON", "send a JSON object")
    return Body(raw, value)


def parse_json(raw: bytes) -> Any:
    """Return the value of strict JSON.

    The fast parser decides about syntax, encoding, NaN and lone surrogates; the second reading
    finds duplicate keys, which validators and stores could otherwise read differently, and
    keeps numbers exact.
    """
    try:
        orjson.loads(raw)
        value = json.loads(
            raw,
            object_pairs_hook=_unique,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError) as error:
        raise MalformedError("BAD_JSON", f"this is no JSON: {_short(error)}") from None
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth_exceeds(value, MAX_DEPTH):
        raise MalformedError("BAD_JSON", f"this is nested deeper than {MAX_DEPTH}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"`{twice[:80]}` is there twice")
    if len(made) > MAX_KEYS:
        raise ValueError(f"an object has more than {MAX_KEYS} keys")
    return made


def _decimal(text: str) -> Decimal:
    if len(text) > 400:
        raise ValueError("a number is too long")
    return Decimal(text)


def _constant(text: str) -> Any:
    raise ValueError(f"`{text}` is no number")


def _short(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)[:200]


def _depth_exceeds(value: Any, limit: int) -> bool:
    level: list[Any] = [value]
    for _ in range(limit + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def check_keys(body: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise InvalidError naming every key that is not known."""
    problems = [
        {
            **problem(key, "UNKNOWN_KEY", f"`{key}` is not known here"),
            "hint": suggest(key, known),
        }
        for key in body
        if key not in known
    ]
    if problems:
        raise InvalidError(problems)


def query_of(known: Collection[str]) -> Mapping[str, str]:
    """Return the parameters of the address; unknown and repeated ones are refused by name."""
    arguments: MultiDict[str, str] = request.args
    problems: list[dict[str, Any]] = []
    for name, values in arguments.lists():
        if name not in known:
            problems.append({**problem(name, "UNKNOWN_PARAMETER", f"`{name}` is no parameter here"),
                             "hint": suggest(name, known)})  # fmt: skip
        elif len(values) > 1:
            problems.append(problem(name, "REPEATED", f"`{name}` is there {len(values)} times"))
        elif "\x00" in values[0] or not _encodes(values[0]):
            problems.append(problem(name, "TYPE", "holds characters that cannot be stored"))
    if problems:
        raise InvalidError(problems)
    return {name: values[0] for name, values in arguments.lists()}


def _encodes(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" or letter == "\ufffd" for letter in text)


def names_of(text: str | None) -> tuple[str, ...]:
    """Return the names of a comma-separated parameter."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def whole_number(name: str, text: str, lowest: int, highest: int) -> int:
    """Return a parameter's whole number; InvalidError when it is none or out of bounds."""
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII) or not lowest <= int(text) <= highest:
        raise InvalidError([problem(name, "TYPE", f"is a whole number from {lowest} to {highest}")])
    return int(text)


def flag(name: str, text: str | None) -> bool:
    """Return a parameter's truth; InvalidError for anything but 1, 0, true and false."""
    known = {None: False, "1": True, "true": True, "0": False, "false": False}
    if text not in known:
        raise InvalidError([problem(name, "TYPE", "is `1` or `0`")])
    return known[text]


def required_rev() -> int:
    """Return the revision of `If-Match`; PreconditionError without one."""
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionError
    found = _REV.fullmatch(header.strip())
    if found is None:
        raise InvalidError(
            [problem("If-Match", "TYPE", 'is the record\'s revision, such as `"3"`')]
        )
    return int(found[1] or found[2])


def text_of(body: Mapping[str, Any], key: str, limit: int) -> str:
    """Return a text of a body, empty when it is absent; InvalidError when it is none."""
    value = body.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise InvalidError([problem(key, "TYPE", f"is a text of at most {limit} characters")])
    return value


def mapping_of(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object of a body, empty when it is absent; InvalidError when it is none."""
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidError([problem(key, "TYPE", "is an object")])
    return value
