"""Approvals as offices run them: seats, votes and what they decide (flows.md 2).

Read `work` (a seat is a piece of work), `voting` (pure: which seats are open, what the votes
decide), `rules` (what a node declares) and `rows`. What a decision means for the tokens of a flow
is in `trellis.engine.flows.approving`.
"""
