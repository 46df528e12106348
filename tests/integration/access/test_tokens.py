"""API tokens: narrowed, shown once, revoked at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from trellis.access.errors import (
    AccessDeniedError,
    AccessInvalidError,
    AccessNotFoundError,
)
from trellis.access.principal import SYSTEM, Principal
from trellis.access.secrets import hash_secret
from trellis.access.tokens import TokenWish, create_token, list_tokens, revoke_token
from trellis.metadata.model.access import Capability
from trellis.storage.platform_tables.access import TOKEN

from tests.fakes.gatehouse import Gatehouse


def principal_of(gate: Gatehouse, user_id: str) -> Principal:
    with gate.database.read() as connection:
        user = gate.room.directory.by_id(connection, user_id)
    assert user is not None
    return gate.room.principals.of_user(user)


def make(gate: Gatehouse, owner: Principal, wish: TokenWish) -> tuple[str, str]:
    with gate.database.write() as connection:
        return create_token(connection, gate.ids, gate.clock.now(), owner, wish, gate.catalog)


def test_a_token_stands_for_its_user(gate: Gatehouse) -> None:
    ann = gate.add_user("ann", "clerk", "designer")

    _id, token = make(gate, principal_of(gate, ann), TokenWish("nightly"))
    proof = gate.room.proof_of_token(token)

    assert proof is not None
    assert proof.principal.id == ann
    assert proof.principal.roles == {"clerk", "designer"}
    assert proof.principal.can(Capability.PACKAGES)
    assert proof.csrf == ""


def test_a_token_is_a_scanners_prefix_and_at_least_128_bits(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann"))

    tokens = {make(gate, ann, TokenWish("one"))[1] for _ in range(20)}

    assert len(tokens) == 20
    assert all(token.startswith("trl_") and len(token) >= 4 + 43 for token in tokens)


def test_a_database_reader_finds_no_token(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann"))

    _id, token = make(gate, ann, TokenWish("one"))

    with gate.database.read() as connection:
        rows = connection.execute(sa.select(TOKEN)).mappings().all()
    assert rows[0]["hash"] == hash_secret(token)
    assert token not in str(rows)


def test_a_list_shows_tokens_without_their_secret(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann", "clerk"))
    _id, token = make(gate, ann, TokenWish("one", roles=["clerk"], methods=["GET"]))

    with gate.database.read() as connection:
        (row,) = list_tokens(connection, ann.id)

    assert (row.label, row.roles, row.objects, row.methods) == (
        "one",
        ("clerk",),
        None,
        ("GET",),
    )
    assert token.startswith(row.start)
    assert token not in str(row)
    assert len(row.start) == 10


def test_a_token_is_narrowed_to_roles_objects_and_methods(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann", "clerk", "designer"))
    wish = TokenWish("one", roles=["clerk"], objects=["team"], methods=["GET"])

    proof = gate.room.proof_of_token(make(gate, ann, wish)[1])

    assert proof is not None
    assert proof.principal.roles == {"clerk"}
    assert not proof.principal.capabilities
    assert proof.principal.methods == {"GET"}
    assert proof.principal.reaches("team")
    assert not proof.principal.reaches("user")


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (
            TokenWish("one", roles=["workspace_admin"]),
            "`workspace_admin` is not one of your roles",
        ),
        (TokenWish("one", roles=[]), "could do nothing"),
        (
            TokenWish("one", objects=["trellis_token"]),
            "`trellis_token` is not one of your objects",
        ),
        (TokenWish("one", methods=["PUT"]), "`PUT` is not one of your methods"),
        (TokenWish(" "), "label"),
        (TokenWish("x" * 121), "label"),
        (TokenWish("line\nbreak"), "label"),
    ],
)
def test_a_wrong_wish_is_refused_by_name(gate: Gatehouse, wish: TokenWish, text: str) -> None:
    ann = principal_of(gate, gate.add_user("ann", "clerk"))

    with pytest.raises(AccessInvalidError, match=text):
        make(gate, ann, wish)


@pytest.mark.parametrize("days", [-1, 0, 5000])
def test_a_token_expires_in_the_future_within_ten_years(gate: Gatehouse, days: int) -> None:
    ann = principal_of(gate, gate.add_user("ann"))

    with pytest.raises(AccessInvalidError, match="expires"):
        make(gate, ann, TokenWish("one", gate.clock.now() + timedelta(days=days)))


def test_an_expired_token_proves_nobody(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann"))
    token = make(gate, ann, TokenWish("one", gate.clock.now() + timedelta(days=1)))[1]

    gate.clock.advance(timedelta(hours=23))
    before = gate.room.proof_of_token(token)
    gate.clock.advance(timedelta(hours=1))
    after = gate.room.proof_of_token(token)

    assert before is not None
    assert after is None


def test_a_token_makes_no_token(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann"))
    proof = gate.room.proof_of_token(make(gate, ann, TokenWish("one"))[1])
    assert proof is not None

    with pytest.raises(AccessDeniedError):
        make(gate, proof.principal, TokenWish("two"))


def test_a_role_taken_away_leaves_the_token_at_once(gate: Gatehouse) -> None:
    ann = gate.add_user("ann", "clerk", "designer")
    token = make(gate, principal_of(gate, ann), TokenWish("one"))[1]
    assert gate.room.proof_of_token(token) is not None

    gate.set_roles(ann, ["clerk"])
    proof = gate.room.proof_of_token(token)

    assert proof is not None
    assert proof.principal.roles == {"clerk"}
    assert not proof.principal.can(Capability.PACKAGES)


def test_a_role_given_back_does_not_widen_a_narrowed_token(gate: Gatehouse) -> None:
    ann = gate.add_user("ann", "clerk")
    token = make(gate, principal_of(gate, ann), TokenWish("one", roles=["clerk"]))[1]

    gate.set_roles(ann, ["clerk", "designer"])
    proof = gate.room.proof_of_token(token)

    assert proof is not None
    assert proof.principal.roles == {"clerk"}


def test_tokens_end_with_a_new_password(gate: Gatehouse) -> None:
    ann = gate.add_user("ann")
    token = make(gate, principal_of(gate, ann), TokenWish("one"))[1]

    with gate.database.write() as connection:
        gate.room.set_password(connection, SYSTEM, ann, "four blue elephants")

    assert gate.room.proof_of_token(token) is None


def test_tokens_of_who_is_deactivated_prove_nobody(gate: Gatehouse) -> None:
    ann = gate.add_user("ann")
    token = make(gate, principal_of(gate, ann), TokenWish("one"))[1]
    assert gate.room.proof_of_token(token) is not None

    gate.change_user(ann, active=False)

    assert gate.room.proof_of_token(token) is None


def test_a_revoked_token_proves_nobody_in_any_process(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann"))
    token_id, token = make(gate, ann, TokenWish("one"))
    other = gate.another_process()
    assert other.proof_of_token(token) is not None

    with gate.database.write() as connection:
        revoke_token(connection, gate.ids, gate.clock.now(), ann, token_id)

    assert other.proof_of_token(token) is None


def test_nobody_revokes_the_token_of_another(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann"))
    bob = principal_of(gate, gate.add_user("bob"))
    token_id, token = make(gate, ann, TokenWish("one"))

    with gate.database.write() as connection, pytest.raises(AccessNotFoundError):
        revoke_token(connection, gate.ids, gate.clock.now(), bob, token_id)

    assert gate.room.proof_of_token(token) is not None


@pytest.mark.parametrize("token", ["", "trl_", "trl_" + "x" * 5000, "trl_\x00", "trl_\ud800"])
def test_what_is_no_token_proves_nobody(gate: Gatehouse, token: str) -> None:
    assert gate.room.proof_of_token(token) is None


def test_a_change_of_the_user_record_is_seen_at_the_next_request(
    gate: Gatehouse,
) -> None:
    ann = gate.add_user("ann")
    token = make(gate, principal_of(gate, ann), TokenWish("one"))[1]
    assert gate.room.proof_of_token(token) is not None

    gate.change_user(ann, name="Ann Lee", language="zh-CN")
    proof = gate.room.proof_of_token(token)

    assert proof is not None
    assert (proof.principal.name, proof.principal.locale) == ("Ann Lee", "zh-CN")


def test_use_is_remembered_once_an_hour(gate: Gatehouse) -> None:
    ann = principal_of(gate, gate.add_user("ann"))
    token = make(gate, ann, TokenWish("one"))[1]
    first = gate.clock.now()

    gate.room.proof_of_token(token)
    gate.clock.advance(timedelta(minutes=30))
    gate.room.proof_of_token(token)
    with gate.database.read() as connection:
        (row,) = list_tokens(connection, ann.id)

    assert row.used_at == first
