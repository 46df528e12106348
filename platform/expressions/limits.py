"""How much an expression may be and do; every limit is here, and is named when it is hit."""

from __future__ import annotations

MAX_TEXT = 20_000
MAX_TOKENS = 4_000
#: Nesting of the tree. Compiling recurses a few frames a level, far below Python's own limit.
MAX_DEPTH = 100
#: Lists that one `for`, `some` or `every` walks over.
MAX_ITERATIONS = 8
#: SQLAlchemy recurses more per level than we do.
MAX_SQL_DEPTH = 60

#: Iterations of loops, filters and ranges in one evaluation.
MAX_STEPS = 200_000
#: What a power, an exponential or a pattern counts as, and how many characters are a step.
COSTLY_STEPS = 40
CHARACTERS_A_STEP = 50
MAX_LIST = 100_000
MAX_STRING = 1_000_000
#: Values inside a value that is sent.
MAX_PARTS = 150_000
#: Calls of closures inside closures.
MAX_CALLS = 40

DIGITS = 34
MAX_EXPONENT = 6_144
MAX_NUMBER_TEXT = 1_000

MAX_PATTERN = 1_000
#: Patterns that are computed cost as many steps each, and one may expand to so many parts.
PATTERN_STEPS = 5_000
MAX_PATTERN_WEIGHT = 100_000
PROPERTY_WEIGHT = 1_000
#: Steps of a pattern's program times characters of the text.
MAX_PATTERN_WORK = 1 << 28
#: Patterns that need backtracking run on short texts only and may hold few repeats.
MAX_BACKTRACK_TEXT = 256
MAX_BACKTRACK_REPEATS = 3

#: Nodes kept by a trace; what is beyond is counted, not kept.
MAX_TRACE = 2_000
#: Years of a date, as in XML Schema implementations.
MAX_YEAR = 999_999_999
