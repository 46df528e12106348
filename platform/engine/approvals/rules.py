"""The counting rule that an approval node declares."""

from __future__ import annotations

from trellis.engine.approvals.voting import Mode, VotingRule
from trellis.metadata.model.flows import Node


def voting_rule(node: Node) -> VotingRule:
    """Return the counting rule that an approval node declares."""
    settings = node.settings
    vote = settings.get("vote")
    percent = count = None
    if isinstance(vote, str) and vote.endswith("%"):
        percent = int(vote[:-1])
    elif vote is not None:
        count = int(str(vote))
    return VotingRule(
        mode=Mode(node.mode or "any"),
        reject_all=settings.get("reject") == "all",
        veto=settings.get("veto") is not False,
        percent=percent,
        count=count,
        over=settings.get("over") is True,
        wait_all=settings.get("wait") == "all",
    )
