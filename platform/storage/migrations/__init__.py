"""The versions of the platform's own tables, oldest first; what has landed is never edited."""
