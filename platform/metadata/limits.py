"""How large a definition may be."""

MAX_BYTES = 8 * 2**20
MAX_DEPTH = 64
#: Values and keys in one file; more belongs into one file a definition.
MAX_NODES = 150_000
#: Fields of one object: what fits into a table of every database.
MAX_FIELDS = 1_000
