"""Record rules: what happens when a record is created, changed, moved or deleted.

Read `plan` (rules compiled for an object), then `reaction` (when they run).
"""
