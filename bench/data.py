"""The records of the benchmark: the same for every target, from one seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trellis.ids import format_uuid7

from bench.baseline.validation import (
    CATEGORY,
    CHANNEL,
    PRIORITY,
    REGION,
    SEVERITY,
    STATUS,
)

TODAY = datetime(2026, 3, 31, 12, tzinfo=UTC)
_WORDS = ("pump", "valve", "screen", "north", "line", "noise", "after", "restart", "leaks", "cold",
          "again", "display", "the", "since", "hall", "motor", "belt", "reads", "zero", "空调",
          "维修", "morning")  # fmt: skip
#: Ids of one kind share the upper part, so that they sort apart.
_KINDS = {"user": 1, "account": 2, "device": 3, "case": 4}


@dataclass(frozen=True)
class Size:
    """How many records there are."""

    cases: int = 100_000
    accounts: int = 5_000
    devices: int = 20_000
    users: int = 200


TINY = Size(cases=400, accounts=20, devices=40, users=20)


def identity(kind: str, number: int) -> str:
    """Return the id of the nth record of a kind."""
    return format_uuid7((_KINDS[kind] << 56) | (number << 12), number)


def token(number: int) -> str:
    """Return the API token of the nth user; secrets of a benchmark are none."""
    return f"trl_bench_{number:04d}_" + "k" * 30


def is_public(number: int) -> bool:
    """Tell whether everybody sees the nth case."""
    return number % 10 < 7


def case_values(number: int, chance: random.Random, size: Size) -> dict[str, Any]:
    """Return the 25 fields of a case by name; references are ids."""
    opened = TODAY - timedelta(seconds=chance.randrange(180 * 86_400))
    closed = chance.random() < 0.4
    return {
        "number": f"C-{number:07d}",
        "title": _text(chance, 6),
        "contact_name": f"Person {chance.randrange(9999)}",
        "contact_email": f"person{chance.randrange(9999)}@example.com",
        "contact_phone": f"+86 21 {chance.randrange(10**8):08d}",
        "location": _text(chance, 3),
        "external_key": f"X{chance.randrange(10**9):09d}",
        "description": _text(chance, 40),
        "resolution": _text(chance, 20) if closed else None,
        "status": chance.choice(STATUS),
        "priority": chance.choice(PRIORITY),
        "category": chance.choice(CATEGORY),
        "channel": chance.choice(CHANNEL),
        "severity": chance.choice(SEVERITY),
        "region": chance.choice(REGION),
        "account": identity("account", chance.randrange(size.accounts)),
        "device": identity("device", chance.randrange(size.devices)),
        "assignee": identity("user", chance.randrange(size.users)),
        "estimate": Decimal(chance.randrange(10**6)) / 100,
        "cost": Decimal(chance.randrange(10**6)) / 100,
        "opened_at": opened,
        "due_at": opened + timedelta(days=3),
        "closed_at": opened + timedelta(days=2) if closed else None,
        "is_public": is_public(number),
        "score": chance.randrange(1000),
    }


def cases(size: Size) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield id, creator and fields of every case."""
    chance = random.Random(20260331)
    for number in range(size.cases):
        creator = identity("user", chance.randrange(size.users))
        yield identity("case", number), creator, case_values(number, chance, size)


def names(kind: str, number: int) -> Iterator[tuple[str, str]]:
    """Yield id and name of the records of a kind."""
    for index in range(number):
        yield identity(kind, index), f"{kind.capitalize()} {index:05d}"


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words))
