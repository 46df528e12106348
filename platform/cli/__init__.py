"""The `trellis` command: one module a command, each adds its parser and runs.

Read `main`.
"""
