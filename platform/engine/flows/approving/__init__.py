"""What approvals do to the flow they stand in (flows.md 2).

Read `opening` (a token arrives on an approval), `acting` (which action does what), `deciding` (a
seat is decided), `closing` (the approval is), `returning`, `requesting`, `administering` and
`telling`; `seating` writes seats and history, `facts` answers questions about the record. What
votes mean is in `trellis.engine.approvals`, which knows nothing of tokens.
"""
