"""The command `junban staff`: accounts of the people who work at the counters."""

import argparse
import sys
from getpass import getpass
from typing import Any

from ticketing.audit import Audit, Entry
from ticketing.clock import SystemClock
from ticketing.commands.operation import UnknownOffice, carry_out
from ticketing.commands.options import common_options
from ticketing.config import Config
from ticketing.staff import EVERY_OFFICE, ROLES, Account, Staff, normal_name
from ticketing.storage.database import Database


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    staff = subparsers.add_parser("staff", help="add, list, disable and enable staff accounts, set their passwords")
    actions = staff.add_subparsers(metavar="ACTION", required=True)
    _add_parser_of_add(actions)
    listing = actions.add_parser("list", parents=[common_options()], help="print every account with roles and offices")
    listing.set_defaults(run=run, action=list_accounts)
    _named(actions, "disable", disable, "end the account's sessions and let nobody sign in to it")
    _named(actions, "enable", enable, "let a disabled account sign in again")
    password = _named(actions, "password", set_password, "set a new password and end the account's sessions")
    _add_password_option(password)


def _add_parser_of_add(actions: Any) -> None:
    adding = _named(actions, "add", add, "add an account")
    adding.add_argument(
        "--role", required=True, type=_roles, metavar="ROLE", help=f"of {', '.join(ROLES)}; with commas"
    )
    adding.add_argument(
        "--office", required=True, nargs="+", action="extend", metavar="ID", help="offices, or * for every office"
    )
    _add_password_option(adding)


def _named(actions: Any, name: str, action: Any, help_text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, parents=[common_options()], help=help_text)
    parser.add_argument("name", metavar="NAME")
    parser.set_defaults(run=run, action=action)
    return parser


def _add_password_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin", action="store_true", required=True, help="read the password from standard input, one line"
    )


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(text.split(","))
    if not roles <= set(ROLES):
        raise argparse.ArgumentTypeError(f"roles are {', '.join(ROLES)}")
    return roles


def run(args: argparse.Namespace) -> int:
    """Carries out the action that was asked for."""
    code: int = args.action(args)
    return code


def add(args: argparse.Namespace) -> int:
    password = _read_password()

    async def work(config: Config, file: Database, entry: Entry) -> None:
        for office_id in args.office:
            if office_id != EVERY_OFFICE and config.office(office_id) is None:
                raise UnknownOffice
        await Staff(file, SystemClock()).add(args.name, password, args.role, args.office, entry)

    return carry_out(args, work, "staff.add", normal_name(args.name), begins=True)


def list_accounts(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Audit(file).record(entry)
        for account in await Staff(file, SystemClock()).list():
            print(_line(account))

    return carry_out(args, work, "staff.list")


def disable(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Staff(file, SystemClock()).disable(args.name, entry)

    return carry_out(args, work, "staff.disable", normal_name(args.name))


def enable(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Staff(file, SystemClock()).enable(args.name, entry)

    return carry_out(args, work, "staff.enable", normal_name(args.name))


def set_password(args: argparse.Namespace) -> int:
    password = _read_password()

    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Staff(file, SystemClock()).set_password(args.name, password, entry)

    return carry_out(args, work, "staff.password", normal_name(args.name))


def _read_password() -> str:
    """The first line of standard input; at a terminal it is asked for and not shown."""
    if sys.stdin.isatty():
        return getpass("Password: ")
    return sys.stdin.readline().rstrip("\r\n")


def _line(account: Account) -> str:
    state = "disabled" if account.is_disabled else "enabled"
    return "\t".join((account.name, ",".join(sorted(account.roles)), ",".join(sorted(account.offices)), state))
