"""Who is to act: resolvers turn `who:` into people, policies into seats (flows.md 2.2, 2.6).

Read `people` (resolvers), `delegation` (who acts for whom) and `seating` (the seats of an
approval): pure, asking only the `ports`. `organisation`, `delegations`, `decisions` and `watched`
answer those from the database. Nobody guesses: nobody found is an empty answer, and the policy's
`empty:` decides; what cannot be said is a PeopleError, which the flow makes an incident.
"""
