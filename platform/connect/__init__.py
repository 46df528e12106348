"""Data in and out: demo data now; exports, imports and channels later.

Read `demo`.
"""
