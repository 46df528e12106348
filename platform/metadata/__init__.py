"""Definitions: YAML or JSON files become a checked, immutable catalog.

It reads files and knows FEEL's types; it touches no database and no web framework. A package goes
through stages, and none runs on what the one before it refused: `source` (text to data in which
every value knows its place), `shape` (JSON Schema, `schema/`), `build` (data to the frozen
dataclasses of `model`), `complete` (what authors may leave out), `checks` (names, types,
expressions, flows). Read them in that order, then `package` (a folder or archive as files),
`compile` (packages to a catalog) and `scopes` (which names an expression sees where).
"""
