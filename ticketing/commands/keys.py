"""The command `junban keys`: which day keys there are, another master key or directory, the records' public key."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ticketing.audit import BEGUN, Audit, Entry
from ticketing.commands.operation import carry_out
from ticketing.commands.options import common_options
from ticketing.config import Config
from ticketing.key_place import adopt_key_place
from ticketing.key_rotation import Rotation, is_rotating, rotate
from ticketing.keys import DayKeys, KeyFileError
from ticketing.master_key import configured_master_key, make_key_file, read_key_file
from ticketing.signing import load_signing_key
from ticketing.storage.database import Database
from ticketing.storage.opening import open_database


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    keys = subparsers.add_parser(
        "keys", help="list the day keys, replace the master key or the directory, print the public key"
    )
    actions = keys.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list", parents=[common_options()], help="print office, day and fingerprint of every day key; never a key"
    )
    listing.set_defaults(run=list_keys)
    rotating = actions.add_parser(
        "rotate", parents=[common_options()], help="wrap every day key with a new master key; servers may go on running"
    )
    rotating.add_argument(
        "--to", required=True, type=Path, metavar="FILE", help="the new master key; made when there is none"
    )
    rotating.set_defaults(run=rotate_keys)
    adopting = actions.add_parser(
        "adopt",
        parents=[common_options()],
        help="take this key directory for the database's own; the one before is lost",
    )
    adopting.set_defaults(run=adopt_directory)
    public = actions.add_parser(
        "public", parents=[common_options()], help="print the public key that checks erasure records"
    )
    public.set_defaults(run=print_public_key)


def list_keys(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Audit(file).record(entry)
        for line in _lines(DayKeys(config.security.key_dir, configured_master_key(config.security, config.data_dir))):
            print(line)
        if is_rotating(config.security.key_dir):
            print("A rotation was begun and not finished: run junban keys rotate again.", file=sys.stderr)

    return carry_out(args, work, "keys.list")


def _lines(keys: DayKeys) -> Iterator[str]:
    for office_id, day in keys.days():
        try:
            fingerprint = keys.fingerprint(office_id, day) or "gone"
        except KeyFileError:
            fingerprint = "unreadable"
        yield f"{office_id}\t{day}\t{fingerprint}"


def rotate_keys(args: argparse.Namespace) -> int:
    """May be interrupted at any point and run again with the same file."""

    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Audit(file).record(replace(entry, result=BEGUN))
        rotation = _rotate(config, args.to.absolute())
        result = "ok" if rotation.is_complete else "key command still old"
        await Audit(file).record(replace(entry, target=f"{rotation.wrapped} day keys", result=result))
        print(_outcome(config, args.to, rotation))

    return carry_out(args, work, "keys.rotate")


def adopt_directory(args: argparse.Namespace) -> int:
    """Only nodes on PostgreSQL can have a wrong one."""

    async def work(config: Config, file: Database, entry: Entry) -> None:
        if not config.database.is_postgres:
            raise KeyFileError("On SQLite the key directory is whatever [security] key_dir names.")
        contacts_file = await open_database(config.database, "contacts")
        try:
            mark = await adopt_key_place(contacts_file, config.security.key_dir)
        finally:
            await contacts_file.close()
        await Audit(file).record(replace(entry, target=mark))
        print(f"The database now belongs with {config.security.key_dir} (mark {mark}).")

    return carry_out(args, work, "keys.adopt")


def _rotate(config: Config, path: Path) -> Rotation:
    master = configured_master_key(config.security, config.data_dir)
    if path == master.file:
        raise KeyFileError(f"{path} is the master key in use; name another file for the new one.")
    try:
        if not path.exists():
            make_key_file(path, config.data_dir, "The new master key", "--to")
        following = read_key_file(path, "The new master key")
        return rotate(master, following, path.read_bytes())
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.strerror else str(error)
        raise KeyFileError(f"The keys could not be rotated: {what}; run the same command again.") from None


def _outcome(config: Config, path: Path, rotation: Rotation) -> str:
    lines = [f"Day keys wrapped with the new master key: {rotation.wrapped}."]
    lines += [f"Neither master key opens {each}; it is as it was." for each in rotation.unreadable]
    if not rotation.is_complete:
        lines.append(f"Now let the key command print the key in {path}, and run this command once more.")
    elif config.security.master_key_file is not None:
        lines.append(f"{config.security.master_key_file} holds the new master key; keep {path} apart, or destroy it.")
    return "\n".join(lines)


def print_public_key(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Audit(file).record(entry)
        print(load_signing_key(config.security.signing_key_file, config.data_dir).public_pem, end="")

    return carry_out(args, work, "keys.public")
