"""The command `junban device`: kiosks and boards, each a browser enrolled for one office."""

import argparse
from typing import Any

from ticketing.audit import Audit, Entry
from ticketing.clock import rfc3339
from ticketing.commands.operation import UnknownOffice, carry_out
from ticketing.commands.options import common_options
from ticketing.config import Config
from ticketing.devices import KINDS, Device, Devices
from ticketing.storage.database import Database


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    device = subparsers.add_parser("device", help="enrol, list and revoke kiosks and boards")
    actions = device.add_subparsers(metavar="ACTION", required=True)
    adding = actions.add_parser("add", parents=[common_options()], help="print a link that enrols one browser, once")
    adding.add_argument("--office", required=True, metavar="ID", help="the only office the device will work for")
    adding.add_argument("--kind", required=True, choices=KINDS)
    adding.add_argument("--label", default="", help="where it stands; never about a person")
    adding.set_defaults(run=run, action=add)
    listing = actions.add_parser("list", parents=[common_options()], help="print every device and open invitation")
    listing.set_defaults(run=run, action=list_devices)
    revoking = actions.add_parser("revoke", parents=[common_options()], help="shut a device out, or an invitation")
    revoking.add_argument("id", metavar="ID")
    revoking.set_defaults(run=run, action=revoke)


def run(args: argparse.Namespace) -> int:
    """Carries out the action that was asked for."""
    code: int = args.action(args)
    return code


def add(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        if config.office(args.office) is None:
            raise UnknownOffice
        code = await Devices(file).invite(args.office, args.kind, args.label, entry.at, entry)
        print(f"{config.server.public_url}/enrol#{code}")

    return carry_out(args, work, "device.invite", begins=True)


def list_devices(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Audit(file).record(entry)
        for device in await Devices(file).list():
            print(_line(device))

    return carry_out(args, work, "device.list")


def revoke(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Devices(file).revoke(args.id, entry.at, entry)

    return carry_out(args, work, "device.revoke", args.id)


def _line(device: Device) -> str:
    return "\t".join((device.id, device.office_id, device.kind, _state(device), device.label))


def _state(device: Device) -> str:
    if device.revoked_at is not None:
        return f"revoked {rfc3339(device.revoked_at)}"
    if device.enrolled_at is not None:
        return f"enrolled {rfc3339(device.enrolled_at)}"
    return "invited"
