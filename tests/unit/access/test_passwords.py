"""Which passwords are good enough, and how they are compared."""

from __future__ import annotations

import pytest
from trellis.access.passwords import MAX_LENGTH, Passwords, password_mistake

from tests.fakes.gatehouse import cheap_passwords


@pytest.mark.parametrize(
    "password",
    [
        "three green horses",
        "长长的密码很难猜到吧对不对",
        "kR7!pq2zLm",
        "Tr0ub4dor&3xyz",
        "x y z w v u t",
    ],
)
def test_a_password_nobody_tries_first_is_good(password: str) -> None:
    assert password_mistake(password, login="ann", name="Ann Lee") is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 10"),
        ("x" * (MAX_LENGTH + 1), "at most"),
        ("Password123!", "tried first"),
        ("p@ssw0rd2026", "tried first"),
        ("changeme1234", "tried first"),
        ("iloveyou!!!!", "tried first"),
        ("aaaaaaaaaaaa", "repeats or counts"),
        ("1234567890", "repeats or counts"),
        ("20261124093", "repeats or counts"),
        ("abcdabcdabcd", "repeats or counts"),
        ("margaret2026", "user's name"),
        ("with\x00a nul in it", "control"),
        ("with\ud800a surrogate", "control"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, reason: str) -> None:
    mistake = password_mistake(password, login="margaret", name="Margaret Ho")

    assert mistake is not None
    assert reason in mistake


def test_a_password_fits_its_own_hash_only() -> None:
    passwords = cheap_passwords()

    stored = passwords.hash("three green horses")

    assert passwords.fits("three green horses", stored)
    assert not passwords.fits("three green horse", stored)


def test_the_same_letters_fit_whatever_keyboard_sent_them() -> None:
    passwords = cheap_passwords()

    stored = passwords.hash("caf\u00e9 au lait noir")

    assert passwords.fits("cafe\u0301 au lait noir", stored)


def test_nobody_has_the_password_of_nobody() -> None:
    assert not cheap_passwords().fits("nobody has this password", None)


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$broken"])
def test_a_broken_hash_fits_nothing_and_breaks_nothing(stored: str) -> None:
    assert not cheap_passwords().fits("plain", stored)


@pytest.mark.parametrize("password", ["\ud800" * 20, "x" * 1_000_000, "\x00" * 20])
def test_hostile_passwords_fit_nothing_and_break_nothing(password: str) -> None:
    passwords = cheap_passwords()

    assert not passwords.fits(password, passwords.hash("three green horses"))


def test_a_hash_of_cheaper_parameters_is_stale() -> None:
    assert Passwords().is_stale(cheap_passwords().hash("three green horses"))


def test_hashes_are_argon2id() -> None:
    assert Passwords().hash("three green horses").startswith("$argon2id$")
