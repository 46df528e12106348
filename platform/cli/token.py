"""`trellis token`: API tokens, from the command line of whoever operates the workspace."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta

from trellis.access.errors import AccessError
from trellis.access.principal import SYSTEM as SYSTEM_PRINCIPAL
from trellis.access.tokens import TokenWish, create_token, list_tokens, revoke_token
from trellis.cli.opening import add_workspace, open_named
from trellis.engine.actors import SYSTEM
from trellis.wiring import Application

_LIFE = re.compile(r"(\d{1,4})([hdwy])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1),
          "y": timedelta(days=365)}  # fmt: skip


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("token", help="make, list and revoke API tokens")
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="make a token and show it, this once")
    create.add_argument("login", metavar="USER")
    create.add_argument("--label", default="command line")
    create.add_argument("--expires", type=_life, default=timedelta(days=90), metavar="90d")
    for name in ("role", "object", "method"):
        create.add_argument(f"--{name}", action="append", dest=f"{name}s",
                            help=f"narrow the token to this {name}; may be repeated")  # fmt: skip
    listing = actions.add_parser("list", help="list a user's tokens")
    listing.add_argument("login", metavar="USER")
    revoke = actions.add_parser("revoke", help="revoke a token by its id")
    revoke.add_argument("token_id", metavar="ID")
    for action in actions.choices.values():
        add_workspace(action)
    parser.set_defaults(run=run)


def _life(text: str) -> timedelta:
    found = _LIFE.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("say 12h, 90d, 8w or 1y")
    return int(found[1]) * _UNITS[found[2]]


def run(arguments: argparse.Namespace) -> int:
    """Do one of the actions; exit 1 when it is refused."""
    try:
        _ACTIONS[arguments.action](open_named(arguments), arguments)
    except AccessError as error:
        print(f"trellis token: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  help: {error.hint}", file=sys.stderr)
        return 1
    return 0


def _create(application: Application, given: argparse.Namespace) -> None:
    access = application.access
    with application.workspace.transaction(SYSTEM) as tx:
        owner = access.principals.of_user(access.user_named(tx.connection, given.login))
        wish = TokenWish(given.label, tx.now + given.expires, given.roles, given.objects,
                         given.methods)  # fmt: skip
        _, token = create_token(tx.connection, tx.ids, tx.now, owner, wish, tx.compiled.catalog)
    print(token)


def _list(application: Application, given: argparse.Namespace) -> None:
    with application.workspace.reading(SYSTEM) as tx:
        user = application.access.user_named(tx.connection, given.login)
        rows = list_tokens(tx.connection, user.id)
    for row in rows:
        until = f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "for ever"
        print(f"{row.id}  {row.start}…  {row.label}  {until}")


def _revoke(application: Application, given: argparse.Namespace) -> None:
    with application.workspace.transaction(SYSTEM) as tx:
        revoke_token(tx.connection, tx.ids, tx.now, SYSTEM_PRINCIPAL, given.token_id)


_ACTIONS: Mapping[str, Callable[[Application, argparse.Namespace], None]] = {
    "create": _create,
    "list": _list,
    "revoke": _revoke,
}
