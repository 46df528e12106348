"""Who is to act: resolvers turn `who:` into people (flows.md 2.2).

Read `people`. It asks an `Organisation` (a port; `organisation` answers from the database) and
never guesses: nobody found is an empty answer, and the caller's `empty:` rule decides.
"""
