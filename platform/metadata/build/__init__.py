"""Checked shapes become the model; read `reading` first, then one module per kind of file.

A builder trusts the JSON Schema and reports only what a schema cannot say.
"""
