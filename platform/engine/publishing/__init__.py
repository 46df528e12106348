"""Publishing: packages become the next version of the workspace's catalog.

Read `install`.
"""
