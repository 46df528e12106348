"""Giving and taking roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.access.errors import (
    AccessDeniedError,
    AccessInvalidError,
    AccessNotFoundError,
)
from trellis.access.principal import SYSTEM, Principal
from trellis.access.sign_in import Attempt
from trellis.storage.platform_tables.trail import AUDIT

from tests.fakes.gatehouse import Gatehouse


def principal_of(gate: Gatehouse, user_id: str) -> Principal:
    with gate.database.read() as connection:
        user = gate.room.directory.by_id(connection, user_id)
    assert user is not None
    return gate.room.principals.of_user(user)


def roles_of(gate: Gatehouse, user_id: str) -> frozenset[str]:
    return principal_of(gate, user_id).roles


def give(gate: Gatehouse, by: str, to: str, role: str) -> None:
    giver = principal_of(gate, by)
    with gate.database.write() as connection:
        gate.room.roles.give(connection, giver, to, role, gate.clock.now())


def take(gate: Gatehouse, by: str, of: str, role: str) -> None:
    taker = principal_of(gate, by)
    with gate.database.write() as connection:
        gate.room.roles.take(connection, taker, of, role, gate.clock.now())


def test_an_administrator_gives_and_takes_roles(gate: Gatehouse) -> None:
    boss, ann = gate.add_user("boss", "workspace_admin"), gate.add_user("ann", "clerk")

    give(gate, boss, ann, "payer")
    take(gate, boss, ann, "clerk")

    assert roles_of(gate, ann) == {"payer"}


def test_what_changed_and_by_whom_is_audited(gate: Gatehouse) -> None:
    boss, ann = gate.add_user("boss", "workspace_admin"), gate.add_user("ann", "clerk")

    give(gate, boss, ann, "payer")

    with gate.database.read() as connection:
        row = connection.execute(
            sa.select(AUDIT).where(AUDIT.c.actor == boss, AUDIT.c.action == "roles_change")
        ).mappings().one()  # fmt: skip
    assert row["record_id"] == ann
    assert row["details"] == {"given": ["payer"], "taken": []}


def test_nobody_changes_their_own_roles(gate: Gatehouse) -> None:
    boss = gate.add_user("boss", "workspace_admin")

    with pytest.raises(AccessDeniedError, match="their own roles"):
        give(gate, boss, boss, "payer")

    assert roles_of(gate, boss) == {"workspace_admin"}


@pytest.mark.parametrize("role", ["clerk", "designer", "workspace_admin"])
def test_who_does_not_administer_users_gives_nothing(gate: Gatehouse, role: str) -> None:
    designer, ann = gate.add_user("dan", "designer"), gate.add_user("ann")

    with pytest.raises(AccessDeniedError, match="administers users"):
        give(gate, designer, ann, role)

    assert roles_of(gate, ann) == frozenset()


def test_no_one_gives_administrative_rights_they_lack(gate: Gatehouse) -> None:
    desk, ann = gate.add_user("desk", "people_desk"), gate.add_user("ann")

    with pytest.raises(AccessDeniedError, match="administrative rights"):
        give(gate, desk, ann, "workspace_admin")
    give(gate, desk, ann, "clerk")

    assert roles_of(gate, ann) == {"clerk"}


def test_nobody_changes_the_roles_of_somebody_above(gate: Gatehouse) -> None:
    desk, boss = (
        gate.add_user("desk", "people_desk"),
        gate.add_user("boss", "workspace_admin"),
    )

    with pytest.raises(AccessDeniedError, match="administrative rights"):
        give(gate, desk, boss, "clerk")


def test_nobody_sets_the_password_of_somebody_above(gate: Gatehouse) -> None:
    desk, boss = (
        gate.add_user("desk", "people_desk"),
        gate.add_user("boss", "workspace_admin"),
    )
    by = principal_of(gate, desk)

    with gate.database.write() as connection, pytest.raises(AccessDeniedError):
        gate.room.set_password(connection, by, boss, "four blue elephants")


def test_duties_kept_apart_do_not_meet_in_one_person(gate: Gatehouse) -> None:
    boss, ann = gate.add_user("boss", "workspace_admin"), gate.add_user("ann", "payer")

    with pytest.raises(AccessDeniedError, match="`payer` and `approver`"):
        give(gate, boss, ann, "approver")

    assert roles_of(gate, ann) == {"payer"}


def test_an_unknown_role_is_named_with_the_likely_one(gate: Gatehouse) -> None:
    boss, ann = gate.add_user("boss", "workspace_admin"), gate.add_user("ann")

    with pytest.raises(AccessInvalidError, match="no role `clerc`") as refusal:
        give(gate, boss, ann, "clerc")

    assert refusal.value.hint == "did you mean `clerk`?"


def test_an_unknown_user_is_not_found(gate: Gatehouse) -> None:
    boss = gate.add_user("boss", "workspace_admin")

    with pytest.raises(AccessNotFoundError):
        give(gate, boss, gate.ids.new(), "clerk")


def test_the_last_administrator_stays(gate: Gatehouse) -> None:
    boss = gate.add_user("boss", "workspace_admin")
    gate.add_user("gone", "workspace_admin", active=False)

    with (
        gate.database.write() as connection,
        pytest.raises(AccessDeniedError, match="nobody would be left"),
    ):
        gate.room.roles.change(connection, SYSTEM, boss, [], gate.clock.now())

    assert roles_of(gate, boss) == {"workspace_admin"}


def test_an_administrator_may_go_when_another_stays(gate: Gatehouse) -> None:
    boss, other = (
        gate.add_user("boss", "workspace_admin"),
        gate.add_user("oma", "people_desk"),
    )

    gate.set_roles(boss, [])

    assert roles_of(gate, boss) == frozenset()
    assert roles_of(gate, other) == {"people_desk"}


@dataclass
class FakeActor:
    principal: Principal


@dataclass
class FakeTransaction:
    connection: Connection
    now: datetime
    actor: FakeActor


@dataclass
class FakeChange:
    event: str
    record_id: str
    changed: frozenset[str] = frozenset()
    new: dict[str, object] = field(default_factory=dict)
    object: str = "user"


def react(gate: Gatehouse, by: Principal, change: FakeChange) -> None:
    with gate.database.write() as connection:
        tx = FakeTransaction(connection, gate.clock.now(), FakeActor(by))
        gate.room.watch.before(tx, change)
        gate.room.watch.after(tx, change)


def leaving(user_id: str) -> FakeChange:
    return FakeChange("update", user_id, frozenset({"active"}), {"active": False})


def test_a_deactivated_user_stays_signed_out_when_activated_again(
    gate: Gatehouse,
) -> None:
    boss, ann = gate.add_user("boss", "workspace_admin"), gate.add_user("ann")
    session = gate.room.enter(Attempt("ann", "three green horses", "192.0.2.1"))

    react(gate, principal_of(gate, boss), leaving(ann))

    assert gate.room.proof_of_session(session.secret) is None


@pytest.mark.parametrize("event", ["update", "delete"])
def test_only_administrators_shut_people_out(gate: Gatehouse, event: str) -> None:
    dan, ann = gate.add_user("dan", "designer"), gate.add_user("ann")
    change = FakeChange(event, ann, frozenset({"active"}), {"active": False})

    with pytest.raises(AccessDeniedError):
        react(gate, principal_of(gate, dan), change)


def test_nobody_shuts_out_somebody_above_or_themselves(gate: Gatehouse) -> None:
    desk, boss = (
        gate.add_user("desk", "people_desk"),
        gate.add_user("boss", "workspace_admin"),
    )

    with pytest.raises(AccessDeniedError, match="administrative rights"):
        react(gate, principal_of(gate, desk), leaving(boss))
    with pytest.raises(AccessDeniedError, match="deactivates or deletes themselves"):
        react(gate, principal_of(gate, boss), leaving(boss))


def test_nobody_takes_over_an_account_by_renaming_it(gate: Gatehouse) -> None:
    dan, ann = gate.add_user("dan", "designer"), gate.add_user("ann")
    change = FakeChange("update", ann, frozenset({"login"}), {"login": "dan2", "active": True})

    with pytest.raises(AccessDeniedError):
        react(gate, principal_of(gate, dan), change)


def test_other_fields_of_users_are_the_records_business(gate: Gatehouse) -> None:
    dan, ann = gate.add_user("dan", "designer"), gate.add_user("ann")
    session = gate.room.enter(Attempt("ann", "three green horses", "192.0.2.1"))

    react(gate, principal_of(gate, dan), FakeChange("update", ann, frozenset({"phone"})))

    assert gate.room.proof_of_session(session.secret) is not None
