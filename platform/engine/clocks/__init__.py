"""Working time: calendars, due times and short durations.

Read `working_time` (pure arithmetic over a calendar), then `durations` (`30m`, `8bh`).
"""
