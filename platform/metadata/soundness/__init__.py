"""Whether a flow can always end: no deadlock, no dead node, no token lost or multiplied.

Read `net` (a level of a flow as places and moves), `reduce` (what is plainly sound is folded
away), `explore` (every state of what is left, up to a bound) and `verdict` (what is told of it).
A sub counts as one node of the level around it, and is looked at by itself.
"""

from trellis.metadata.soundness.verdict import flow_problems

__all__ = ["flow_problems"]
