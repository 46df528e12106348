"""Records that people are deciding about: whom they are locked for, and what the flow is told."""

from __future__ import annotations

import pytest
from trellis.engine.errors import ConflictError

from tests.integration.engine.approvals.conftest import Votes


def test_amounts_are_locked_for_others_while_it_is_decided(votes: Votes) -> None:
    votes.claim("any", "v1", amount=10)

    with pytest.raises(ConflictError) as caught:
        votes.edit("bob", amount=20)
    votes.edit("bob", note="fine")
    votes.edit("v1", amount=30)
    votes.do("v1 approve")
    votes.edit("bob", amount=40)

    assert (caught.value.code, caught.value.details) == ("RECORD_LOCKED", [{"field": "amount"}])


def test_everything_is_locked_where_the_flow_says_so(votes: Votes) -> None:
    votes.claim("strict", "v1")

    with pytest.raises(ConflictError, match="waits for an approval"):
        votes.edit("bob", note="changed")


def test_fields_that_may_be_edited_are_written_with_the_decision(votes: Votes) -> None:
    votes.claim("strict", "v1")

    votes.do("v1 approve values=seen")

    assert votes.record()["note"] == "seen"
    assert [dict(seat.changed) for seat in votes.work()] == [{"note": "seen"}]


def test_conditions_see_the_votes_the_comments_and_who_decided(votes: Votes) -> None:
    votes.claim("all", "v1 v2")
    votes.do("v1 approve comment=good", "v2 approve comment=too")

    left = votes.case().vars

    assert [vote["vote"] for vote in left["votes"]] == ["approve", "approve"]
    assert left["comments"] == ["good", "too"]
    assert left["deciders"] == [votes.ids["v1"], votes.ids["v2"]]
