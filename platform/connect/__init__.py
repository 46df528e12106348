"""Data in and out: demo data, tables of records as CSV and XLSX; channels later.

Read `demo`, `tables`.
"""
