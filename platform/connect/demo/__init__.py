"""Demo data: an app's `data/demo.yaml` played through the engine's own door, in simulated time.

Read `values` (how the file's values are made), `cast` (people and records), `timing` (when stories
begin and how fast they go), then `play` (the stories).
"""
