"""Demo data: an app's `data/demo.yaml` played through the engine's own door, in simulated time.

Read `script` (what the file says), `values` (generated values), then `play`.
"""
