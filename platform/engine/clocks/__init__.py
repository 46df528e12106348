"""Working time and clocks: calendars, due times, short durations, SLA timers on records.

Read `hours` (what a calendar says), `timetable` (its years, computed once), `working_time` (the
arithmetic: pure functions), `durations` (`30m`, `8bh`) and `calendars` (calendars of the catalog
and calendars that are records).
"""
