"""Approvals as offices run them: seats, votes and what they decide (flows.md 2).

Read `voting` (pure: which seats are open, what the votes decide). Opening seats, decisions and
their effects on the flow are in `trellis.engine.flows`.
"""
