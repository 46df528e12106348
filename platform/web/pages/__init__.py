"""The pages people work in: rendered by the server, complete without scripts.

Read `ports` (what pages ask of the workspace), `visit` (one request of one person), `views`
(what templates are given) and `frame` (menu and messages around a page); then the modules that
serve addresses: `start` (home, search, notifications), `record_routes`, `acting` (transitions),
`talking` (comments, pickers), `inbox`. `lists`, `record`, `editing` and `timeline` make the views.
"""

from trellis.web.pages import acting, inbox, record_routes, start, talking
from trellis.web.pages.blueprint import pages

__all__ = ["acting", "inbox", "pages", "record_routes", "start", "talking"]
