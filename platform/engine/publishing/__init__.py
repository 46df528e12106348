"""Publishing: packages become the next version of the workspace's catalog.

Read `install`, then `listed` (conditions that must become SQL).
"""
