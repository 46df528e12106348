"""Signing in, being throttled, and how sessions end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from trellis.access.errors import SignInError, ThrottledError
from trellis.access.principal import SYSTEM
from trellis.access.secrets import hash_secret
from trellis.access.sign_in import Attempt
from trellis.storage.platform_tables.access import CREDENTIAL, LOGIN_ATTEMPT, SESSION
from trellis.storage.platform_tables.trail import AUDIT

from tests.fakes.gatehouse import PASSWORD, Gatehouse

HOME, AWAY = "192.0.2.1", "198.51.100.9"


def attempt(login: str = "ann", password: str = PASSWORD, address: str = HOME) -> Attempt:
    return Attempt(login, password, address)


def fail(gate: Gatehouse, times: int, **what: str) -> int:
    """Try a wrong password; return how many attempts were throttled."""
    throttled = 0
    for _ in range(times):
        try:
            gate.room.enter(attempt(password="wrong wrong wrong", **what))
        except ThrottledError:
            throttled += 1
        except SignInError:
            pass
    return throttled


def test_the_right_password_opens_a_session(gate: Gatehouse) -> None:
    ann = gate.add_user("ann", "clerk")

    session = gate.room.enter(attempt("  Ann "))
    proof = gate.room.proof_of_session(session.secret)

    assert proof is not None
    assert proof.principal.id == ann
    assert proof.principal.roles == {"clerk"}
    assert proof.csrf == session.csrf


@pytest.mark.parametrize(
    "what",
    [
        {"password": "three green horse"},
        {"login": "bob"},
        {"login": "gone"},
        {"login": "keyless"},
        {"login": ""},
        {"login": "\x00"},
        {"login": "a" * 5000},
        {"password": ""},
        {"login": "' or 1=1 --"},
    ],
)
def test_everything_else_gets_one_and_the_same_answer(
    gate: Gatehouse, what: dict[str, str]
) -> None:
    gate.add_user("ann")
    gate.add_user("gone", active=False)
    gate.add_user("keyless", password=None)

    with pytest.raises(SignInError) as refusal:
        gate.room.enter(attempt(**what))

    assert (refusal.value.code, refusal.value.message, refusal.value.hint) == (
        "SIGN_IN_FAILED",
        "user name or password is wrong",
        None,
    )


def test_a_database_reader_finds_no_session_id(gate: Gatehouse) -> None:
    gate.add_user("ann")

    session = gate.room.enter(attempt())

    with gate.database.read() as connection:
        rows = connection.execute(sa.select(SESSION)).mappings().all()
    assert [row["hash"] for row in rows] == [hash_secret(session.secret)]
    assert session.secret not in str(rows)


def test_signing_in_again_ends_the_session_one_came_with(gate: Gatehouse) -> None:
    gate.add_user("ann")
    first = gate.room.enter(attempt())

    second = gate.room.enter(Attempt("ann", PASSWORD, HOME, session=first.secret))

    assert second.secret != first.secret
    assert gate.room.proof_of_session(first.secret) is None
    assert gate.room.proof_of_session(second.secret) is not None


def test_signing_out_ends_the_session_in_every_process(gate: Gatehouse) -> None:
    gate.add_user("ann")
    session = gate.room.enter(attempt())
    other = gate.another_process()
    assert other.proof_of_session(session.secret) is not None

    gate.room.leave(hash_secret(session.secret))

    assert other.proof_of_session(session.secret) is None


def test_a_session_ends_after_twelve_quiet_hours(gate: Gatehouse) -> None:
    gate.add_user("ann")
    session = gate.room.enter(attempt())

    gate.clock.advance(timedelta(hours=11))
    still = gate.room.proof_of_session(session.secret)
    gate.clock.advance(timedelta(hours=11))
    used = gate.room.proof_of_session(session.secret)
    gate.clock.advance(timedelta(hours=12, seconds=1))
    quiet = gate.room.proof_of_session(session.secret)

    assert still is not None
    assert used is not None
    assert quiet is None


def test_a_session_ends_after_seven_days_however_busy(gate: Gatehouse) -> None:
    gate.add_user("ann")
    session = gate.room.enter(attempt())

    for _ in range(21):
        assert gate.room.proof_of_session(session.secret) is not None
        gate.clock.advance(timedelta(hours=8))

    assert gate.room.proof_of_session(session.secret) is None


@pytest.mark.parametrize("secret", ["", "x", "x" * 10_000, "\x00", "\ud800", "trl_x"])
def test_what_is_no_session_id_proves_nobody(gate: Gatehouse, secret: str) -> None:
    assert gate.room.proof_of_session(secret) is None


def test_a_role_change_signs_out(gate: Gatehouse) -> None:
    ann = gate.add_user("ann", "clerk")
    session = gate.room.enter(attempt())
    assert gate.room.proof_of_session(session.secret) is not None

    gate.set_roles(ann, [])

    assert gate.room.proof_of_session(session.secret) is None


def test_a_password_change_signs_out(gate: Gatehouse) -> None:
    ann = gate.add_user("ann")
    session = gate.room.enter(attempt())

    with gate.database.write() as connection:
        gate.room.set_password(connection, SYSTEM, ann, "four blue elephants")

    assert gate.room.proof_of_session(session.secret) is None
    with pytest.raises(SignInError):
        gate.room.enter(attempt())


@pytest.mark.parametrize("change", [{"active": False}, {"deleted_at": True}])
def test_who_is_deactivated_or_deleted_is_out_at_the_next_request(
    gate: Gatehouse, change: dict[str, object]
) -> None:
    ann = gate.add_user("ann")
    session = gate.room.enter(attempt())
    assert gate.room.proof_of_session(session.secret) is not None

    gate.change_user(ann, **{key: value is True and gate.clock.now() for key, value in
                             change.items()})  # fmt: skip

    assert gate.room.proof_of_session(session.secret) is None


def test_changing_ones_own_password_keeps_this_browser_and_no_other(
    gate: Gatehouse,
) -> None:
    gate.add_user("ann")
    here, there = gate.room.enter(attempt()), gate.room.enter(attempt())
    proof = gate.room.proof_of_session(here.secret)
    assert proof is not None

    fresh = gate.room.change_own_password(proof, PASSWORD, "four blue elephants", HOME)

    assert gate.room.proof_of_session(fresh.secret) is not None
    assert gate.room.proof_of_session(here.secret) is None
    assert gate.room.proof_of_session(there.secret) is None


def test_changing_ones_password_needs_the_old_one(gate: Gatehouse) -> None:
    gate.add_user("ann")
    proof = gate.room.proof_of_session(gate.room.enter(attempt()).secret)
    assert proof is not None

    with pytest.raises(SignInError):
        gate.room.change_own_password(proof, "not the old one", "four blue elephants", HOME)


def test_a_thousand_guesses_at_one_name_reach_five_hashes(gate: Gatehouse) -> None:
    gate.add_user("ann")

    throttled = fail(gate, 1000)

    assert throttled == 995
    assert gate.count(LOGIN_ATTEMPT) == 5


def test_the_honest_user_elsewhere_still_enters(gate: Gatehouse) -> None:
    gate.add_user("ann")
    fail(gate, 50)

    session = gate.room.enter(attempt(address=AWAY))

    assert gate.room.proof_of_session(session.secret) is not None


def test_one_password_over_a_thousand_names_is_slowed_by_address(
    gate: Gatehouse,
) -> None:
    refused = 0
    for number in range(1000):
        refused += fail(gate, 1, login=f"user{number}")

    assert refused == 970


def test_who_entered_from_an_address_is_not_locked_out_by_a_neighbour(
    gate: Gatehouse,
) -> None:
    gate.add_user("ann")
    gate.room.enter(attempt())
    for number in range(40):
        fail(gate, 1, login=f"user{number}")

    session = gate.room.enter(attempt())

    assert gate.room.proof_of_session(session.secret) is not None


def test_guessing_from_a_hundred_addresses_is_slowed_by_name(gate: Gatehouse) -> None:
    gate.add_user("ann")
    gate.room.enter(attempt())

    refused = sum(fail(gate, 5, address=f"203.0.113.{number}") for number in range(30))
    session = gate.room.enter(attempt())

    assert refused == 50
    assert gate.room.proof_of_session(session.secret) is not None


def test_the_wait_is_said_and_ends(gate: Gatehouse) -> None:
    gate.add_user("ann")
    fail(gate, 5)

    with pytest.raises(ThrottledError) as refusal:
        gate.room.enter(attempt())
    gate.clock.advance(timedelta(seconds=refusal.value.retry_after))

    assert 0 < refusal.value.retry_after <= 900
    assert gate.room.enter(attempt()).user_id


def test_several_processes_count_together(gate: Gatehouse) -> None:
    gate.add_user("ann")
    rooms = [gate.another_process() for _ in range(3)]
    refusals: list[str] = []

    for number in range(9):
        with pytest.raises((SignInError, ThrottledError)) as refusal:
            rooms[number % 3].enter(attempt(password="wrong wrong wrong"))
        refusals.append(type(refusal.value).__name__)

    assert refusals == ["SignInError"] * 5 + ["ThrottledError"] * 4


def test_signing_in_and_failing_are_audited_without_what_was_typed(
    gate: Gatehouse,
) -> None:
    ann = gate.add_user("ann")
    fail(gate, 1)
    fail(gate, 1, login="my secret by mistake")
    gate.room.enter(attempt())

    with gate.database.read() as connection:
        rows = connection.execute(
            sa.select(AUDIT).where(AUDIT.c.action == "sign_in").order_by(AUDIT.c.id)
        ).mappings().all()  # fmt: skip

    assert [(row["outcome"], row["record_id"]) for row in rows] == [
        ("refused", ann),
        ("refused", None),
        ("done", ann),
    ]
    assert "mistake" not in str(rows)


def test_a_hash_of_old_parameters_is_renewed_at_sign_in(gate: Gatehouse) -> None:
    ann = gate.add_user("ann")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with gate.database.write() as connection:
        connection.execute(sa.update(CREDENTIAL).values(password_hash=old))

    session = gate.room.enter(attempt())

    with gate.database.read() as connection:
        user = gate.room.directory.by_id(connection, ann)
    assert user is not None
    assert user.password_hash != old
    assert gate.room.proof_of_session(session.secret) is not None
