"""What the event log and the records tell: exports for process mining, later metrics and reports.

Read `event_export`. This room reads through the engine and writes nothing.
"""
