"""The checked definitions as frozen dataclasses; read `fields`, `objects`, then `catalog`.

Pure data: no loading, no checking, no behaviour beyond reading itself.
"""
