"""The command `junban erasures`: the records of what was erased."""

import argparse
import sys
from typing import Any

from purge_jobs.erasure_log import ErasureLog, ErasureRecord, problems_of
from ticketing.audit import Audit, Entry
from ticketing.clock import rfc3339
from ticketing.commands.operation import carry_out
from ticketing.commands.options import common_options
from ticketing.config import Config
from ticketing.storage.sqlite import SqliteFile


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    erasures = subparsers.add_parser("erasures", help="list the erasure records, and check their chain")
    actions = erasures.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", parents=[common_options()], help="print every record")
    listing.set_defaults(run=list_records)
    verifying = actions.add_parser("verify", parents=[common_options()], help="check that no record was changed")
    verifying.set_defaults(run=verify)


def list_records(args: argparse.Namespace) -> int:
    async def work(config: Config, file: SqliteFile, entry: Entry) -> None:
        await Audit(file).record(entry)
        for record in await ErasureLog(file).list():
            print(_line(record))

    return carry_out(args, work, "erasures.list")


def verify(args: argparse.Namespace) -> int:
    """Says how many records were checked; or 1, and on standard error what is wrong with them."""
    broken: list[str] = []

    async def work(config: Config, file: SqliteFile, entry: Entry) -> None:
        await Audit(file).record(entry)
        records = await ErasureLog(file).list()
        broken.extend(problems_of(records))
        if not broken:
            print(f"Erasure records checked: {len(records)}; all are as they were written.")

    code = carry_out(args, work, "erasures.verify")
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else code


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
