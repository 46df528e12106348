"""Work and records that go from one person to another: absence, delegation, somebody who left.

Read `trail` (what was handed over), `work` and `owned` (what somebody has), `moving` (one piece
goes over), then who causes it: `periods` (a delegation begins or ends), `leaving` (somebody was
deactivated) and `by_hand` (a leader decides). Nothing is left without an owner: where nobody is
found, an incident says so.
"""
