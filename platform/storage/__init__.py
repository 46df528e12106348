"""Definitions → tables: columns, migrations, history, files and search text.

Read `types` and `database`, then `tables` (an object's table), `names` (physical names),
`platform_tables` (the platform's own) and `schema_change`.
"""
