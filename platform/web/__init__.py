"""Everything spoken over HTTP: pages, the API and the addresses that operations watch.

The only room that knows Flask. It translates: requests into calls of the engine and of access,
answers and refusals into HTML or JSON; it decides nothing about records and holds no SQL. Read
`app` (how the application is put together), `door` (who asks, and the catalog they meet),
`security`, `policy` and `gate` (what every request passes), `errors` (the one file of status
codes), then `api` for programs, `pages` for people and `i18n` for their languages.
"""
