"""The command `junban erasures`: the records of what was erased."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from purge_jobs.erasure_check import ErasureCheck, check_erasures
from purge_jobs.erasure_log import ErasureLog, ErasureRecord
from ticketing.audit import Audit, Entry
from ticketing.audit_check import check_audit
from ticketing.clock import rfc3339
from ticketing.commands.new_file import new_file
from ticketing.commands.operation import carry_out
from ticketing.commands.options import common_options, public_key_option
from ticketing.commands.reading import day
from ticketing.config import Config
from ticketing.hall.office import name_in
from ticketing.hall.refusals import Refusal
from ticketing.papers.sheets import ChainState, Sheet
from ticketing.signing import trusted_keys
from ticketing.storage.database import Database


class NotErased(Refusal):
    """There is no erasure record of that day and office; `junban erasures list` shows those there are."""

    code = "not_erased"
    status = 404


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    erasures = subparsers.add_parser(
        "erasures", help="list the erasure records, check their chain, write a day's certificate"
    )
    actions = erasures.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", parents=[common_options()], help="print every record")
    listing.set_defaults(run=list_records)
    verifying = actions.add_parser(
        "verify", parents=[common_options(), public_key_option()], help="check that no record was changed"
    )
    verifying.set_defaults(run=verify)
    issuing = actions.add_parser(
        "certificate",
        parents=[common_options(), public_key_option()],
        help="write the certificate of a day's erasure, a page an office",
    )
    issuing.add_argument("day", metavar="DAY", type=day, help="the business day, for example 2026-09-03")
    issuing.add_argument("--office", metavar="ID", help="of this office only (default: of each that was erased)")
    issuing.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the PDF to write")
    issuing.add_argument("--force", action="store_true", help="replace the file if there is one")
    issuing.set_defaults(run=issue)


def list_records(args: argparse.Namespace) -> int:
    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Audit(file).record(entry)
        for record in await ErasureLog(file).list():
            print(_line(record))

    return carry_out(args, work, "erasures.list")


def verify(args: argparse.Namespace) -> int:
    """Says how many records were checked; or 1, and on standard error what is wrong with them.

    Who notes the last record's hash elsewhere will see if the end is ever cut off, together with all that names it.
    """
    broken: list[str] = []

    async def work(config: Config, file: Database, entry: Entry) -> None:
        await Audit(file).record(entry)
        check = await check_erasures(file, trusted_keys(config.security.signing_key_file, args.public_keys))
        broken.extend(check.problems)
        if not broken:
            print(_checked(check))

    code = carry_out(args, work, "erasures.verify")
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else code


def issue(args: argparse.Namespace) -> int:
    """Writes the certificate; one of a chain that is not whole says so, and 1 and standard error do too."""
    # What prints papers takes 20 MB, which no other command needs, the server least of all.
    from ticketing.papers.certificate import certificate  # noqa: PLC0415

    broken: list[str] = []

    async def work(config: Config, file: Database, entry: Entry) -> None:
        trusted = trusted_keys(config.security.signing_key_file, args.public_keys)
        check, audited = await check_erasures(file, trusted), await check_audit(file, trusted)
        sheets = list(_sheets(config, check.records, args.day, args.office))
        if not sheets:
            raise NotErased
        # The record of operations says which erasure records there were, so it must be whole as well.
        broken.extend([*check.problems, *filter(None, [audited.problem])])
        content = certificate(sheets, ChainState(len(check.records), broken), entry.at)
        with new_file(args.output, force=args.force) as target:
            await Audit(file).record(entry)
            target.write(content)

    code = carry_out(args, work, "erasures.certificate", f"{args.office or 'every office'} {args.day}")
    for sentence in broken:
        print(f"The certificate says: {sentence}", file=sys.stderr)
    return 1 if broken else code


def _sheets(config: Config, records: Sequence[ErasureRecord], day: date, office_id: str | None) -> Iterator[Sheet]:
    of_day = [record for record in records if record.erasure.day == day]
    for each in dict.fromkeys(record.erasure.office_id for record in of_day):
        if office_id in (None, each):
            # Of an office that is no longer configured the records remain; its times are in the first office's zone.
            office = config.office(each)
            name, zone = (name_in(office.names, "ja"), office) if office else (each, config.offices[0])
            own = [record for record in of_day if record.erasure.office_id == each]
            yield Sheet(each, name, zone.time_zone, day, own)


def _checked(check: ErasureCheck) -> str:
    older = f", {check.unsigned} of them from before records were signed" if check.unsigned else ""
    text = f"Erasure records checked: {len(check.records)}{older}; all are as they were written."
    return f"{text}\nThe last one is {check.records[-1].id}, hash {check.records[-1].hash}." if check.records else text


def _line(record: ErasureRecord) -> str:
    erasure = record.erasure
    counts = " ".join(f"{channel}={count}" for channel, count in sorted(erasure.counts.items())) or "-"
    mark = " (as of a future time)" if erasure.is_future else ""
    return "\t".join(
        (
            str(record.id), erasure.office_id, erasure.day.isoformat(), counts, erasure.key_fingerprint or "-",
            rfc3339(erasure.finished_at) + mark, erasure.version, erasure.result, record.hash[:16],
        )
    )  # fmt: skip
