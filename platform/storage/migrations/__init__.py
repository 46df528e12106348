"""Versions of the platform's own tables, run through Alembic when a workspace opens."""
