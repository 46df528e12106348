"""Reads: one record, pages of records, history; rights become part of the SQL.

Read `subject` (a table as expressions see it), `paths` (columns and labels), `cursor`, `pages`.
"""

from trellis.engine.query.pages import Page, PageRequest, get, page
from trellis.engine.query.trail import history

__all__ = ["Page", "PageRequest", "get", "history", "page"]
