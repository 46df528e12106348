"""`trellis user`: people of a workspace, from the command line of whoever operates it."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping

from sqlalchemy.engine import Connection
from trellis.access.errors import AccessError
from trellis.access.principal import SYSTEM as SYSTEM_PRINCIPAL
from trellis.access.users import UserRow
from trellis.cli.opening import add_workspace, open_named
from trellis.engine import records
from trellis.engine.actors import SYSTEM
from trellis.engine.errors import EngineError
from trellis.ids import new_secret
from trellis.wiring import Application


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("user", help="create users, give roles, set passwords")
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="create a user and show the password made for them")
    create.add_argument("login")
    create.add_argument("--name", help="what people call them; the login if absent")
    create.add_argument("--email")
    create.add_argument("--role", action="append", default=[], dest="roles")
    create.add_argument("--ask-password", action="store_true", help="ask instead of making one")
    password = actions.add_parser("password", help="set a password; ends sessions and tokens")
    password.add_argument("login")
    password.add_argument("--ask-password", action="store_true", help="ask instead of making one")
    for name, text in (("grant", "give a role"), ("revoke", "take a role")):
        change = actions.add_parser(name, help=text)
        change.add_argument("login")
        change.add_argument("role")
    actions.add_parser("list", help="list users and their roles")
    for action in actions.choices.values():
        add_workspace(action)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do one of the actions; exit 1 when it is refused."""
    try:
        _ACTIONS[arguments.action](open_named(arguments), arguments)
    except (AccessError, EngineError) as error:
        print(f"trellis user: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  help: {error.hint}", file=sys.stderr)
        return 1
    return 0


def _create(application: Application, given: argparse.Namespace) -> None:
    values = {"login": given.login, "name": given.name or given.login}
    if given.email:
        values["email"] = given.email
    password = _wanted_password(given)
    with application.workspace.transaction(SYSTEM) as tx:
        user_id = records.create(tx, "user", values)
        access = application.access
        access.roles.change(tx.connection, SYSTEM_PRINCIPAL, user_id, given.roles, tx.now)
        access.set_password(tx.connection, SYSTEM_PRINCIPAL, user_id, password)
    _show_password(given, password)


def _password(application: Application, given: argparse.Namespace) -> None:
    password = _wanted_password(given)
    with application.workspace.transaction(SYSTEM) as tx:
        user = _user(application, tx.connection, given.login)
        application.access.set_password(tx.connection, SYSTEM_PRINCIPAL, user.id, password)
    _show_password(given, password)


def _grant(application: Application, given: argparse.Namespace) -> None:
    _change_role(application, given, giving=True)


def _revoke(application: Application, given: argparse.Namespace) -> None:
    _change_role(application, given, giving=False)


def _change_role(application: Application, given: argparse.Namespace, *, giving: bool) -> None:
    roles = application.access.roles
    change = roles.give if giving else roles.take
    with application.workspace.transaction(SYSTEM) as tx:
        user = _user(application, tx.connection, given.login)
        change(tx.connection, SYSTEM_PRINCIPAL, user.id, given.role, tx.now)


def _list(application: Application, _given: argparse.Namespace) -> None:
    access = application.access
    with application.workspace.reading(SYSTEM) as tx:
        people = access.directory.everybody(tx.connection)
        roles = access.directory.roles_of(tx.connection, [one.id for one in people])
    for one in people:
        state = "" if one.active else " (inactive)"
        print(f"{one.login:<24} {one.name}{state}  {', '.join(sorted(roles[one.id]))}".rstrip())


def _user(application: Application, connection: Connection, login: str) -> UserRow:
    return application.access.user_named(connection, login)


def _wanted_password(given: argparse.Namespace) -> str:
    return getpass.getpass("Password: ") if given.ask_password else new_secret(120)


def _show_password(given: argparse.Namespace, password: str) -> None:
    if not given.ask_password:
        print(f"password of {given.login}, shown once: {password}")


_ACTIONS: Mapping[str, Callable[[Application, argparse.Namespace], None]] = {
    "create": _create,
    "password": _password,
    "grant": _grant,
    "revoke": _revoke,
    "list": _list,
}
