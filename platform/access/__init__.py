"""Who somebody is, and how they prove it: principals, sign-in, sessions, tokens, roles.

It reads the records of the built-in object `user` and owns the platform tables of
`storage.platform_tables.access`; users are written through `engine.records` like any record.
What a principal may do with records is compiled by the engine from the roles.

Read `principal` (the value everything above asks for), `errors`, `passwords` and `secrets`
(pure rules), `users` (the table of users), then `principals` (one statement a request),
`throttle` and `sign_in`, `sessions`, `tokens`, `roles` and `watch`. `room` puts them together.
"""
