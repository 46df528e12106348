"""Roll-ups kept right: when a child changes, what its parents aggregate is computed again.

Read `reaction`.
"""
