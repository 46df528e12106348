"""Who acts for whom, while a delegation runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from trellis.engine.assignment.delegation import (
    Delegation,
    DelegationMode,
    Matter,
    StandIn,
    covers,
    stand_in,
)

from tests.fakes.small_company import NOW

DAY = timedelta(days=1)
MATTER = Matter("leave", "request", lambda: Decimal(500))


def gives(giver: str, taker: str, **more: Any) -> Delegation:
    more = {"start": NOW - DAY, "end": NOW + DAY, **more}
    return Delegation(f"{giver}-{taker}", giver, taker, **more)


def acting(
    rules: Sequence[Delegation], *, barred: Iterable[str] = (), gone: Iterable[str] = ()
) -> StandIn:
    def book(user: str) -> list[Delegation]:
        return [rule for rule in rules if rule.giver == user]

    def able(users: Iterable[str]) -> frozenset[str]:
        return frozenset(users) - frozenset(gone)

    return stand_in("a", MATTER, NOW, book, frozenset(barred).__contains__, able)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"start": NOW}, True),
        ({"start": NOW + timedelta(microseconds=1)}, False),
        ({"end": NOW}, False),
        ({"end": NOW + timedelta(microseconds=1)}, True),
        ({"end": None}, True),
        ({"revoked_at": NOW - DAY}, False),
        ({"flows": ("leave",)}, True),
        ({"flows": ("travel",)}, False),
        ({"objects": ("request",)}, True),
        ({"objects": ("invoice",)}, False),
        ({"limit": Decimal(500)}, True),
        ({"limit": Decimal("499.99")}, False),
    ],
)
def test_a_delegation_covers_its_period_and_its_scope(more: dict[str, Any], expected: bool) -> None:
    assert covers(gives("a", "b", **more), MATTER, NOW) is expected


def test_a_limit_does_not_bar_what_has_no_amount() -> None:
    assert covers(gives("a", "b", limit=Decimal(1)), Matter("leave"), NOW)


@pytest.mark.parametrize(
    ("rules", "holder", "path"),
    [
        ([], "a", ()),
        ([gives("a", "b")], "b", ("a", "b")),
        ([gives("a", "b"), gives("b", "c")], "c", ("a", "b", "c")),
        ([gives("a", "b"), gives("b", "c"), gives("c", "d"), gives("d", "e")], "d",
         ("a", "b", "c", "d")),
        ([gives("a", "a")], "a", ()),
        ([gives("a", "b"), gives("b", "a")], "b", ("a", "b")),
        ([gives("a", "b"), gives("b", "c"), gives("c", "b")], "c", ("a", "b", "c")),
    ],
)  # fmt: skip
def test_a_chain_is_followed_to_its_end_and_never_round(
    rules: list[Delegation], holder: str, path: tuple[str, ...]
) -> None:
    assert acting(rules) == StandIn(holder, None, path)


@pytest.mark.parametrize(
    ("rules", "barred", "gone", "holder"),
    [
        ([gives("a", "b")], ["b"], [], "a"),
        ([gives("a", "b"), gives("b", "c")], ["b"], [], "c"),
        ([gives("a", "b"), gives("b", "c")], ["c"], [], "b"),
        ([gives("a", "b"), gives("b", "c")], ["b", "c"], [], "a"),
        ([gives("a", "b")], [], ["b"], "a"),
        ([gives("a", "b"), gives("b", "c")], [], ["c"], "b"),
    ],
)
def test_who_may_not_act_is_passed_over(
    rules: list[Delegation], barred: list[str], gone: list[str], holder: str
) -> None:
    assert acting(rules, barred=barred, gone=gone).holder == holder


def test_beside_the_giver_both_may_act() -> None:
    beside = gives("a", "b", mode=DelegationMode.ALSO)

    assert acting([beside]) == StandIn("a", "b", ("a", "b"))
    assert acting([beside, gives("b", "c")]) == StandIn("a", "c", ("a", "b", "c"))


def test_the_newest_delegation_that_covers_the_matter_counts() -> None:
    rules = [gives("a", "b", flows=("travel",)), gives("a", "c"), gives("a", "d")]

    assert acting(rules).holder == "c"
