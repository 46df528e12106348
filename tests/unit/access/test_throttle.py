"""How long somebody who guesses has to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from trellis.access.throttle import Limit, address_key

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIMIT = Limit(3, timedelta(minutes=10))


def ago(*minutes: int) -> list[datetime]:
    return [NOW - timedelta(minutes=minute) for minute in minutes]


def test_below_the_limit_there_is_no_wait() -> None:
    assert LIMIT.wait(ago(1, 2), NOW) == 0


def test_at_the_limit_one_waits_until_the_oldest_that_counts_is_forgotten() -> None:
    assert LIMIT.wait(ago(1, 2, 4), NOW) == 6 * 60


def test_failures_before_the_window_do_not_count() -> None:
    assert LIMIT.wait(ago(1, 2, 11), NOW) == 0


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("not an address", "unknown"),
        ("", "unknown"),
    ],
)
def test_one_machine_counts_as_one_address(address: str, key: str) -> None:
    assert address_key(address) == key
