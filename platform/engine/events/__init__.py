"""The event log: who did what to which case, from when to when; the ground of process analysis.

Read `entries` (one row), then `log` (writing and reading them).
"""
