"""What approvals do to the flow they stand in (flows.md 2).

Read `opening` (a token arrives on an approval) and `deciding` (a seat is decided, the node with
it). What votes mean is in `trellis.engine.approvals`, which knows nothing of tokens.
"""
