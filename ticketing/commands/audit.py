"""The command `junban audit`: the record of operations, for the privacy officer."""

import argparse
import sys
from datetime import date, datetime
from typing import Any

from ticketing.audit import Audit, AuditRow, Entry
from ticketing.audit_check import AuditCheck, check_audit
from ticketing.clock import parse, rfc3339
from ticketing.commands.operation import carry_out
from ticketing.commands.options import common_options, public_key_option
from ticketing.config import Config
from ticketing.hall.office import Office
from ticketing.signing import trusted_keys
from ticketing.storage.database import Database


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    audit = subparsers.add_parser("audit", help="read the record of operations, and check its chain")
    actions = audit.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list",
        parents=[common_options()],
        help="print operations, oldest first: id, time, who, address, what, target, office, result",
    )
    when = "a day of the first office (2026-09-03) or a time (2026-09-03T09:00:00+09:00)"
    listing.add_argument("--from", dest="since", type=_instant, metavar="TIME", help=f"the first: {when}")
    listing.add_argument("--to", dest="until", type=_instant, metavar="TIME", help="a whole day, or before a time")
    listing.add_argument("--who", metavar="WHO", help="for example staff:sato or cli:root")
    listing.set_defaults(run=run)
    verifying = actions.add_parser(
        "verify", parents=[common_options(), public_key_option()], help="check that no operation was changed or removed"
    )
    verifying.set_defaults(run=verify)


def _instant(text: str) -> date | datetime:
    try:
        found = date.fromisoformat(text) if len(text) == len("2026-09-03") else parse(text)
        if not date.min.year < found.year < date.max.year:
            raise ValueError
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"not a day and not a time with its zone: {text}") from None
    return found


def run(args: argparse.Namespace) -> int:
    """Prints one line an entry; looking at the record is itself recorded first."""

    async def work(config: Config, file: Database, entry: Entry) -> None:
        office = config.offices[0]
        audit = Audit(file)
        await audit.record(entry)
        async for row in audit.entries(_start(args.since, office), _end(args.until, office), args.who):
            print(_line(row))

    return carry_out(args, work, "audit.list")


def verify(args: argparse.Namespace) -> int:
    """Says how many operations were checked; or 1, and on standard error the first thing that is wrong with them."""
    broken: list[str] = []

    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Audit(file).record(entry)
        check = await check_audit(file, trusted_keys(config.security.signing_key_file, args.public_keys))
        if check.problem:
            broken.append(check.problem)
        else:
            print(_checked(check))

    code = carry_out(args, work, "audit.verify")
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else code


def _checked(check: AuditCheck) -> str:
    older = f", {check.older} of them from before the chain" if check.older else ""
    signed = f"signed up to {check.signed_id}" if check.signed_id else "none is signed yet"
    return (
        f"Operations checked: {check.rows}{older}; all are as they were written.\n"
        f"The last one is {check.last_id}, hash {check.last_hash}; {signed}."
    )


def _start(since: date | datetime | None, office: Office) -> datetime | None:
    if since is None or isinstance(since, datetime):
        return since
    return office.day_start(since)


def _end(until: date | datetime | None, office: Office) -> datetime | None:
    if until is None or isinstance(until, datetime):
        return until
    return office.day_end(until)


def _line(row: AuditRow) -> str:
    entry = row.entry
    fields = (entry.who, entry.address, entry.what, entry.target, entry.office_id, entry.result)
    return "\t".join((str(row.id), rfc3339(entry.at), *(field or "-" for field in fields)))
