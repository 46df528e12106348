"""The pages people work in: rendered by the server, complete without scripts.

Read `ports` (what pages ask of the workspace), `visit` (one request of one person), `views`
(what templates are given) and `frame` (menu and messages around a page); then the modules that
serve addresses: `start` (home, search, notifications), `record_routes`, `acting` (transitions),
`talking` (comments, pickers), `inbox`, `downloads`, `exports`, `sign_in`, `profile`,
`substitutes`, and for administration `package_pages`, `people_pages`, `operations`. `desk`,
`inbox_desk`, `accounts`, `substitute_desk` and `admin_desk` answer the ports with the engine;
`joining` and `opening` join the pages to the server.
"""

from trellis.web.pages import (
    acting,
    downloads,
    exports,
    inbox,
    operations,
    package_pages,
    people_pages,
    posting,
    profile,
    record_routes,
    sign_in,
    start,
    substitutes,
    talking,
)
from trellis.web.pages.blueprint import pages

__all__ = [
    "acting",
    "downloads",
    "exports",
    "inbox",
    "operations",
    "package_pages",
    "pages",
    "people_pages",
    "posting",
    "profile",
    "record_routes",
    "sign_in",
    "start",
    "substitutes",
    "talking",
]
