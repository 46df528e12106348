"""Durable pieces of work: rows with a due time, a lease and a fencing token.

Read `queue` (putting work in, in the transaction that causes it) and `worker` (doing it: claimed
in one transaction, done in another that also marks it done, so that its own effects in the
database happen once).
"""
