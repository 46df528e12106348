"""The one door: every write to a record passes `records`, every read `query`.

Read `workspace` and `transactions`, `actors`, `errors`, then `compiled` (a catalog ready to run),
`rights`, `views` (records in expressions), `records`, `query`; `flows`, `rules`, `events`, `jobs`
and `notifications` react to what happens.
"""
