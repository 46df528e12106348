"""Messages to people inside the product; other channels come later.

Read `template` (words with `{{ FEEL }}` placeholders), then `inbox` (rows).
"""
