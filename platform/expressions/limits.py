"""How much one expression may be and do; every limit is named in the problem that it raises."""

MAX_TEXT = 20_000
MAX_DEPTH = 120
MAX_NODES = 5_000
#: Iterations of `for`, `some`, `every` and filters, and elements of ranges, in one evaluation.
MAX_STEPS = 100_000
MAX_LIST = 100_000
MAX_STRING = 1_000_000
DIGITS = 34
#: Larger exponents than decimal128 has are null.
MAX_EXPONENT = 6_111
